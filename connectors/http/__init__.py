"""The one HTTP application of the desk. What other parts answer under, they hand over as routes.

sock = bind(host, port)
await serve(app(problem), sock)
"""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

Scrape = Callable[[str], Awaitable[tuple[bytes, str]]]
"""Given what the client accepts: a text of metrics, and its content type."""

# Slack brings each event on its own, hundreds at once when it makes up for an hour without us.
CONNECTIONS = 1000
GRACE_SECONDS = 2
HEADERS = [
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
]


def app(
    problem: Callable[[], str | None], routes: Sequence[BaseRoute] = (), *, scrape: Scrape | None = None
) -> Starlette:
    """`problem` gives a few words for why no requests can be taken just now, such as "draining", or None."""

    async def livez(request: Request) -> JSONResponse:
        return JSONResponse({"live": True})

    async def readyz(request: Request) -> JSONResponse:
        reason = problem()
        return JSONResponse({"ready": False, "reason": reason}, 503) if reason else JSONResponse({"ready": True})

    own = [Route("/livez", livez), Route("/readyz", readyz)]
    application = Starlette(routes=[*own, *([_metrics(scrape)] if scrape else []), *routes])
    application.router.redirect_slashes = False  # would name the Host header's choice of address
    return application


def _metrics(scrape: Scrape) -> Route:
    async def metrics(request: Request) -> Response:
        text, content_type = await scrape(request.headers.get("accept", ""))
        return Response(text, headers={"content-type": content_type})

    return Route("/metrics", metrics)


def bind(host: str, port: int) -> socket.socket:
    """Take the port, any free one for 0. From then on connections wait for `serve`. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(CONNECTIONS)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


async def serve(application: Starlette, sock: socket.socket) -> None:
    """Answer until cancelled; then requests under way have a moment to end, and the socket is closed."""
    server = _Server(_config(application))
    try:
        await server.serve(sockets=[sock])
    except asyncio.CancelledError:
        if server.started:
            await server.shutdown(sockets=[sock])
        raise
    finally:
        sock.close()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The desk has its own: it drains first, and still answers /readyz meanwhile."""
        yield


def _config(application: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http="h11",
        ws="none",
        lifespan="off",
        loop="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        headers=HEADERS,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
