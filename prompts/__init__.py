"""The words of the desk: instructions for a model, replies to customers, calls to Agents. All are text files, so that
anybody can read them."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template

FALLBACK = "en"

_HERE = Path(__file__).parent


class UnknownText(LookupError):
    """There is no text of this name."""


class MissingValue(LookupError):
    """The text has a place for a value that was not given."""


@dataclass(frozen=True, slots=True)
class Text:
    """`hash` is that of the file, whatever was filled in: it tells which wording was used."""

    text: str
    hash: str


def load(name: str, language: str = FALLBACK, **values: object) -> Text:
    """The reply of this name in the language, else in English; or what Agents or a model read under this name.

    Raises UnknownText or MissingValue. Values that the text has no place for are left aside, and what looks like a
    place inside a value stays as it is.
    """
    template, digest = _template(name, language)
    known = {key: str(value) for key, value in values.items() if value is not None}
    try:
        return Text(Template(template).substitute(known).strip() + "\n", digest)
    except KeyError as missing:
        raise MissingValue(f"the text {name!r} ({language}) wants a value for {missing.args[0]!r}") from None


@lru_cache(maxsize=256)
def _template(name: str, language: str) -> tuple[str, str]:
    for path in _places(name, language):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            return text, hashlib.sha256(text.encode()).hexdigest()
    raise UnknownText(f"there is no text named {str(name)!r}; see prompts/replies/{FALLBACK}, agents and instructions")


def _places(name: str, language: str) -> Iterator[Path]:
    """What comes from outside names a file only when it looks like one of ours."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        return
    if re.fullmatch(r"[a-z]{2}", language):
        yield _HERE / "replies" / language / f"{name}.md"
    yield _HERE / "replies" / FALLBACK / f"{name}.md"
    yield _HERE / "agents" / f"{name}.md"
    yield _HERE / "instructions" / f"{name}.md"
