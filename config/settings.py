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
    """A file for one desk; a server for several."""


class Smtp(Section):
    listen: Listen = Endpoint("127.0.0.1", 2525)
    """Where mail comes in."""
    domains: Domains = ("firstline.localhost",)
    """Ours: every address at them is taken, no other."""
    certificate: File = None
    """For STARTTLS: a PEM file with the whole chain."""
    key: File = None
    """May be in the same file as the certificate."""
    max_size: Size = 25_000_000
    """Bytes of one mail."""
    max_connections: Count = 500
    """At one time."""
    max_connections_per_client: Count = 50
    """At one time, from one address."""
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
    """Where `/livez`, `/readyz` and `/metrics` are; keep it away from the internet."""


class Relay(Section):
    url: RelayUrl = ""
    """Empty: mail is written to files in the outbox folder."""
    outbox: Path = Path("var/outbox")
    """The folder for mails while there is no relay."""
    unknown: Literal["resend", "hold"] = "resend"
    """What becomes of a mail that the relay may have taken or not."""
    sender_name: str = ""
    """Beside the address in From; empty: the desk's name."""


class Triage(Section):
    triager: Literal["local", "openai", "instant"] = "local"
    """What decides: local quotes approved articles, openai asks a model, instant files everything (for load tests)."""
    level: Level = Level.DRAFT
    """Of every category that `levels` doesn't name."""
    levels: Levels = Field(default_factory=dict)
    """Of single categories, such as billing=off."""
    unverified_replies: int = Field(default=1, ge=0)
    """Automatic replies to an unverified sender in 24 hours; 0: no limit."""


class Knowledge(Section):
    folder: File = None
    """Articles as Markdown files, and `categories.md`."""


class Desk(Section):
    name: str = Field(default="Support", min_length=1)
    """Shown beside the address in mails."""
    keys: Path = Path("var/keys")
    """The file with the keys that sign our addresses and Message-IDs."""
    watch: bool = False
    """Watch only: requests are read and decided, nobody is written to or called; alerts about the desk still go out."""


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is written to standard error."""


class OpenAI(Section):
    base_url: WebUrl = "https://api.openai.com/v1"
    """Of any server that speaks the same chat completions."""
    model: str = ""
    """The name by which the server knows it."""
    api_key: Secret = None
    """Servers of one's own often want none."""
    deadline: float = Field(default=30, ge=1, le=30)
    """Seconds for one decision, its retries included; then the local triager decides."""
    patience: float = Field(default=60, ge=0, le=3600)
    """Seconds that a request may wait for a model that asks us to come back later."""
    tokens_a_day: int = Field(default=2_000_000, ge=0)
    """0: no limit. When it is spent the local triager decides until the next day (UTC)."""
    money_a_day: float = Field(default=0, ge=0)
    """In the currency of the prices; 0: no limit."""
    price_in: float = Field(default=0, ge=0)
    """Of a million tokens of the prompt."""
    price_out: float = Field(default=0, ge=0)
    """Of a million tokens of the answer."""

    @model_validator(mode="after")
    def _priced(self) -> "OpenAI":
        if self.money_a_day and not (self.price_in or self.price_out):
            raise ValueError("money_a_day needs price_in and price_out, the prices of a million tokens")
        return self


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
    """Where people are called; empty: in the terminal that the desk runs in."""


class Health(Section):
    """When the desk itself is unwell and the Agents are told."""

    oldest: int = Field(default=600, ge=10)
    """Seconds that due work may wait in a lane."""
    away: int = Field(default=600, ge=10)
    """Seconds that a channel may be out of reach."""
    disk: float = Field(default=5, ge=0, le=50)
    """Per cent of the database's disk that must be free."""


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
    health: Health = Health()
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
