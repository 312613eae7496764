"""A way to a Postfix that breaks at the worst moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def cutting(port: int) -> AsyncIterator[str]:
    """The address of a way to Postfix that breaks once: when Postfix has taken a mail, and before it is heard."""
    breaks, talks = [True], []

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(asyncio.current_task())
        theirs, ours = await asyncio.open_connection("127.0.0.1", port)
        forth = asyncio.create_task(_pass_on(reader, ours))
        while words := await theirs.read(65536):
            if breaks and words.startswith(b"250 2.0.0 Ok: queued"):
                breaks.clear()
                break
            writer.write(words)
        writer.transport.abort()
        await forth

    async with await asyncio.start_server(lead, "127.0.0.1", 0) as server:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.wait(talks, timeout=10)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()
