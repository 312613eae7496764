"""Socket Mode (docs.slack.dev/apis/events-api/using-socket-mode): envelopes, each over any one of the WebSockets."""

import asyncio
import contextlib
import json
import uuid

from aiohttp import WSMsgType, web

from tests.slack.delivery import Answer, Payload
from tests.slack.nouns import Json
from tests.slack.workspace import Workspace

MOST_CONNECTIONS = 10
PING_EVERY = 5.0


class Connection:
    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.frozen = False
        self.leaving = False

    async def send(self, words: Json) -> None:
        """Into nothing, when the connection is dead and nobody has noticed."""
        if not self.frozen and not self.socket.closed:
            with contextlib.suppress(ConnectionError):
                await self.socket.send_str(json.dumps(words))


class SocketMode:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.connections: list[Connection] = []
        self.acks: list[Json] = []
        self.greetings = 0
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._turn = 0
        self._arrived = asyncio.Event()

    # ------------------------------------------------------------------ from us

    async def carry(self, payload: Payload, number: int, reason: str) -> Answer:
        """Waits for a connection, sends, and waits for the acknowledgement, which may come over another one."""
        connection = await self._next()
        id_ = str(uuid.uuid4())
        acknowledged: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = acknowledged
        try:
            await connection.send(_envelope(payload, id_, number, reason))
            return await acknowledged
        finally:
            del self._waiting[id_]

    async def disconnect(self, reason: str = "refresh_requested", *, grace: float = 0.0) -> None:
        """All connections of now: told why, no longer given anything, and closed after the grace. `link_disabled`
        means that Socket Mode was switched off.
        """
        leaving = [one for one in self.connections if not one.frozen]
        if reason == "link_disabled":
            self.workspace.socket_mode = False
        for connection in leaving:
            connection.leaving = reason != "warning"
            await connection.send({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-fake"}})
        if reason == "warning":
            return
        await self.workspace.time.after(grace)
        for connection in leaving:
            await connection.socket.close()

    def freeze(self) -> None:
        """All connections of now are dead without a close: nothing comes, nothing is heard, no ping is answered."""
        for connection in self.connections:
            connection.frozen = True

    async def close(self) -> None:
        for connection in list(self.connections):
            connection.frozen = False
            await connection.socket.close()

    async def _next(self) -> Connection:
        while True:
            usable = [one for one in self.connections if not one.leaving]
            if usable:
                self._turn += 1
                return usable[self._turn % len(usable)]
            self._arrived.clear()
            await self._arrived.wait()

    # ------------------------------------------------------------------ from the app

    async def link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket")
        if ticket is not None and ticket not in self.workspace.tickets:
            return web.Response(status=401)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        connection = Connection(socket)
        if len(self.connections) >= MOST_CONNECTIONS:
            await connection.send({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}})
            await socket.close()
            return socket
        await self._talk(connection)
        return socket

    async def _talk(self, connection: Connection) -> None:
        self.connections.append(connection)
        pinging = asyncio.ensure_future(self._ping(connection))
        try:
            await connection.send(self._hello())
            self.greetings += 1
            self._arrived.set()
            await self._listen(connection)
        finally:
            pinging.cancel()
            self.connections.remove(connection)

    def _hello(self) -> Json:
        debug = {"host": "applink-fake", "build_number": 1, "approximate_connection_time": 18060}
        app = {"app_id": self.workspace.app_id}
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": debug,
            "connection_info": app,
        }

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.socket:
            if connection.frozen:
                continue
            if message.type is WSMsgType.PING:
                await connection.socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._heard(message.data)

    def _heard(self, words: str) -> None:
        ack: Json = json.loads(words)
        self.acks.append(ack)
        waiting = self._waiting.get(str(ack.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(Answer(body=ack.get("payload") or {}))

    async def _ping(self, connection: Connection) -> None:
        """Whether it's answered isn't looked at: the fake has other ways to lose a connection."""
        with contextlib.suppress(ConnectionError):
            while not connection.socket.closed:
                if not connection.frozen:
                    await connection.socket.ping(b"Ping from the fake")
                await self.workspace.time.after(PING_EVERY)


def _envelope(payload: Payload, id_: str, number: int, reason: str) -> Json:
    envelope = {"envelope_id": id_, "payload": payload.body, "type": payload.kind}
    if payload.kind != "events_api":
        return envelope | {"accepts_response_payload": True}
    retry = {"retry_attempt": number, "retry_reason": "timeout" if reason == "http_timeout" else reason}
    return envelope | {"accepts_response_payload": False} | retry
