"""Mails to write in one line."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from bot.model import Arrival

ANN = "From: Ann <ann@example.org>\n"


def letter(head: str = "", body: str | bytes = "Please help me.\n", *, sender: str = ANN) -> bytes:
    return (sender + head + "\n").encode() + (body if isinstance(body, bytes) else body.encode())


def part(content_type: str, body: str | bytes, head: str = "") -> bytes:
    start = f"Content-Type: {content_type}\n{head}\n".encode()
    return start + (body if isinstance(body, bytes) else body.encode())


def multipart(*parts: bytes, kind: str = "mixed", boundary: str = "b0", head: str = "", sender: str = ANN) -> bytes:
    start = f'{sender}{head}Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode()
    return start + b"".join(b"--%b\n%b\n" % (boundary.encode(), one) for one in parts) + f"--{boundary}--\n".encode()


def arrival(raw: bytes, envelope: Mapping[str, Any] | None = None) -> Arrival:
    return Arrival(UUID(int=1), "smtp", "key", raw, envelope or {})
