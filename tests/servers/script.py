"""An IMAP server with a script: a mailbox with some mails, and what it answers instead when it is at its worst."""

import asyncio
import base64
import contextlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType

from tests.serving import Serving

CUT = b"cut"
HANG = b"hang"

Answer = bytes | Callable[[str], bytes | None]


@dataclass
class ImapScript:
    """`script`: by the command (GREETING, LOGIN, EXAMINE, SEARCH, LIST, FETCH, …) what is answered, CUT, HANG, or a
    function of the command line that gives one of them or None for the usual. `{tag}` in it is the command's.

    LIST is the FETCH of sizes; FETCH that of mails. `mails` are by UID.
    """

    mails: dict[int, bytes] = field(default_factory=dict)
    script: dict[str, Answer] = field(default_factory=dict)
    validity: int = 7
    next_uid: int | None = None
    capabilities: str = "IMAP4rev1"
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    async def __aenter__(self) -> "ImapScript":
        self._serving = Serving(self._serve)
        await self._serving.open()
        self.port = self._serving.port
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._serving.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(ValueError):
            await self._talk(reader, writer)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not await self._say(writer, "", self._answer("GREETING", "")):
            return
        while line := (await reader.readline()).decode("utf-8", "replace").strip():
            self.commands.append(line)
            tag, _, rest = line.partition(" ")
            if rest.startswith("AUTHENTICATE"):
                writer.write(b"+ \r\n")
                said = base64.b64decode((await reader.readline()).strip()).decode("utf-8", "replace")
                self.commands.append(said)
            name = _name(rest)
            if not await self._say(writer, tag, self._answer(name, line)):
                return

    def _answer(self, name: str, line: str) -> bytes:
        answer = self.script.get(name)
        if callable(answer):
            answer = answer(line)
        return self.usual(name, line.partition(" ")[2]) if answer is None else answer

    async def _say(self, writer: asyncio.StreamWriter, tag: str, answer: bytes) -> bool:
        if answer == CUT:
            return False
        if answer == HANG:
            await asyncio.Event().wait()
        writer.write(answer.replace(b"{tag}", tag.encode()))
        await writer.drain()
        return True

    def usual(self, name: str, rest: str) -> bytes:
        if name == "GREETING":
            return b"* OK script\r\n"
        if name == "CAPABILITY":
            return f"* CAPABILITY {self.capabilities}\r\n{{tag}} OK done\r\n".encode()
        if name in ("EXAMINE", "SELECT"):
            next_uid = self.next_uid or max(self.mails, default=0) + 1
            told = (
                f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] .\r\n* OK [UIDNEXT {next_uid}] .\r\n"
            )
            return f"{told}{{tag}} OK [READ-ONLY] opened\r\n".encode()
        if name == "SEARCH":
            return f"* SEARCH {' '.join(map(str, self.mails))}\r\n{{tag}} OK done\r\n".encode()
        if name in ("LIST", "FETCH"):
            found = (self._fetched(name, uid, raw) for uid, raw in self.mails.items() if uid in asked(rest))
            return b"".join(found) + b"{tag} OK done\r\n"
        return b"{tag} OK done\r\n"

    def _fetched(self, name: str, uid: int, raw: bytes) -> bytes:
        if name == "LIST":
            date = "01-Mar-2026 09:00:00 +0000"
            return f'* 1 FETCH (UID {uid} RFC822.SIZE {len(raw)} INTERNALDATE "{date}")\r\n'.encode()
        return f"* 1 FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"


def asked(line: str) -> Mapping[int, None]:
    """The ids that a FETCH names."""
    match = re.search(r"FETCH ([\d:,]+)", line)
    assert match, line
    runs = [run.partition(":") for run in match[1].split(",")]
    return {uid: None for first, _, last in runs for uid in range(int(first), int(last or first) + 1)}


def _name(rest: str) -> str:
    words = rest.upper().split()
    name = words[1] if words[0] == "UID" else words[0]
    return "LIST" if name == "FETCH" and "RFC822.SIZE" in rest else name
