"""What the desk asks of its database, one small protocol per noun: what a Look reads, what a Transaction also writes.

Errors are those of `bot/store.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from bot.blocking import Block
from bot.model import (
    Actor,
    Agent,
    Arrival,
    Article,
    Audience,
    Audit,
    Category,
    Conversation,
    ConversationState,
    Decision,
    Edit,
    Escalation,
    Identity,
    Inbound,
    Job,
    Kept,
    Lane,
    Message,
    Parcel,
    ParcelKind,
    Passage,
    Priority,
    Receipt,
    Rendered,
    Role,
    Thread,
    Ticket,
    TicketState,
    Visibility,
)
from bot.rows import ArrivalRow, DecisionRow, DeliveryRow, Desk, Hit, Pause, Spent, Trouble

# ------------------------------------------------------------------ reading


class ArrivalsLook(Protocol):
    def get(self, arrival: UUID) -> Arrival | None: ...
    def row(self, arrival: UUID) -> ArrivalRow | None: ...
    def since(self, after: UUID | None, *, state: str | None, limit: int) -> list[ArrivalRow]: ...


class JobsLook(Protocol):
    def rows(self, *, lane: Lane | None = None, after: UUID | None = None, limit: int = 1000) -> list[Job]:
        """In the order in which they were put; pages begin after the given Job."""
        ...

    def find(self, lane: Lane, subject: str) -> Job | None: ...
    def next_due(self, lanes: Sequence[Lane]) -> datetime | None:
        """When the next waiting, unclaimed Job of these lanes (or the next lease to expire) is due."""
        ...

    def counts(self) -> Mapping[str, int]:
        """Waiting and buried Jobs: {"read": 3, "deliver.buried": 1}."""
        ...

    def pauses(self) -> list[Pause]: ...


class ConversationsLook(Protocol):
    def get(self, conversation: UUID) -> Conversation | None:
        """With its messages, in the order in which they were kept; of very many the newest."""
        ...

    def head(self, conversation: UUID) -> Conversation | None:
        """Without its messages."""
        ...

    def size(self, conversation: UUID) -> int:
        """How many messages it has."""
        ...

    def begun_since(self, customer: Identity, since: datetime) -> int:
        """How many Conversations this customer has begun since then."""
        ...

    def of_arrival(self, arrival: UUID) -> Message | None:
        """What the Arrival was filed as."""
        ...

    def knows(self, content_key: str) -> UUID | None:
        """The Conversation in which these very words have been filed already."""
        ...

    def keyed(self, channel: str, key: str) -> UUID | None:
        """The message that this key of a customer's names in the channel."""
        ...

    def find(self, text: str) -> UUID | None:
        """The Conversation that an id (of anything in it), a Ticket's number or a Message-ID names."""
        ...

    def decisions(self, conversation: UUID) -> list[DecisionRow]: ...


class ThreadsLook(Protocol):
    def get(self, thread: UUID) -> Thread | None: ...
    def of(self, conversation: UUID, audience: Audience) -> list[Thread]:
        """Newest first."""
        ...

    def by_key(self, scope: str, keys: Sequence[str], participant: str) -> Thread | None:
        """The Thread that the first known key names for this participant."""
        ...

    def named(self, channel: str, key: str) -> Thread | None:
        """By the channel's own key."""
        ...

    def by_any(self, scope: str, keys: Sequence[str]) -> Thread | None:
        """The Thread that one of the keys names for anybody: a hint for people, never a reason to join."""
        ...

    def is_participant(self, conversation: UUID, who: Identity) -> bool: ...


class TicketsLook(Protocol):
    def get(self, number: int) -> Ticket | None: ...
    def unsolved(self, conversation: UUID) -> Ticket | None: ...
    def last(self, conversation: UUID) -> Ticket | None:
        """The Conversation's newest, solved or not."""
        ...

    def rows(
        self,
        *,
        states: Sequence[TicketState] | None = None,
        snoozed: bool | None = None,
        after: int | None = None,
        limit: int = 200,
    ) -> list[Ticket]:
        """By number; pages begin after the given one. `snoozed`: those alone that are snoozed just now, or are not."""
        ...

    def overslept(self, *, limit: int = 500) -> list[int]:
        """The numbers of those whose snooze is over, the longest first."""
        ...

    def of(self, conversation: UUID) -> list[Ticket]:
        """Oldest first."""
        ...

    def escalations(self, ticket: UUID) -> list[Escalation]: ...


class OutboxLook(Protocol):
    def get(self, parcel: UUID) -> Parcel | None: ...
    def next_in(self, thread: UUID) -> Parcel | None:
        """The first Parcel of the Thread that is neither delivered nor undeliverable."""
        ...

    def rows(
        self, *, after: UUID | None = None, conversation: UUID | None = None, limit: int = 500
    ) -> list[DeliveryRow]:
        """Oldest first; pages begin after the given Delivery."""
        ...

    def row(self, delivery: UUID) -> DeliveryRow | None: ...
    def owed_since(self, thread: UUID, kind: ParcelKind, since: datetime) -> int:
        """How many Parcels of the kind the Thread was owed since then, whatever became of them."""
        ...

    def automatic_since(self, recipient: str, since: datetime) -> int:
        """Automatic replies to this address since then, whatever became of them."""
        ...

    def automatic(self, since: datetime, *, at_most: int) -> int:
        """Automatic replies to anybody since then; counted up to `at_most`."""
        ...

    def sent_as(self, reference: str) -> Parcel | None:
        """The one whose Delivery has this reference."""
        ...


class PeopleLook(Protocol):
    def agents(self) -> list[Agent]: ...
    def agent(self, name: str) -> Agent | None: ...
    def agent_with(self, who: Identity) -> Agent | None:
        """Whose identity it is."""
        ...

    def is_proven(self, who: Identity) -> bool: ...


class ArticlesLook(Protocol):
    def rows(self) -> list[Article]: ...
    def get(self, slug: str) -> Article | None: ...
    def search(self, words: Sequence[str], *, limit: int = 10) -> list[Hit]:
        """Passages of public Articles with any of the words."""
        ...

    def passages(self, slug: str) -> list[Passage]: ...
    def categories(self) -> list[Category]: ...


class AuditLook(Protocol):
    def of(self, target_id: str) -> list[Audit]: ...


class DeskLook(Protocol):
    def get(self) -> Desk: ...


class BlocksLook(Protocol):
    def rows(self) -> list[Block]:
        """By pattern."""
        ...

    def of(self, address: str) -> Block | None:
        """One that keeps the desk from reading what this address writes."""
        ...


class CursorsLook(Protocol):
    def get(self, name: str) -> Mapping[str, Any] | None: ...


class AlertsLook(Protocol):
    def up(self) -> list[Trouble]:
        """Those that go on, the longest first."""
        ...


class BudgetsLook(Protocol):
    def spent(self, day: date) -> Spent:
        """Reservations of calls under way included."""
        ...


# ------------------------------------------------------------------ writing


class Arrivals(ArrivalsLook, Protocol):
    def keep(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        """Insert those whose (channel, transport key) is new, with their raw and a read Job each."""
        ...

    def close(self, arrival: UUID, state: str, problem: str = "") -> None: ...
    def redact(self, arrival: UUID) -> None:
        """Its bytes are gone for good; what else is known of it stays."""
        ...


class Jobs(JobsLook, Protocol):
    def put(
        self,
        lane: Lane,
        subject: str,
        *,
        channel: str = "",
        run_at: datetime | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> None:
        """There is work on the subject. A waiting Job becomes due no later; a claimed one will run again; a buried one
        is dug up. A payload replaces the old one."""
        ...

    def claim(self, lane: Lane, *, at_most: int, lease: timedelta) -> list[Job]: ...
    def renew(self, jobs: Sequence[Job], lease: timedelta) -> list[Job]: ...
    def release(self) -> int:
        """Take every claim away: whoever held them is known to be gone. Returns how many there were."""
        ...

    def hold(self, job: Job) -> None:
        """Raises LostClaim unless the Job's claim is still ours; nobody can take it before the commit."""
        ...

    def finish(self, job: Job) -> None:
        """The Job is done: gone, or due at once if new work came. Raises LostClaim unless we hold its claim."""
        ...

    def retry(
        self, job: Job, run_at: datetime, error: str, *, payload: Mapping[str, Any] | None = None, free: bool = False
    ) -> None:
        """Due again then; `free`: the try is not counted. Raises LostClaim."""
        ...

    def bury(self, job: Job, error: str) -> None:
        """Set aside until somebody digs it up. Raises LostClaim."""
        ...

    def dig_up(self, lane: Lane, subject: str) -> bool:
        """Make a waiting or buried Job due at once with all its tries; False when there is none."""
        ...

    def set_aside(self, lane: Lane, subject: str, error: str) -> bool:
        """An operator's bury: whoever works on it loses the claim."""
        ...

    def pause(self, channel: str, until: datetime, reason: str) -> None:
        """The channel can't be reached: none of its Jobs is claimed before `until`."""
        ...

    def may_probe(self, channel: str, until: datetime) -> bool:
        """True when the channel isn't paused, or to the one caller who may try it now; others wait until `until`."""
        ...

    def resume(self, channel: str) -> bool:
        """The channel works again; its Jobs are due at once. False when it was not paused."""
        ...


class Conversations(ConversationsLook, Protocol):
    def open(
        self, *, team: str, channel: str, customer: Identity | None, subject: str, possible_reply_to: UUID | None
    ) -> UUID: ...
    def add(
        self, conversation: UUID, thread: Thread | None, arrival: UUID | None, inbound: Inbound, kept_at: datetime
    ) -> UUID | None:
        """File a customer's Inbound; None when its content key is known. Raises the revision."""
        ...

    def note(
        self, conversation: UUID, thread: Thread, arrival: UUID, inbound: Inbound, kept_at: datetime, *, name: str
    ) -> UUID | None:
        """File an Inbound from the Agents' place as a note, which no customer and no Triager sees. `name`: who it says
        that it is from. None when its content key is known. Raises the revision."""
        ...

    def revise(self, message: UUID, inbound: Inbound) -> None:
        """The message was read again, better. Raises the revision; what was decided stays decided, and who may see it
        stays as it was."""
        ...

    def reword(self, message: UUID, text: str) -> None:
        """Its author has changed it. Raises the revision."""
        ...

    def redact(self, message: UUID) -> None:
        """Its author has deleted it: no word of it stays, nor of its Arrival, and it needs no Decision. Raises the
        revision."""
        ...

    def say(
        self,
        conversation: UUID,
        *,
        thread: UUID | None,
        author: Actor,
        visibility: Visibility,
        text: str,
        key: UUID,
        arrival: Arrival | None = None,
    ) -> UUID:
        """File a Reply or note of the bot or an Agent under the given id. Raises the revision. `arrival`: what an
        Agent said it with."""
        ...

    def become(self, conversation: UUID, state: ConversationState) -> None:
        """Change who speaks next. Raises the revision when it changed."""
        ...

    def hold(self, conversation: UUID) -> Conversation:
        """As `lock`, without its messages."""
        ...

    def lock(self, conversation: UUID) -> Conversation:
        """The Conversation as it is now, kept from others until the commit (a row lock on PostgreSQL)."""
        ...

    def decide(self, decision: Decision) -> None:
        """Store the Decision under its turn and mark what it saw. Raises Conflict when the turn is taken."""
        ...

    def cover(self, messages: Sequence[UUID]) -> None:
        """Mark messages as needing no Decision: they came while the Conversation was with humans."""
        ...


class Threads(ThreadsLook, Protocol):
    def open(
        self, conversation: UUID, channel: str, key: str, audience: Audience, address: Mapping[str, Any]
    ) -> Thread: ...
    def learn(self, thread: UUID, scope: str, keys: Iterable[str], participant: str) -> None:
        """The participant may find the Thread by these keys from now on; those already taken stay as they are."""
        ...

    def take(self, thread: UUID, scope: str, key: str, participant: str) -> None:
        """As `learn`, but raises Conflict when the key is taken: the loser of a race runs again, finding the winner."""
        ...

    def move(self, thread: UUID, address: Mapping[str, Any]) -> None:
        """What the connector needs to answer here has changed."""
        ...

    def join(self, conversation: UUID, who: Identity) -> None: ...


class Tickets(TicketsLook, Protocol):
    def file(
        self,
        conversation: UUID,
        *,
        team: str,
        priority: str,
        category: str,
        title: str,
        reason: str,
        draft: str = "",
    ) -> Ticket:
        """A new Ticket, or the Conversation's unsolved one with the reason and the draft renewed and the priority
        raised; snoozed no more, for something has happened."""
        ...

    def become(self, number: int, state: TicketState, *, closed_as: str = "") -> None:
        """A Ticket that is solved or closed is snoozed no more."""
        ...

    def take(self, number: int, agent: UUID) -> bool:
        """Make it this Agent's if it is nobody's; False when it is somebody's already."""
        ...

    def assign(self, number: int, agent: UUID | None) -> None:
        """Whosever it was."""
        ...

    def set_priority(self, number: int, priority: Priority) -> None: ...
    def set_category(self, number: int, category: str) -> None: ...
    def snooze(self, number: int, until: datetime) -> None: ...
    def wake(self, number: int, *, overslept: bool = False) -> bool:
        """It is open, and snoozed no more. False, and nothing changes, when it is not snoozed, or with `overslept`
        when its snooze is not over (any more)."""
        ...

    def call(self, ticket: UUID, reason: str) -> Escalation:
        """Store an Escalation; nobody is called yet."""
        ...

    def called(self, number: int) -> None:
        """The call to people about this Ticket has left."""
        ...

    def taken(self, ticket: UUID, agent: UUID) -> None:
        """Its open Escalations were taken."""
        ...


class Outbox(OutboxLook, Protocol):
    def put(self, parcel: Parcel) -> None:
        """Queue the Parcel behind what its Thread already owes, with a deliver Job. Refuses a note's words to a
        customer's Thread (ValueError)."""
        ...

    def fix(self, parcel: UUID, rendered: Rendered) -> None:
        """Store the bytes of every try."""
        ...

    def sending(self, parcel: UUID) -> None:
        """A try begins: whatever happens now is doubtful until it is settled."""
        ...

    def pending(self, parcel: UUID, error: str, *, counted: bool = True) -> None:
        """Surely not taken: it may be tried again."""
        ...

    def delivered(self, parcel: UUID, receipt: Receipt) -> None: ...
    def unknown(self, parcel: UUID, error: str) -> None: ...
    def undeliverable(self, parcel: UUID, error: str) -> None: ...


class People(PeopleLook, Protocol):
    def contact(self, who: Identity) -> UUID:
        """The Contact of this identity, made when it is new."""
        ...

    def prove(self, who: Identity) -> None: ...
    def hold(self, who: Identity) -> None:
        """Keep others from counting replies to this identity until the commit (a row lock on PostgreSQL)."""
        ...

    def add_agent(self, name: str, role: Role, identities: Sequence[Identity]) -> Agent:
        """Raises Conflict when the name or an identity is taken."""
        ...


class Articles(ArticlesLook, Protocol):
    def put(self, article: Article, *, source: str, passages: Sequence[tuple[str, str]]) -> bool:
        """Add or replace by slug; `passages` are (heading, text), none for an internal one. False: unchanged."""
        ...

    def remove(self, slug: str) -> bool: ...
    def set_categories(self, categories: Sequence[Category]) -> None: ...


class AuditTrail(AuditLook, Protocol):
    def write(self, actor: Actor, verb: str, target: str, target_id: str, **detail: Any) -> None: ...


class DeskWrite(DeskLook, Protocol):
    def stop(self, by: str) -> None: ...
    def start(self, by: str) -> None: ...


class Blocks(BlocksLook, Protocol):
    def add(self, pattern: str, *, reason: str, by: str) -> bool:
        """False when the pattern is there already; it stays as it is."""
        ...

    def remove(self, pattern: str) -> bool: ...


class Edits(Protocol):
    """Of messages that have not been filed yet."""

    def remember(self, channel: str, edit: Edit) -> None:
        """The last one of a message counts, and a deletion is never taken back."""
        ...

    def take(self, channel: str, key: str) -> Edit | None: ...


class Cursors(CursorsLook, Protocol):
    def set(self, name: str, value: Mapping[str, Any]) -> None: ...


class Alerts(AlertsLook, Protocol):
    def begin(self, name: str, text: str, *, remind: timedelta) -> bool:
        """Something is wrong. True for the one caller who has to tell the Agents: it is new, or was told long ago."""
        ...

    def end(self, name: str) -> bool:
        """It is over. True for the one caller who has to tell."""
        ...


class Budgets(BudgetsLook, Protocol):
    def take(self, day: date, slice_: int, amount: Spent, *, limit: Spent) -> bool:
        """Add the amount to the slice unless that would exceed the slice's limit; a limit of 0 is none."""
        ...

    def correct(self, day: date, slice_: int, by: Spent) -> None:
        """What was taken turned out to be more or (negative) less."""
        ...
