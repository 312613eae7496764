"""The sections of the settings: every setting, its default, and what it may be.

A field that is not shown (`repr=False`) is a secret: `…_FILE` may name a file that holds it, and no error quotes it.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from bot.model import Level
from config.kinds import (
    Address,
    Count,
    DatabaseUrl,
    Domains,
    Endpoint,
    Failpoint,
    File,
    ImapUrl,
    Levels,
    Listen,
    Names,
    Networks,
    RelayUrl,
    Secret,
    Size,
    SocketUrl,
    WebFolder,
    WebUrl,
    empty_is_none,
)


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    SEVERAL_LINES: ClassVar[frozenset[str]] = frozenset()

    @field_validator("*", mode="before")
    @classmethod
    def _one_line(cls, value: Any, info: ValidationInfo) -> Any:
        if info.field_name in cls.SEVERAL_LINES:
            return value
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
    max_recipients: Count = 100
    """Of one mail."""
    max_mails_per_minute: Count = 30_000
    """From one client; as many may come at once."""
    max_in_flight: Size = 200_000_000
    """Bytes of mail held in memory at one time, over all connections."""
    authserv_id: str = ""
    """The name that our own mail server in front puts into Authentication-Results; empty: nobody's are believed."""
    upstreams: Networks = ()
    """Where that server's connections come from, such as 10.0.0.0/8; what others say about a sender is not believed."""

    @model_validator(mode="after")
    def _fits(self) -> "Smtp":
        if self.key and not self.certificate:
            raise ValueError("key needs certificate beside it")
        if self.max_in_flight < self.max_size:
            raise ValueError("max_in_flight must be at least max_size")
        if bool(self.authserv_id) != bool(self.upstreams):
            raise ValueError("authserv_id and upstreams say only together whom to believe; set both or none")
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
    tls: Literal["auto", "required"] = "auto"
    """auto: as the relay offers it, verified with smtps or a login. required: nothing is sent without verified TLS."""
    pace: int = Field(default=0, ge=0)
    """Mails a minute at most; 0: no limit."""


class Triage(Section):
    triager: Literal["local", "openai", "instant"] = "local"
    """What decides: local quotes approved articles, openai asks a model, instant files everything (for load tests)."""
    level: Level = Level.DRAFT
    """Of every category that `levels` doesn't name."""
    levels: Levels = Field(default_factory=dict)
    """Of single categories, such as billing=off."""
    unverified_replies: int = Field(default=1, ge=0)
    """Automatic replies to an unverified sender in 24 hours; 0: no limit."""
    sender_replies: int = Field(default=20, ge=0)
    """Automatic replies to a verified or proven sender in 24 hours; 0: no limit."""
    desk_replies: int = Field(default=5000, ge=0)
    """Automatic replies of the whole desk in an hour; 0: no limit. What comes after gets a Ticket and no reply."""


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
    flood: int = Field(default=20, ge=0)
    """Matters that one sender may begin in an hour; what comes after is gathered in one. 0: no limit."""
    reopen_days: int = Field(default=14, ge=0)
    """A reply to a closed matter reopens it for so long; later, or with another subject, it begins a new one."""
    answer_cc: bool = False
    """Agents' replies go also to those whom the customer copied in."""


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
    """Without a bot token the desk is not in Slack; see docs/slack.md."""

    base_url: WebFolder = "https://slack.com/api/"
    """Of the Web API."""
    socket_url: Annotated[SocketUrl | None, BeforeValidator(empty_is_none)] = None
    """Empty: the Web API says where the socket is."""
    bot_token: Secret = None
    """Begins with xoxb-."""
    app_token: Secret = None
    """Begins with xapp-; for mode=socket."""
    signing_secret: Secret = None
    """For mode=http: what doesn't bear its signature is refused."""
    mode: Literal["socket", "http"] = "socket"
    """socket: we call Slack, and nothing of ours need be reachable. http: Slack calls `/slack/events`."""
    agents_channel: str = ""
    """The id of the Agents' channel. Nothing is posted there yet: Agents are called by mail or in the terminal."""
    support_channels: Names = ()
    """Ids of channels in which every message is a request. Elsewhere a mention is one, and what is said to us alone."""
    file_hosts: Names = ("files.slack.com",)
    """From where files may be fetched. None is fetched yet: files are listed with their message."""


class Agents(Section):
    mail: Annotated[Address | None, BeforeValidator(empty_is_none)] = None
    """Where people are called; empty: in the terminal that the desk runs in."""
    by_mail: bool = False
    """Each Agent with a mail address is called there too, and may answer the customer by answering that mail. Needs an
    upstream that says who sent a mail: smtp.authserv_id, or a mailbox's."""

    @model_validator(mode="after")
    def _callable(self) -> "Agents":
        if self.by_mail and not self.mail:
            raise ValueError("by_mail needs mail beside it: where all are called")
        return self


class Mailbox(Section):
    """An address of the desk: how it speaks and, with `url`, where its mail is fetched."""

    SEVERAL_LINES = frozenset({"signature"})

    address: Address
    name: str = ""
    """Beside the address in From; empty: as in [relay]."""
    signature: str = ""
    """Under every mail from here; may have several lines."""
    language: Annotated[str, Field(pattern=r"^([a-z]{2})?$")] = ""
    """Two letters, such as de: of automatic words, where the customer's language is not known."""
    quote: Literal["agents", "never"] = "agents"
    """Whether the customer's words stand under an Agent's reply."""
    relay: RelayUrl = ""
    """A way out of its own; empty: that of [relay]."""
    url: ImapUrl = ""
    """`imaps://host` or `imap://host` (with STARTTLS), with a port if it is another; empty: its mail comes by SMTP."""
    user: str = ""
    """Empty: the address."""
    password: Secret = None
    login: Literal["password", "google", "microsoft", "oauth"] = "password"
    """Anything but password is OAuth."""
    client_id: str = ""
    client_secret: Secret = None
    tenant: str = "organizations"
    """Of Microsoft 365: the directory's name or id."""
    token_url: Annotated[WebUrl | None, BeforeValidator(empty_is_none)] = None
    """For oauth; google and microsoft have their own."""
    device_url: Annotated[WebUrl | None, BeforeValidator(empty_is_none)] = None
    authorize_url: Annotated[WebUrl | None, BeforeValidator(empty_is_none)] = None
    scope: str = ""
    """What is asked for; empty: what the provider's mail needs."""
    tokens: File = None
    """Where the login is kept; empty: var/tokens/NAME."""
    folder: str = Field(default="INBOX", min_length=1)
    since: date | None = None
    """At the first start also mail from this day on; none: only what comes from then on."""
    after: Literal["leave", "seen", "move"] = "leave"
    """What becomes of a mail once it is kept: leave changes nothing in the mailbox."""
    move_to: str = ""
    """The folder for after=move."""
    poll: int = Field(default=60, ge=5, le=3600)
    """Seconds between two looks, if the server doesn't say earlier that there is mail."""
    idle: bool = True
    """Whether the server may be asked to say so."""
    max_size: Size = 25_000_000
    """Bytes; of a larger mail only the headers are fetched."""
    authserv_id: str = ""
    """The name that this mailbox's own server puts into Authentication-Results; `-`: it gives none, as Microsoft 365.
    Empty: nobody's are believed."""

    @model_validator(mode="after")
    def _complete(self) -> "Mailbox":
        if self.url and self.login == "password" and self.password is None:
            raise ValueError("url needs password or password_file beside it, or another login")
        if self.url and self.login != "password" and not self.client_id:
            raise ValueError(f"login={self.login} needs client_id")
        if self.after == "move" and not self.move_to:
            raise ValueError("after=move needs move_to, the name of a folder")
        if self.login == "oauth" and not self.token_url:
            raise ValueError("login=oauth needs token_url")
        return self


TAKEN = {"smtp", "agents", "terminal", "slack", "http", "read", "triage", "deliver", "chores"}
"""Names of channels and lanes that are there already."""


def apart(found: Mapping[str, Mailbox]) -> Mapping[str, Mailbox]:
    """As they are, or ValueError when a name or an address is another's."""
    if taken := TAKEN.intersection(found):
        raise ValueError(f"{min(taken)} is a name of another part of the desk; choose another")
    addresses = [one.address.lower() for one in found.values()]
    if twice := {address for address in addresses if addresses.count(address) > 1}:
        raise ValueError(f"{min(twice)} is the address of two of them")
    return found


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
