"""Asking a desk over HTTP how it is, from outside of its process. Whoever answers there is believed nothing else."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from config.kinds import Endpoint

SECONDS = 1.0
MOST = 1_000_000

INFO = ("firstline_build_info", "firstline_desk_info")


@dataclass(frozen=True, slots=True)
class Answer:
    """`ready` is None when nobody answered; `reason`: why it isn't. `info`: version, triager, level and watch, as the
    desk says itself."""

    ready: bool | None
    reason: str = ""
    info: Mapping[str, str] = field(default_factory=dict)


async def ask(where: Endpoint) -> Answer:
    """Takes two seconds at most."""
    answer = await _get(where, "/readyz")
    if answer is None:
        return Answer(None, "no answer")
    status, body = answer
    if status != 200:
        return Answer(False, _reason(body) or f"it answers {status}")
    metrics = await _get(where, "/metrics")
    return Answer(True, info=_info(metrics[1]) if metrics else {})


async def _get(where: Endpoint, path: str) -> tuple[int, str] | None:
    try:
        async with asyncio.timeout(SECONDS):
            return _parsed(await _fetch(where, path))
    except (OSError, TimeoutError, ValueError, IndexError):
        return None


async def _fetch(where: Endpoint, path: str) -> bytes:
    reader, writer = await asyncio.open_connection(where.reachable, where.port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {where}\r\nConnection: close\r\n\r\n".encode())
        data = b""
        while (more := await reader.read(65_536)) and len(data) < MOST:
            data += more
        return data
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _parsed(data: bytes) -> tuple[int, str]:
    head, _, body = data.partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode("utf-8", errors="replace")


def _reason(body: str) -> str:
    try:
        return str(json.loads(body)["reason"])
    except (ValueError, TypeError, LookupError, RecursionError):
        return ""


def _info(text: str) -> dict[str, str]:
    lines = "\n".join(line for line in text.splitlines() if line.startswith(INFO))
    try:
        samples = [sample for family in text_string_to_metric_families(lines) for sample in family.samples]
    except (ValueError, LookupError):
        return {}
    return {name: value for sample in samples for name, value in sample.labels.items()}
