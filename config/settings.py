"""The desk's settings as a whole: read, checked, and refused by name. See README.md for how they are written."""

import os
import re
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from config.kinds import Endpoint
from config.sections import (
    Agents,
    Database,
    Desk,
    Health,
    Http,
    Knowledge,
    Log,
    Mailbox,
    OpenAI,
    Relay,
    Section,
    Slack,
    Smtp,
    Testing,
    Triage,
    apart,
)
from config.sources import PREFIX, TABLE, Found, Key, SettingsError, gather

__all__ = ["Endpoint", "Settings", "SettingsError", "forget_secrets", "load"]


TESTING = {"failpoint": "FIRSTLINE_FAILPOINT", "clock": "FIRSTLINE_CLOCK"}


class Settings(Section):
    database: Database = Database()
    smtp: Smtp = Smtp()
    http: Http = Http()
    relay: Relay = Relay()
    triage: Triage = Triage()
    knowledge: Knowledge = Knowledge()
    desk: Desk = Desk()
    log: Log = Log()
    openai: OpenAI = OpenAI()
    slack: Slack = Slack()
    agents: Agents = Agents()
    mailboxes: Annotated[Mapping[str, Mailbox], AfterValidator(apart)] = Field(default_factory=dict)
    health: Health = Health()
    testing: Testing = Testing()


def load(file: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read firstline.toml, or `file`, and then the environment, which wins. Raises SettingsError."""
    environ = os.environ if environ is None else environ
    found = gather(known(), file, environ)
    values: dict[str, dict[str, Any]] = {}
    for key, value in found.values.items():
        at = values.setdefault(key.section, {})
        (at.setdefault(key.table, {}) if key.table else at)[key.name] = value
    values["testing"] = {name: environ[variable] for name, variable in TESTING.items() if environ.get(variable)}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as refused:
        found.problems += _problems(refused, found)
    if found.problems:
        raise SettingsError("\n".join(found.problems))
    return settings


def forget_secrets(environ: MutableMapping[str, str] = os.environ) -> None:
    """Take the settings out of the environment once they are read, so that no child process inherits them."""
    for name in [name for name in environ if name.startswith(PREFIX)]:
        del environ[name]


def known() -> Iterator[Key]:
    """Every setting; those of a mailbox once, for any name."""
    for section, of_section in Settings.model_fields.items():
        if section == "mailboxes":
            yield from (Key(section, *one, table=TABLE) for one in _keys(Mailbox))
        elif section != "testing":
            yield from (Key(section, *one) for one in _keys(type(of_section.default)))


def _keys(kind: type[Section]) -> Iterator[tuple[str, bool]]:
    """Names, and whether they are secret."""
    for name, field in kind.model_fields.items():
        yield name, not field.repr


def _problems(refused: ValidationError, found: Found) -> Iterator[str]:
    for error in refused.errors(include_url=False):
        place, shown = _place(tuple(str(part) for part in error["loc"]), found)
        yield f"{place}: {_plain(error['msg'])}{shown}"


def _place(loc: tuple[str, ...], found: Found) -> tuple[str, str]:
    """Where a bad value was written and, unless it is a secret, what it was."""
    for key, place in found.places.items():
        if key.path == loc[: len(key.path)]:
            return place, "" if key.secret else f", not {_short(found.values[key])}"
    if loc[0] == "testing":
        return TESTING[loc[1]], ""
    return f"[{'.'.join(loc[:2])}] {''.join(loc[2:3])}".strip() if loc[0] == "mailboxes" else f"[{loc[0]}]", ""


def _plain(message: str) -> str:
    """In the words of the checks in kinds.py: "must be …"."""
    if message == "Field required":
        return "must be set"
    message = message.removeprefix("Value error, ").partition(", unable to")[0]
    return re.sub(r"^\w+ should ", "must ", message)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
