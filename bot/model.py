"""The words of the desk as frozen values. Everything may import this file; it imports nothing of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

# ------------------------------------------------------------------ who and where


class ActorKind(StrEnum):
    AGENT = "agent"
    BOT = "bot"
    CUSTOMER = "customer"
    OPERATOR = "operator"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who made a change. `name` is what the audit trail shows: an Agent's id, a channel, a login."""

    kind: ActorKind
    name: str = ""


BOT = Actor(ActorKind.BOT)
CLOCK = Actor(ActorKind.CLOCK)


class Role(StrEnum):
    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Agent:
    """A human of the support team."""

    id: UUID
    name: str
    role: Role
    identities: tuple["Identity", ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True)
class Identity:
    """How a person is known in one kind of place: (mail, ann@example.org), (terminal, ann)."""

    kind: str
    value: str
    name: str = ""

    def same(self, other: "Identity | None") -> bool:
        """The same one, whatever name it goes by."""
        return other is not None and (self.kind, self.value) == (other.kind, other.value)


@dataclass(frozen=True, slots=True)
class Channel:
    """A configured place, by name. `scope` is shared by channels that see the same keys (SMTP and IMAP: mail)."""

    name: str
    scope: str
    team: str = "support"
    patience: timedelta = timedelta(0)


class Lane(StrEnum):
    READ = "read"
    TRIAGE = "triage"
    DELIVER = "deliver"
    CHORES = "chores"


# ------------------------------------------------------------------ keep


@dataclass(frozen=True, slots=True)
class Arrival:
    """Raw bytes as a channel handed them over, with what only the transport knew. `wait`: how long others are read
    first."""

    id: UUID
    channel: str
    transport_key: str
    raw: bytes = field(repr=False)
    envelope: Mapping[str, Any]
    kept_at: datetime | None = None
    wait: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Kept:
    """The promise: committed. `seen_before` when the same transport key had been kept already, under this `id`."""

    id: UUID
    seen_before: bool


# ------------------------------------------------------------------ read


class Kind(StrEnum):
    """What sort of word a message is. All but MESSAGE come from machines and are never answered."""

    MESSAGE = "message"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    REPORT = "report"


class Verdict(StrEnum):
    """How sure it is who sent a message. It never drops one.

    verified: an upstream that we believe has authenticated the author's domain. proven: a signed address of ours came
    back from the address that it was sent to. unverified: anybody could have written it.
    """

    VERIFIED = "verified"
    PROVEN = "proven"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A message that somebody passed on. `sent` is its date as it stands there."""

    author: Identity | None
    subject: str = ""
    text: str = ""
    sent: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A listed part of the raw; its bytes stay there."""

    part: int
    name: str
    type: str
    size: int
    sha256: str
    inline: bool
    cid: str = ""


FORGED = "failed-authentication"
"""The sign that an upstream that we believe says somebody else wrote it."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """What reading made of an Arrival: plain values, untrusted, without NUL or lone surrogates.

    `signs` names the marks of a machine that were seen (auto-submitted, null-return-path, …). `key` is the message's
    own key in its scope (mail: the Message-ID) and `refers` the keys it claims to follow, newest first. `place` is the
    channel's own key of the Thread that it stands in, where the channel itself vouches for that; "" where it is only a
    claim of the sender's (mail). `tokens` are (purpose, token) pairs found in it, not yet verified. `content_key` tells
    the same words by another road. `address` is what the connector needs to answer here. `partly` is true when some of
    it could not be read.
    `others` are those who got it beside us. `numbers` are the Tickets that its subject names. `forwarded` is the
    message that it passes on. Of a bounce `about` is the key of the message that it is about, `undelivered` is true
    when that one has not arrived and won't, and `outcome` says so in a line.
    """

    kind: Kind
    author: Identity | None
    subject: str = ""
    text: str = ""
    reply: str = ""
    elided: str = ""
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    problems: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    key: str = ""
    refers: tuple[str, ...] = ()
    place: str = ""
    tokens: tuple[tuple[str, str], ...] = ()
    content_key: str | None = None
    address: Mapping[str, Any] = field(default_factory=dict)
    others: tuple[Identity, ...] = ()
    partly: bool = False
    verdict: Verdict = Verdict.UNVERIFIED
    numbers: tuple[int, ...] = ()
    forwarded: Forwarded | None = None
    about: str = ""
    undelivered: bool = False
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """The message of this key was changed by its author, or deleted (`text` None)."""

    author: Identity
    key: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Nothing to keep as a message."""

    reason: str


Meaning = Inbound | Edit | Skipped
"""What a reader makes of an Arrival."""


# ------------------------------------------------------------------ conversations


class Author(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"


class Visibility(StrEnum):
    PUBLIC = "public"
    NOTE = "note"


class Audience(StrEnum):
    CUSTOMER = "customer"
    AGENTS = "agents"


class ConversationState(StrEnum):
    """Who speaks next."""

    BOT = "bot"
    HUMAN = "human"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Thread:
    """A channel and that channel's own key. `address` is what its connector needs to answer here."""

    id: UUID
    conversation: UUID
    channel: str
    key: str
    audience: Audience
    address: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """An Inbound or a Reply once in a Conversation. `text` is what was said this time; `elided` what was cut away."""

    id: UUID
    conversation: UUID
    thread: UUID | None
    author: Author
    author_name: str
    visibility: Visibility
    kind: Kind
    subject: str
    text: str
    elided: str
    kept_at: datetime
    signs: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    partly: bool = False
    decided: bool = False
    arrival: UUID | None = None
    filed_at: datetime | None = None
    verdict: Verdict = Verdict.UNVERIFIED
    others: tuple[Identity, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """One customer's matter. `messages` are ordered by when they were kept; of very many the newest are here, and
    `earlier` says how many went before. `turn` counts the Decisions so far."""

    id: UUID
    team: str
    channel: str
    customer: Identity | None
    proven: bool
    subject: str
    state: ConversationState
    revision: int
    turn: int
    messages: tuple[Message, ...] = ()
    possible_reply_to: UUID | None = None
    earlier: int = 0
    updated_at: datetime | None = None

    def undecided(self) -> tuple[Message, ...]:
        """The customer's words that no Decision has covered yet."""
        return tuple(m for m in self.messages if m.author is Author.CUSTOMER and not m.decided)


# ------------------------------------------------------------------ triage


class Level(StrEnum):
    """How far a Triager may go in a category."""

    OFF = "off"
    SHADOW = "shadow"
    DRAFT = "draft"
    AUTOMATIC = "automatic"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Category:
    slug: str
    description: str


@dataclass(frozen=True, slots=True)
class Article:
    """Approved knowledge. An internal one may be read by Agents and never reaches a customer or a Triager."""

    slug: str
    title: str
    body: str
    tags: tuple[str, ...] = ()
    internal: bool = False
    updated: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A citable stretch of a public Article."""

    id: UUID
    article: str
    title: str
    heading: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """`quote` is a literal part of the passage, white space aside."""

    passage: Passage
    quote: str


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    citations: tuple[Citation, ...]

    @property
    def articles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(c.passage.article for c in self.citations))


@dataclass(frozen=True, slots=True)
class FileTicket:
    """Somebody has to act, not this minute. `draft` is an Answer that was not sent, for the Agent to use."""

    reason: str
    draft: Answer | None = None


@dataclass(frozen=True, slots=True)
class Escalate:
    """A FileTicket and a call now."""

    reason: str
    draft: Answer | None = None


@dataclass(frozen=True, slots=True)
class Ignore:
    reason: str


Action = Answer | FileTicket | Escalate | Ignore


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a Triager thinks, before any Guard. `evidence` is plain JSON, kept with the Decision."""

    action: Action
    triager: str
    category: str = "other"
    priority: Priority = Priority.NORMAL
    language: str = "en"
    summary: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""
    prompt_hash: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """A Proposal after the Guards: the one Action of a turn. `overruled` names the Guards that changed it, in order."""

    id: UUID
    conversation: UUID
    turn: int
    revision: int
    saw: tuple[UUID, ...]
    action: Action
    proposal: Proposal
    level: Level
    overruled: tuple[str, ...] = ()


# ------------------------------------------------------------------ act


class TicketState(StrEnum):
    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on hold"
    SOLVED = "solved"
    CLOSED = "closed"


UNSOLVED = (TicketState.NEW, TicketState.OPEN, TicketState.PENDING, TicketState.ON_HOLD)

NOT_A_REQUEST = "not a request"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Exists as soon as a human must act. The number is for people and opens nothing.

    `state_since`: since when it is in its state. `assigned_at`: since when it is the assignee's. `snoozed_until`:
    Agents don't want to see it before then, whatever its state. `closed_as`: how it was closed when it was not done
    (NOT_A_REQUEST).
    """

    id: UUID
    number: int
    conversation: UUID
    team: str
    state: TicketState
    priority: Priority
    category: str
    title: str
    reason: str
    draft: str
    assignee: str
    created_at: datetime
    updated_at: datetime
    state_since: datetime
    assigned_at: datetime | None = None
    snoozed_until: datetime | None = None
    closed_as: str = ""


@dataclass(frozen=True, slots=True)
class Escalation:
    """A call that goes with a Ticket. `called_at` is None until the call has left for the Agents' place."""

    id: UUID
    ticket: UUID
    reason: str
    created_at: datetime
    called_at: datetime | None = None
    taken_by: str = ""
    taken_at: datetime | None = None


# ------------------------------------------------------------------ deliver


class Form(StrEnum):
    """Reply: words owed to a Thread. Card: kept up to date. Notice: may be lost. Alert: to Agents, must arrive."""

    REPLY = "reply"
    CARD = "card"
    NOTICE = "notice"
    ALERT = "alert"


class ParcelKind(StrEnum):
    ANSWER = "answer"
    TICKET = "ticket"
    ESCALATION = "escalation"
    ACKNOWLEDGEMENT = "acknowledgement"
    AGENT = "agent"
    ALERT = "alert"
    NOTICE = "notice"


FOR_AGENTS = (ParcelKind.ESCALATION, ParcelKind.ALERT)
"""What never goes to a customer's Thread."""


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"
    UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True, slots=True)
class File:
    """An Agent's attachment."""

    name: str
    type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Quoted:
    """The words that a Reply answers, to stand under it."""

    name: str
    said_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something owed to a Thread, and how far its handing-over (the Delivery of the same id) has come.

    `address` is the Thread's at the time of the Decision. `rendered`, `reference` and `sender` (mail: the whole bytes,
    the Message-ID, the envelope's sender) are fixed and stored before the first try and stay the same on every later
    one.
    """

    id: UUID
    thread: UUID
    channel: str
    conversation: UUID
    form: Form
    kind: ParcelKind
    text: str
    address: Mapping[str, Any]
    automatic: bool
    created_at: datetime
    language: str = "en"
    ticket: int | None = None
    message: UUID | None = None
    quoted: Quoted | None = None
    files: tuple[File, ...] = ()
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    rendered: bytes | None = field(default=None, repr=False)
    reference: str | None = None
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A Parcel in its channel's own form, fixed before the first try. `reply_to` is the reference it answers, `sender`
    (mail: the envelope's) where word of its fate comes back to."""

    data: bytes = field(repr=False)
    reference: str
    to: tuple[str, ...]
    subject: str = ""
    reply_to: str | None = None
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Handed over. `reference` names where a response will appear; `file` is set when it was written to disk;
    `refused` has a line for each further recipient who was not reached."""

    reference: str
    file: str | None = None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Absent:
    """The channel was asked and knows nothing of the Parcel: it may be sent again."""


# ------------------------------------------------------------------ jobs


class JobState(StrEnum):
    WAITING = "waiting"
    BURIED = "buried"


@dataclass(frozen=True, slots=True)
class Job:
    """Durable work on one subject. `epoch` rises with each claim: whoever holds an older one has lost it. `lapsed`: the
    claim before this one ran out without a word."""

    id: UUID
    lane: Lane
    subject: str
    channel: str
    payload: Mapping[str, Any]
    epoch: int
    attempts: int
    run_at: datetime
    lease_until: datetime | None
    state: JobState = JobState.WAITING
    error: str = ""
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class Audit:
    """One line of the trail."""

    at: datetime
    actor: Actor
    verb: str
    target: str
    target_id: str
    detail: Mapping[str, Any]
