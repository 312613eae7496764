import asyncio
import errno
import json
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from connectors import http
from tests.waiting import until


@asynccontextmanager
async def serving(problem: Callable[[], str | None], routes: tuple[Route, ...] = ()) -> AsyncIterator[int]:
    sock = http.bind("127.0.0.1", 0)
    port = sock.getsockname()[1]
    task = asyncio.create_task(http.serve(http.app(problem, routes), sock))
    try:
        yield port
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def get(port: int, path: str, method: str = "GET") -> tuple[int, str, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return int(head.split()[1]), head.decode().lower(), body


async def test_it_lives_and_is_ready() -> None:
    async with serving(lambda: None) as port:
        assert (await get(port, "/livez"))[::2] == (200, b'{"live":true}')
        assert (await get(port, "/readyz"))[::2] == (200, b'{"ready":true}')


async def test_it_says_why_it_is_not_ready() -> None:
    reasons = ["draining"]
    async with serving(lambda: reasons[0] if reasons else None) as port:
        status, _, body = await get(port, "/readyz")
        assert (status, json.loads(body)) == (503, {"ready": False, "reason": "draining"})
        assert (await get(port, "/livez"))[0] == 200
        reasons.clear()
        assert (await get(port, "/readyz"))[0] == 200


async def test_other_paths_and_methods_are_refused_with_the_same_headers() -> None:
    async with serving(lambda: None) as port:
        for status, path, method in ((404, "/", "GET"), (404, "/livez/", "GET"), (405, "/livez", "POST")):
            got, head, _ = await get(port, path, method)
            assert got == status
            assert "x-content-type-options: nosniff" in head
            assert "default-src 'none'" in head
            assert "server:" not in head


async def test_a_request_under_way_is_finished_when_it_is_cancelled() -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: Request) -> PlainTextResponse:
        asked.set()
        await go_on.wait()
        return PlainTextResponse("done")

    sock = http.bind("127.0.0.1", 0)
    port = sock.getsockname()[1]
    task = asyncio.create_task(http.serve(http.app(lambda: None, [Route("/slow", slow)]), sock))
    answer = asyncio.create_task(get(port, "/slow"))
    await asyncio.wait_for(asked.wait(), 5)
    task.cancel()
    await until(lambda: _refused(port), what="the port is closed")
    go_on.set()
    assert (await answer)[::2] == (200, b"done")
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def test_a_port_in_use_is_an_oserror() -> None:
    async with serving(lambda: None) as port:
        assert (await get(port, "/livez"))[0] == 200
        with pytest.raises(OSError, match="in use") as refused:
            http.bind("127.0.0.1", port)
        assert refused.value.errno == errno.EADDRINUSE


async def test_the_desk_keeps_its_own_signal_handlers() -> None:
    before = signal.getsignal(signal.SIGTERM)
    async with serving(lambda: None) as port:
        assert (await get(port, "/livez"))[0] == 200
        assert signal.getsignal(signal.SIGTERM) is before


def _refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False
