"""The ports: free, or held by a desk of ours."""

import asyncio
import errno
from collections.abc import Mapping

from config.check.finding import Finding, Problem, Scene, found
from config.kinds import Endpoint
from connectors import http as web

# Nothing on this machine takes longer.
SECONDS = 2.0

WHAT_TO_DO: Mapping[int | None, str] = {
    errno.EACCES: "give the desk CAP_NET_BIND_SERVICE, as the systemd unit does, or choose a port above 1023",
    errno.EADDRNOTAVAIL: "name an address of this machine, or 0.0.0.0 for all of them",
}


async def smtp(scene: Scene) -> Finding:
    where = scene.settings.smtp.listen
    said = await _said(where)
    if said is None:
        return await _free("SMTP__LISTEN", where)
    # As aiosmtpd greets.
    if said.startswith(f"220 {min(scene.settings.smtp.domains)} ".encode()):
        return found(note=f"a desk listens on {where}")
    text = f"SMTP__LISTEN={where}: another program listens there, or a desk with other domains"
    return found(Problem(text, "free the port or choose another; a running desk takes new domains with SIGHUP"))


async def http(scene: Scene) -> Finding:
    where = scene.settings.http.listen
    said = await _said(where, b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    if said is None:
        return await _free("HTTP__LISTEN", where)
    head, _, body = said.partition(b"\r\n\r\n")
    if b'"ready":true' in body:
        return found(note=f"a desk is ready on {where}")
    if head.startswith(b"HTTP/1.1 503") and b'"ready":false' in body:
        return found(Problem("the desk takes no requests just now", f"see http://{where}/readyz for why, and its log"))
    return found(Problem(f"HTTP__LISTEN={where}: another program listens there", "free the port or choose another"))


async def _said(where: Endpoint, ask: bytes = b"") -> bytes | None:
    """What whoever listens says first, or answers; None when nobody does."""
    if not where.port:
        return None
    try:
        async with asyncio.timeout(SECONDS):
            reader, writer = await asyncio.open_connection(where.reachable, where.port)
    except (OSError, TimeoutError):
        return None
    try:
        writer.write(ask)
        async with asyncio.timeout(SECONDS):
            return await (reader.read(65_536) if ask else reader.readline())
    except (OSError, ValueError, TimeoutError):
        return b""
    finally:
        writer.transport.abort()


async def _free(name: str, where: Endpoint) -> Finding:
    try:
        (await asyncio.to_thread(web.bind, where.host, where.port)).close()
    except OSError as error:
        do = WHAT_TO_DO.get(error.errno, "free the port or choose another")
        return found(Problem(f"{name}={where}: {error.strerror or error}", do))
    return found(note="free: no desk is running here")
