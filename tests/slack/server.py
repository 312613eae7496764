"""The fake Slack as tests and the demo use it.

    async with FakeSlack() as slack:
        ann = slack.person("ann", email="ann@cust.example")
        support = slack.channel("support", members=[ann])
        await ann.mention(support, "my printer is on fire")

An app connects to `base_url` and `socket_url` with `bot_token` and `app_token`; or gets signed requests, after
`send_to(url)`. What is faithful says which page of Slack's documentation it follows; what isn't there is refused.
"""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from aiohttp import ClientSession, TCPConnector, web

from bot.clock import Clock, HostClock
from tests.slack.api import Api
from tests.slack.calls import Calls
from tests.slack.clock import Timeline
from tests.slack.delivery import Delivery, Payload
from tests.slack.edges import Edges
from tests.slack.faults import Faults
from tests.slack.nouns import Channel, Json, Kind, Message
from tests.slack.people import Person
from tests.slack.sender import Sender
from tests.slack.socket_mode import SocketMode
from tests.slack.workspace import SCOPES, Workspace

MOST_UPLOADED = 2**30


class FakeSlack:
    """`port` 0: the system chooses. `scopes` are what the app was granted."""

    def __init__(self, clock: Clock | None = None, *, scopes: frozenset[str] = SCOPES, port: int = 0) -> None:
        self.time = Timeline(clock or HostClock())
        self.workspace = Workspace(self.time, scopes)
        self.faults = Faults()
        self.calls = Calls()
        self.socket = SocketMode(self.workspace)
        self.delivery = Delivery(self.workspace, self.faults, self.socket)
        self.workspace.outlet = self.delivery.publish
        self.port = port

    # ------------------------------------------------------------------ what an app is configured with

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.url}/api/"

    @property
    def socket_url(self) -> str:
        """Without a ticket; `apps.connections.open` gives one with."""
        return f"ws://127.0.0.1:{self.port}/link/"

    @property
    def signing_secret(self) -> str:
        return self.workspace.signing_secret

    @property
    def bot_token(self) -> str:
        return self.workspace.bot_token.value

    @property
    def app_token(self) -> str:
        return self.workspace.app_token.value

    @property
    def bot_id(self) -> str:
        """Of the app's own user."""
        return self.workspace.bot.id

    # ------------------------------------------------------------------ who and where

    def person(self, name: str, *, email: str = "", external: bool = False, kind: Kind | None = None) -> Person:
        """`external`: of another organisation, through Slack Connect. Other kinds by `kind`."""
        kind = kind or (Kind.STRANGER if external else Kind.MEMBER)
        user = self.workspace.add_user(name, kind=kind, email=email)
        return Person(user, self.workspace, self.delivery, self.faults)

    def other_bot(self, name: str) -> Person:
        user = self.workspace.add_user(name, kind=Kind.BOT, app_id="A0OTHER")
        return Person(user, self.workspace, self.delivery, self.faults)

    def channel(
        self,
        name: str,
        *,
        members: Sequence[Person] = (),
        private: bool = False,
        shared: bool = False,
        with_app: bool = True,
    ) -> Channel:
        """`shared` through Slack Connect; so it is when a stranger is in it."""
        strangers = any(person.user.kind is Kind.STRANGER for person in members)
        channel = self.workspace.add_channel(name, "private" if private else "public", shared=shared or strangers)
        channel.members = {person.id for person in members} | ({self.bot_id} if with_app else set())
        return channel

    def dm(self, person: Person) -> Channel:
        """The one with the app."""
        return self.workspace.dm(person.id)

    def user_group(self, members: Sequence[Person]) -> str:
        id_ = self.workspace.new_id("S")
        self.workspace.groups[id_] = [person.id for person in members]
        return id_

    def messages(self, channel: Channel, *, thread: Message | None = None) -> list[Message]:
        """Oldest first; all of the channel, or a thread with its root."""
        return channel.thread(thread.thread_ts or thread.ts) if thread else list(channel.messages.values())

    def delivered(self, **payload: str) -> list[Message]:
        """The messages, in whatever channel, whose metadata hold this: how often something was posted."""
        everything = (message for channel in self.workspace.channels.values() for message in channel.messages.values())
        return [one for one in everything if payload.items() <= one.metadata.get("event_payload", {}).items()]

    # ------------------------------------------------------------------ events

    @property
    def payloads(self) -> list[Payload]:
        """All that was sent to the app or tried to be, with its tries."""
        return self.delivery.payloads

    def events(self, kind: str) -> list[Payload]:
        return [payload for payload in self.payloads if payload.event.get("type") == kind]

    def publish(self, event: Json, **outer: Any) -> None:
        """Any event, true or not; `outer` changes what is around it: `team_id`, `event_id`."""
        self.delivery.publish(event, **outer)

    def release(self, *, backwards: bool = False) -> None:
        """Sends what `faults.holding` held back, and holds no more."""
        self.faults.holding = False
        self.delivery.release(backwards=backwards)

    def unfurl(self, message: Message) -> None:
        """A change that nobody made: the preview of a link."""
        self.workspace.change(message, self.workspace.bot, attachments=[{"from_url": "https://x.example", "id": 1}])

    def send_to(self, url: str) -> Sender:
        """From now on signed requests to this address instead of Socket Mode. Its `verify()` asks for the challenge."""
        sender = Sender(self.workspace, self.faults, self._session, url)
        self.delivery.carrier = sender
        return sender

    def advance(self, seconds: float) -> None:
        """Lets time pass: tries fall due, triggers, response_urls and tokens expire."""
        self.time.advance(seconds)

    # ------------------------------------------------------------------ running

    async def __aenter__(self) -> "FakeSlack":
        self._session = ClientSession(connector=TCPConnector(limit=0))
        self._runner = web.AppRunner(self._app(), shutdown_timeout=0.05, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.workspace.url = self.url
        self._ticking = asyncio.ensure_future(self.time.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.delivery.close()
        await self.socket.close()
        self._ticking.cancel()
        await self._session.close()
        await self._runner.cleanup()

    def _app(self) -> web.Application:
        edges = Edges(self.workspace, self.faults, self.calls)
        app = web.Application(client_max_size=MOST_UPLOADED)
        app.router.add_route("*", "/api/{method}", Api(self.workspace, self.faults, self.calls).handle)
        app.router.add_post("/upload/v1/{file}", edges.upload)
        app.router.add_get("/files-pri/{team}-{file}/{rest:.+}", edges.download)
        app.router.add_post("/actions/{url}", edges.respond)
        app.router.add_get("/link/", self.socket.link)
        return app
