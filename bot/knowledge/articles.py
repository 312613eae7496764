"""Articles and categories as people write them: markdown with a little front matter."""

import re
from datetime import date
from difflib import get_close_matches
from pathlib import PurePath

from bot.model import Article, Category

_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}", re.IGNORECASE)
_CATEGORY = re.compile(r"-\s+([a-z0-9][a-z0-9_-]*)\s*:\s*(\S.*)")
_KEYS = ("title", "tags", "updated", "audience", "url")


class BadKnowledge(ValueError):
    """A file of knowledge that can't be understood; the message names the file and what to change."""


def article(name: str, text: str) -> Article:
    """The Article in a file `…/<slug>.md`. Raises BadKnowledge."""
    slug = PurePath(name).name.removesuffix(".md")
    if not _SLUG.fullmatch(slug):
        raise BadKnowledge(f"{name}: a file of knowledge is named with letters, digits, '-', '_' and '.' only")
    head, body = _split(name, text)
    fields = _fields(name, head)
    return Article(
        slug=slug,
        title=_title(name, fields),
        body=body.strip(),
        tags=_tags(fields.get("tags", "")),
        internal=_internal(name, fields),
        updated=_updated(name, fields.get("updated", "")),
        url=_url(name, fields.get("url", "")),
    )


def categories(name: str, text: str) -> list[Category]:
    """The closed list in `categories.md`: a line `- slug: description` each. Raises BadKnowledge."""
    found = [Category(m[1], m[2].strip()) for line in text.splitlines() if (m := _CATEGORY.fullmatch(line.strip()))]
    slugs = [c.slug for c in found]
    twice = sorted({s for s in slugs if slugs.count(s) > 1})
    if twice:
        raise BadKnowledge(f"{name}: the category {twice[0]!r} is listed twice; keep one of the lines")
    if not found:
        raise BadKnowledge(f"{name}: no category found; write one a line, as '- billing: invoices and cards'")
    return found


def _split(name: str, text: str) -> tuple[list[str], str]:
    lines = text.removeprefix("\ufeff").replace("\0", "").splitlines()
    if not lines or lines[0].strip() != "---":
        raise BadKnowledge(f"{name}: no front matter; the first line must be '---', then 'title: …', then '---'")
    for number, line in enumerate(lines[1:], 1):
        if line.strip() == "---":
            return lines[1:number], "\n".join(lines[number + 1 :])
    raise BadKnowledge(f"{name}: the front matter is not closed; add a line '---' below it")


def _fields(name: str, head: list[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for number, line in enumerate(head, 2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, value = line.partition(":")
        key = key.strip().lower()
        if not colon or not key:
            raise BadKnowledge(f"{name}: line {number} of the front matter is not 'key: value': {line.strip()[:60]!r}")
        if key in fields:
            raise BadKnowledge(f"{name}: {key!r} stands twice in the front matter; keep one")
        _refuse_misspelt(name, key)
        fields[key] = value.strip().strip("\"'")
    return fields


def _refuse_misspelt(name: str, key: str) -> None:
    # Other tools' keys are welcome, but a misspelt `audience: internal` would publish what was meant for Agents.
    meant = get_close_matches(key, _KEYS, n=1, cutoff=0.75)
    if key not in _KEYS and meant:
        raise BadKnowledge(f"{name}: unknown key {key!r} in the front matter; did you mean {meant[0]!r}?")


def _title(name: str, fields: dict[str, str]) -> str:
    title = fields.get("title", "")
    if not title:
        raise BadKnowledge(f"{name}: the front matter has no title; add 'title: …'")
    return title


def _tags(value: str) -> tuple[str, ...]:
    tags = (tag.strip().strip("\"'") for tag in value.strip("[]").split(","))
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _internal(name: str, fields: dict[str, str]) -> bool:
    audience = fields.get("audience", "public").lower()
    if audience not in ("internal", "public"):
        raise BadKnowledge(f"{name}: audience is 'internal' or 'public', not {audience[:60]!r}")
    return audience == "internal"


def _updated(name: str, value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat() if value else ""
    except ValueError:
        raise BadKnowledge(f"{name}: updated is a date like 2026-01-31, not {value[:60]!r}") from None


def _url(name: str, value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s<>\"]+", value):
        raise BadKnowledge(f"{name}: url begins with https:// and holds no spaces, not {value[:60]!r}")
    return value
