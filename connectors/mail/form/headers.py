"""The header block of a mail or of one of its parts, in linear time. Nothing here raises."""

import re
from dataclasses import dataclass

from connectors.mail.form.problems import Problems
from connectors.mail.form.words import header_text

HEADER = 64 * 1024
BLOCK = 256 * 1024

# Possessive throughout: a flood of anything is read once.
_FIELD = re.compile(rb"([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)(?:\n|\Z)")
_BLANK = re.compile(rb"\r?+(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Headers:
    """Names in lower case with their raw values, in order."""

    fields: tuple[tuple[str, bytes], ...] = ()

    def raw(self, name: str) -> bytes:
        """The first of this name; empty when there is none."""
        return next((value for key, value in self.fields if key == name), b"")

    def every(self, name: str) -> list[bytes]:
        return [value for key, value in self.fields if key == name]

    def text(self, name: str) -> str:
        return header_text(self.raw(name))

    def token(self, name: str) -> str:
        """For values that are words of a protocol: in lower case, without what follows a semicolon."""
        return self.text(name).partition(";")[0].strip().lower()

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.fields)


def split(raw: bytes, start: int, problems: Problems) -> tuple[Headers, int]:
    """The header block at `start`, and where the body begins.

    A line that is no header ends the block and begins the body: better a header in the text than a lost word.
    """
    fields: list[tuple[str, bytes]] = []
    size, at, cut = 0, start, False
    while match := _FIELD.match(raw, at):
        at = match.end()
        name, value = match[1][:100].lower().decode("ascii"), match[2][:HEADER]
        cut |= len(value) < len(match[2])
        if size + len(name) + len(value) > BLOCK:
            cut = True
            continue
        size += len(name) + len(value)
        fields.append((name, value))
    blank = _BLANK.match(raw, at)
    if cut:
        problems.cut("the headers were too long; what was over was not read")
    if not blank:
        problems.note("a line among the headers is none" if fields else "it has no headers")
    return Headers(tuple(fields)), blank.end() if blank else at
