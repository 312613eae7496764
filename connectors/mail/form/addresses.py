"""Lists of addresses, read by a flat scan: no recursion, no backtracking, whatever is nested or left open."""

import re
from dataclasses import dataclass, field

from connectors.mail.form.charsets import one_line
from connectors.mail.form.words import raw_text, words

MOST = 1000

_TOKEN = re.compile(r"\"(?:[^\"\\]++|\\.)*+\"?+|<(?:[^<>\"]++|\"[^<>\"]*+\")*+>?+|[(),;:]|[^\"<(),;:]++|.", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PLAIN = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,128}@[^\s@<>()\[\],;:\"\\]{1,255}")


@dataclass(frozen=True, slots=True)
class Address:
    name: str
    address: str


@dataclass(slots=True)
class _Entry:
    """What has been seen of one address since the last comma."""

    words: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angle: str | None = None
    at: bool = False

    def add(self, word: str) -> None:
        self.words.append(word)
        self.at = self.at or "@" in word

    def address(self) -> Address | None:
        bare = "".join(self.words)
        if self.angle and ("@" in self.angle or not bare.strip()):
            return Address(_name(bare) or _name(" ".join(self.comments)), _bare(self.angle))
        if not self.at:
            name = _name(bare)
            return Address(name, _bare(self.angle or "")) if name else None
        before, _, last = bare.strip().rpartition(" ")
        if "@" not in last:
            found = _PLAIN.search(bare)
            return Address(_name(bare), found[0] if found else "")
        return Address(_name(before) or _name(" ".join(self.comments)), _bare(last))


def addresses(value: bytes) -> tuple[list[Address], bool]:
    """The addresses of a header, groups flattened, and whether there were more than can be read.

    An entry without any address keeps its name and has the address "".
    """
    text = raw_text(value)
    found = _scanned(text)
    if not any(one.address for one in found):
        found = [Address("", match) for match in _PLAIN.findall(text)[: MOST + 1]] or found
    return found[:MOST], len(found) > MOST


def _scanned(text: str) -> list[Address]:
    found: list[Address] = []
    entry, depth = _Entry(), 0
    for match in _TOKEN.finditer(text):
        piece = match[0]
        if piece in ("(", ")"):
            depth = max(0, depth + (1 if piece == "(" else -1))
        elif depth:
            entry.comments.append(piece)
        elif piece in ",;":
            found += [address] if (address := entry.address()) else []
            entry = _Entry()
        elif piece == ":" and not entry.at:
            entry = _Entry()  # the name of a group
        elif piece[0] == "<" and entry.angle in (None, ""):
            entry.angle = piece.strip("<>")
        else:
            entry.add(piece)
        if len(found) > MOST:
            return found
    return found + ([address] if (address := entry.address()) else [])


def _name(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    return words(_ESCAPED.sub(r"\1", text)).strip("\"'").strip()


def _bare(text: str) -> str:
    """Without white space, quotes that aren't needed, and a route (`@a,@b:`)."""
    text = one_line(text).replace(" ", "")
    if text.startswith("@") and ":" in text:
        text = text.partition(":")[2]
    return text
