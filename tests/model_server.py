"""A server that speaks OpenAI's chat completions over a real socket: it answers as it is told to, and records.

By default it answers with the first passage of the prompt, quoted literally: `ModelServer()`. A script changes that for
one request after the other, `ModelServer(says(action="ticket"), status(500), HANG)`; `always=` for all the others.
"""

import asyncio
import contextlib
import gzip
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from tests.serving import Serving


@dataclass(frozen=True)
class Asked:
    """A request as it came. `passages` are those that its prompt shows, by their short ids."""

    path: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.raw)

    @property
    def prompt(self) -> str:
        return str(self.body["messages"][1]["content"])

    @property
    def passages(self) -> dict[str, str]:
        knowledge = self.prompt.partition("\n\nWhat was said")[0]
        parts = re.split(r"^\[(p\d+)\] .*\n", knowledge, flags=re.MULTILINE)[1:]
        return {id_: text.strip() for id_, text in zip(parts[::2], parts[1::2], strict=True)}


Step = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]
"""Answers a request, or doesn't; the connection is closed after it."""


# ------------------------------------------------------------------ what a model says


def thought(asked: Asked, **changes: Any) -> dict[str, Any]:
    """An answer that quotes the first passage, but for the changes; a ticket when no passage is shown."""
    id_, text = next(iter(asked.passages.items()), ("none", ""))
    known = id_ != "none"
    said = {
        "language": "en",
        "category": "other",
        "kb_sufficient": known,
        "citations": [{"passage_id": id_, "quote": text}],
        "answer": text,
        "action": "answer" if known else "ticket",
        "ticket": {"title": "A question", "summary": "The customer asks something.", "priority": "normal"},
        "missing": "" if known else "everything",
        "risks": [],
    }
    return said | changes


def completion(content: Any, **changes: Any) -> dict[str, Any]:
    """The envelope. `changes` are of its choice: `finish_reason`, `message`; or its `usage`."""
    usage = changes.pop("usage", {"prompt_tokens": 900, "completion_tokens": 120, "total_tokens": 1020})
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"} | changes
    return {"id": "c-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}


def says(**changes: Any) -> Step:
    """Its usual answer with other fields."""
    return content(lambda asked: json.dumps(thought(asked, **changes)))


def content(text: str | Callable[[Asked], str] | None, **changes: Any) -> Step:
    """These very words, in a good envelope or one with changes."""

    async def step(asked: Asked, writer: asyncio.StreamWriter) -> None:
        said = text(asked) if callable(text) else text
        await _respond(writer, 200, json.dumps(completion(said, **changes)).encode())

    return step


# ------------------------------------------------------------------ what a server does


def status(code: int, body: str = '{"error": {"message": "no"}}', **headers: str) -> Step:
    return raw(body.encode(), code=code, headers=headers)


def raw(body: bytes, *, code: int = 200, headers: Mapping[str, str] | None = None) -> Step:
    async def step(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await _respond(writer, code, body, headers)

    return step


def refuses(*parameters: str) -> Step:
    """Answers as usual, but no request that holds one of the parameters, or whose response_format is so named."""

    async def step(asked: Asked, writer: asyncio.StreamWriter) -> None:
        form = asked.body.get("response_format", {}).get("type")
        for name in parameters:
            if name in asked.body or name == form:
                told = f"'response_format' of type '{name}'" if name == form else f"'{name}'"
                await _respond(writer, 400, json.dumps({"error": {"message": f"Unsupported: {told}"}}).encode())
                return
        await says()(asked, writer)

    return step


async def HANG(asked: Asked, writer: asyncio.StreamWriter) -> None:  # noqa: N802
    """Takes the request and says nothing more, until the server ends."""
    await asyncio.Event().wait()


async def CUT(asked: Asked, writer: asyncio.StreamWriter) -> None:  # noqa: N802
    """Closes without a word."""


async def CUT_SHORT(asked: Asked, writer: asyncio.StreamWriter) -> None:  # noqa: N802
    """Closes in the middle of the response."""
    body = json.dumps(completion(json.dumps(thought(asked)))).encode()
    writer.write(_head(200, len(body)) + body[: len(body) // 2])
    await writer.drain()


async def DRIP(asked: Asked, writer: asyncio.StreamWriter) -> None:  # noqa: N802
    """A byte now and then, so that no wait between two bytes is long."""
    writer.write(_head(200, 100_000))
    with contextlib.suppress(ConnectionError):
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)


async def FLOOD(asked: Asked, writer: asyncio.StreamWriter) -> None:  # noqa: N802
    """Ten megabytes, of which it doesn't say how many they are."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    with contextlib.suppress(ConnectionError):
        for _ in range(160):
            writer.write(b" " * 65_536)
            await writer.drain()


BOMB = raw(gzip.compress(b" " * 10_000_000), headers={"Content-Encoding": "gzip"})


async def _respond(
    writer: asyncio.StreamWriter, code: int, body: bytes, headers: Mapping[str, str] | None = None
) -> None:
    writer.write(_head(code, len(body), headers) + body)
    with contextlib.suppress(ConnectionError):
        await writer.drain()


def _head(code: int, length: int, headers: Mapping[str, str] | None = None) -> bytes:
    named = {"Content-Type": "application/json", "Content-Length": str(length), "Connection": "close"} | {
        name.replace("_", "-"): value for name, value in (headers or {}).items()
    }
    return (f"HTTP/1.1 {code} x\r\n" + "".join(f"{k}: {v}\r\n" for k, v in named.items()) + "\r\n").encode()


# ------------------------------------------------------------------ the server


@dataclass
class ModelServer:
    script: list[Step]
    always: Step
    requests: list[Asked] = field(default_factory=list)
    port: int = 0

    def __init__(self, *script: Step, always: Step | None = None, port: int = 0) -> None:
        self.script = list(script)
        self.always = always or says()
        self.requests = []
        self.port = port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def heard(self, words: str) -> bool:
        """Whether the words stood in any request, its headers included."""
        return any(words in asked.raw.decode() or words in str(asked.headers) for asked in self.requests)

    async def __aenter__(self) -> "ModelServer":
        self._serving = Serving(self._serve)
        await self._serving.open(self.port, limit=2**20)
        self.port = self._serving.port
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._serving.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await _read(reader)
        self.requests.append(asked)
        await (self.script.pop(0) if self.script else self.always)(asked, writer)


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(head[0].split(" ")[1], headers, body)
