"""Is the desk itself well? What isn't is told to the Agents, once, and again when it is over."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import alerts, budget
from bot.calling import Place
from bot.figures import LaneFigures
from bot.marks import Polled, polled
from bot.model import Lane
from bot.rows import Pause, Trouble
from bot.store import Look, Store, Transaction, until_settled

log = logging.getLogger("firstline.health")

MODEL = "model on "
HOUR = timedelta(hours=1)

# A host that is gone can't say that its trouble is over; one that is there says again that it goes on.
GONE = alerts.REMIND + timedelta(hours=4)


@dataclass(frozen=True)
class Limits:
    """`oldest`: how long due work may wait. `away`: how long a channel may be out of reach. `disk`: the least share of
    the database's disk that must be free, in per cent. `replies`: automatic ones in an hour, 0: any number."""

    oldest: timedelta
    away: timedelta
    disk: float
    replies: int = 0


@dataclass(frozen=True)
class Vitals:
    """`free`: per cent of the disk, None where it is not ours to look at. `model`: why this `host` asks no model, or
    None; of all that is looked at only this is a host's own. `replies`: automatic ones in the last hour."""

    lanes: Sequence[LaneFigures]
    pauses: Sequence[Pause]
    free: float | None
    model: str | None
    host: str
    now: datetime
    mailboxes: Sequence["Unread"] = ()
    replies: int = 0


@dataclass(frozen=True)
class Unread:
    """A mailbox, how it is, and how long it may go unread."""

    name: str
    state: Polled
    longest: timedelta


def troubles(vitals: Vitals, limits: Limits) -> dict[str, str]:
    """What is wrong, by name, in words that say what to do."""
    return dict(_troubles(vitals, limits))


def _troubles(vitals: Vitals, limits: Limits) -> Iterator[tuple[str, str]]:
    for lane in vitals.lanes:
        yield from _of_lane(lane, limits)
    for pause in vitals.pauses:
        if vitals.now - pause.since > limits.away:
            yield f"channel {pause.channel}", _paused(pause)
    for mailbox in vitals.mailboxes:
        if vitals.now - mailbox.state.since > mailbox.longest:
            yield f"mailbox {mailbox.name}", _unread(mailbox)
    if vitals.free is not None and vitals.free < limits.disk:
        full = "When it is full, no request is taken any more."
        yield "disk", f"Only {vitals.free:.1f} % of the database's disk is free. {full}"
    if vitals.model:
        meanwhile = "Meanwhile the local triager decides."
        yield f"{MODEL}{vitals.host}", f"The model is not asked on {vitals.host}: {vitals.model}. {meanwhile}"
    if limits.replies and vitals.replies >= limits.replies:
        yield "automatic replies", _silent(limits)


def _of_lane(lane: LaneFigures, limits: Limits) -> Iterator[tuple[str, str]]:
    # After a pause of the whole desk every chore is late, and this look is one of them.
    if lane.lane is not Lane.CHORES and lane.oldest > limits.oldest.total_seconds():
        yield (
            f"lane {lane.lane}",
            (
                f"The oldest work in the lane {lane.lane} has waited for {_minutes(lane.oldest)}; {lane.waiting} wait."
                f" See `firstline queue list --lane {lane.lane}`."
            ),
        )
    if lane.buried:
        yield (
            f"set aside in {lane.lane}",
            (
                f"{lane.buried} works of the lane {lane.lane} are set aside. See `firstline queue list --lane"
                f" {lane.lane}`; `firstline queue retry --all-buried` tries them again."
            ),
        )


def _paused(pause: Pause) -> str:
    return (
        f"The channel {pause.channel} can't be reached since {pause.since:%Y-%m-%d %H:%M} UTC: {pause.reason}."
        " What is owed there waits, and is sent when it answers again."
    )


def _silent(limits: Limits) -> str:
    return (
        f"{limits.replies} automatic replies have left within an hour, which is the limit (TRIAGE__DESK_REPLIES). Until"
        " there are fewer, every request becomes a ticket without a reply: look whether somebody floods the desk."
    )


def _unread(mailbox: Unread) -> str:
    why = mailbox.state.reason or "no process of the desk looks at it"
    return (
        f"The mailbox {mailbox.name} has not been read since {mailbox.state.since:%Y-%m-%d %H:%M} UTC: {why}. Its mail"
        f" waits there, nothing is lost. `firstline mailbox test {mailbox.name}` tries it."
    )


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.0f} hours"


class Health:
    """Looks, and tells at the place. `free` and `model` give what the database doesn't know; of several hosts any may
    be the one that looks."""

    def __init__(
        self,
        store: Store,
        place: Place,
        limits: Limits,
        *,
        free: Callable[[], float | None],
        model: Callable[[], str | None],
        host: str,
        mailboxes: Mapping[str, timedelta] | None = None,
    ) -> None:
        """`mailboxes`: those that are fetched, and how long each may go unread."""
        self.store = store
        self.place = place
        self.limits = limits
        self.free = free
        self.model = model
        self.host = host
        self.mailboxes = mailboxes or {}

    async def check(self) -> None:
        vitals = await self.store.read(self._vitals)
        found = troubles(vitals, self.limits)

        def tell(tx: Transaction) -> list[str]:
            told = [name for name, text in found.items() if alerts.tell(tx, self.place, name, text)]
            over = [one.name for one in tx.alerts.up() if _is_over(one, found, self.host, tx.now)]
            for name in over:
                alerts.over(tx, self.place, name)
            return told

        for name in await until_settled(lambda: self.store.write(tell)):
            log.error("the desk is unwell", extra={"part": name, "reason": found[name]})

    def _vitals(self, look: Look) -> Vitals:
        return Vitals(
            look.figures.lanes(),
            look.jobs.pauses(),
            self.free(),
            self.model(),
            self.host,
            look.now,
            [Unread(name, state, longest) for name, longest in self.mailboxes.items() if (state := polled(look, name))],
            look.outbox.automatic(look.now - HOUR, at_most=self.limits.replies) if self.limits.replies else 0,
        )


def _is_over(trouble: Trouble, found: dict[str, str], host: str, now: datetime) -> bool:
    if trouble.name == budget.ALERT:
        # Told by whoever spent it; a new day has a new budget.
        return trouble.told_at.date() < now.date()
    if trouble.name.startswith(MODEL) and trouble.name != f"{MODEL}{host}":
        return now - trouble.told_at > GONE
    return trouble.name not in found
