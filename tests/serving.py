"""TCP servers of tests: when one is closed, so is every connection to it, also one that was just being welcomed."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Serving:
    """Each connection is a talk. A cut one ends quietly; what else goes wrong in it is raised at `close`."""

    def __init__(self, talk: Talk) -> None:
        self.port = 0
        self._talk = talk
        self._server: asyncio.Server | None = None
        self._talks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._wrong: list[BaseException] = []

    async def open(self, port: int = 0, *, limit: int = 2**16, **options: object) -> None:
        """Port 0: the system chooses."""
        self._server = await asyncio.start_server(self._welcome, "127.0.0.1", port, limit=limit, **options)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        # Not by the talk itself: one that is cancelled before its first step never runs.
        talks = dict(self._talks)
        for task, writer in talks.items():
            task.cancel()
            writer.transport.abort()
        await asyncio.gather(*talks, return_exceptions=True)
        # A transport lets go of its socket in the next turn of the loop.
        await asyncio.sleep(0)
        if self._wrong:
            raise self._wrong[0]

    def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._run(reader, writer))
        self._talks[task] = writer
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        del self._talks[task]
        if not task.cancelled() and (error := task.exception()):
            self._wrong.append(error)

    async def _run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, EOFError):
                await self._talk(reader, writer)
                await _flushed(writer)
        finally:
            writer.transport.abort()


async def _flushed(writer: asyncio.StreamWriter) -> None:
    """What was written last leaves before the connection is cut."""
    writer.close()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(writer.wait_closed(), 5)
