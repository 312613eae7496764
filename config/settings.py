"""Every setting of the desk, its default, and what it may be. See README.md for how they are written.

A field that is not shown (`repr=False`) is a secret: `…_FILE` may name a file that holds it, and no error quotes it.
"""

import os
import re
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from bot.model import Level
from config.kinds import (
    Address,
    Count,
    DatabaseUrl,
    Domains,
    Endpoint,
    Failpoint,
    File,
    Levels,
    Listen,
    Names,
    RelayUrl,
    Secret,
    Size,
    SocketUrl,
    WebFolder,
    WebUrl,
    empty_is_none,
)
from config.sources import PREFIX, Found, Key, SettingsError, gather

__all__ = ["Endpoint", "Settings", "SettingsError", "forget_secrets", "load"]


TESTING = {"failpoint": "FIRSTLINE_FAILPOINT", "clock": "FIRSTLINE_CLOCK"}


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _one_line(cls, value: Any) -> Any:
        if isinstance(value, str) and not value.isprintable():
            raise ValueError("must be one line without control characters")
        return value


class Database(Section):
    url: DatabaseUrl = "sqlite:///var/firstline.db"


class Smtp(Section):
    listen: Listen = Endpoint("127.0.0.1", 2525)
    domains: Domains = ("firstline.localhost",)
    certificate: File = None
    key: File = None
    """May be in the same file as the certificate."""
    max_size: Size = 25_000_000
    max_connections: Count = 500
    max_connections_per_client: Count = 50
    max_in_flight: Size = 200_000_000
    """Bytes of mail held in memory at one time, over all connections."""

    @model_validator(mode="after")
    def _fits(self) -> "Smtp":
        if self.key and not self.certificate:
            raise ValueError("key needs certificate beside it")
        if self.max_in_flight < self.max_size:
            raise ValueError("max_in_flight must be at least max_size")
        return self


class Http(Section):
    listen: Listen = Endpoint("127.0.0.1", 8025)


class Relay(Section):
    url: RelayUrl = ""
    """Empty: mail is written to files in the outbox folder."""
    outbox: Path = Path("var/outbox")
    unknown: Literal["resend", "hold"] = "resend"
    """What becomes of a mail that the relay may have taken or not."""
    sender_name: str = ""
    """Beside the address in From; empty: the desk's name."""


class Triage(Section):
    triager: Literal["local", "openai", "instant"] = "local"
    level: Level = Level.DRAFT
    """Of every category that `levels` doesn't name."""
    levels: Levels = Field(default_factory=dict)
    unverified_replies: int = Field(default=1, ge=0)
    """Automatic replies to an unverified sender in 24 hours; 0: no limit."""


class Knowledge(Section):
    folder: File = None


class Desk(Section):
    name: str = Field(default="Support", min_length=1)
    keys: Path = Path("var/keys")


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"


class OpenAI(Section):
    base_url: WebUrl = "https://api.openai.com/v1"
    model: str = ""
    api_key: Secret = None


class Slack(Section):
    base_url: WebFolder = "https://slack.com/api/"
    socket_url: Annotated[SocketUrl | None, BeforeValidator(empty_is_none)] = None
    bot_token: Secret = None
    app_token: Secret = None
    signing_secret: Secret = None
    mode: Literal["socket", "http"] = "socket"
    agents_channel: str = ""
    support_channels: Names = ()
    file_hosts: Names = ("files.slack.com",)


class Agents(Section):
    mail: Annotated[Address | None, BeforeValidator(empty_is_none)] = None


class Testing(Section):
    """What FIRSTLINE_FAILPOINT and FIRSTLINE_CLOCK ask for; the file can't."""

    failpoint: Failpoint | None = None
    clock: File = None


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
    testing: Testing = Testing()


def load(file: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read firstline.toml, or `file`, and then the environment, which wins. Raises SettingsError."""
    environ = os.environ if environ is None else environ
    found = gather(known(), file, environ)
    values: dict[str, dict[str, Any]] = {}
    for key, value in found.values.items():
        values.setdefault(key.section, {})[key.name] = value
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
    for section, of_section in Settings.model_fields.items():
        if section != "testing" and isinstance(of_section.default, Section):
            for name, of_key in type(of_section.default).model_fields.items():
                yield Key(section, name, secret=not of_key.repr)


def _problems(refused: ValidationError, found: Found) -> Iterator[str]:
    for error in refused.errors(include_url=False):
        section, name = (str(part) for part in (*error["loc"], "")[:2])
        place, shown = _place(section, name, found)
        yield f"{place}: {_plain(error['msg'])}{shown}"


def _place(section: str, name: str, found: Found) -> tuple[str, str]:
    """Where a bad value was written and, unless it is a secret, what it was."""
    for key, place in found.places.items():
        if (key.section, key.name) == (section, name):
            return place, "" if key.secret else f", not {_short(found.values[key])}"
    return (TESTING[name] if section == "testing" else f"[{section}]"), ""


def _plain(message: str) -> str:
    """In the words of the checks in kinds.py: "must be …"."""
    message = message.removeprefix("Value error, ").partition(", unable to")[0]
    return re.sub(r"^\w+ should ", "must ", message)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
