"""A network between a client and a server on this machine: slow, cut, or swallowing everything.

async with Lag(port, delay=0.01) as net: connect to net.port. As a process: python -m tests.servers.lag PORT DELAY
"""

import asyncio
import sys
from types import TracebackType

from tests.serving import Serving

PIECE = 65_536


class Lag:
    """`delay`: seconds each way. `cut_after`: bytes of the server's that still come through, then all is cut, once.
    `swallows`: nothing comes through, and nobody is told."""

    def __init__(self, port: int, *, delay: float = 0.0) -> None:
        self.port = 0
        self.delay = delay
        self.cut_after: int | None = None
        self.swallows = False
        self.connections = 0
        self._to = port
        self._open: set[asyncio.StreamWriter] = set()
        self._serving = Serving(self._serve)

    async def __aenter__(self) -> "Lag":
        await self._serving.open()
        self.port = self._serving.port
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._serving.close()

    def cut(self) -> None:
        for writer in tuple(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._open |= {writer, back}
        try:
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer, counted=True))
        finally:
            for one in (writer, back):
                self._open.discard(one)
                one.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, counted: bool = False) -> None:
        """Each piece comes out `delay` seconds after it went in, so that many are under way at once."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(1000)
        writing = asyncio.create_task(self._write(under_way, sink, counted))
        try:
            while data := await source.read(PIECE):
                await under_way.put((asyncio.get_running_loop().time() + self.delay, data))
            await under_way.put((0, b""))
            await writing
        finally:
            writing.cancel()

    async def _write(
        self, under_way: "asyncio.Queue[tuple[float, bytes]]", sink: asyncio.StreamWriter, counted: bool
    ) -> None:
        while True:
            due, data = await under_way.get()
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()) if self.delay else 0)
            if not data:
                sink.close()
                return
            if not self.swallows:
                sink.write(self._allowed(data) if counted else data)
                await sink.drain()

    def _allowed(self, data: bytes) -> bytes:
        if self.cut_after is None:
            return data
        self.cut_after -= len(data)
        if self.cut_after > 0:
            return data
        self.cut_after = None
        # What was let through before must still arrive.
        asyncio.get_running_loop().call_soon(self.cut)
        return data[: len(data) // 2]


async def main(port: str, delay: str) -> None:
    """Prints the port and stays until standard input ends."""
    async with Lag(int(port), delay=float(delay)) as net:
        print(net.port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
