"""Is the desk itself well? What isn't is told to the Agents, once, and again when it is over."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import alerts, budget
from bot.calling import Place
from bot.figures import LaneFigures
from bot.marks import Polled, polled
from bot.rows import Pause, Trouble
from bot.store import Look, Store, Transaction, until_settled

log = logging.getLogger("firstline.health")

MODEL = "model on "

# A host that is gone can't say that its trouble is over; one that is there says again that it goes on.
GONE = alerts.REMIND + timedelta(hours=4)


@dataclass(frozen=True)
class Limits:
    """`oldest`: how long due work may wait. `away`: how long a channel may be out of reach. `disk`: the least share of
    the database's disk that must be free, in per cent."""

    oldest: timedelta
    away: timedelta
    disk: float


@dataclass(frozen=True)
class Vitals:
    """`free`: per cent of the disk, None where it is not ours to look at. `model`: why this `host` asks no model, or
    None; of all that is looked at only this is a host's own."""

    lanes: Sequence[LaneFigures]
    pauses: Sequence[Pause]
    free: float | None
    model: str | None
    host: str
    now: datetime
    mailboxes: Sequence["Unread"] = ()


@dataclass(frozen=True)
class Unread:
    """A mailbox, how it is, and how long it may go unread."""

    name: str
    state: Polled
    longest: timedelta


def troubles(vitals: Vitals, limits: Limits) -> dict[str, str]:
    """What is wrong, by name, in words that say what to do."""
    found: dict[str, str] = {}
    for lane in vitals.lanes:
        if lane.oldest > limits.oldest.total_seconds():
            found[f"lane {lane.lane}"] = (
                f"The oldest work in the lane {lane.lane} has waited for {_minutes(lane.oldest)}; {lane.waiting} wait."
                f" See `firstline queue list --lane {lane.lane}`."
            )
        if lane.buried:
            found[f"set aside in {lane.lane}"] = (
                f"{lane.buried} works of the lane {lane.lane} are set aside. See `firstline queue list --lane"
                f" {lane.lane}`; `firstline queue retry --all-buried` tries them again."
            )
    for pause in vitals.pauses:
        away = vitals.now - pause.since
        if away > limits.away:
            found[f"channel {pause.channel}"] = (
                f"The channel {pause.channel} can't be reached since {pause.since:%Y-%m-%d %H:%M} UTC: {pause.reason}."
                " What is owed there waits, and is sent when it answers again."
            )
    for mailbox in vitals.mailboxes:
        if vitals.now - mailbox.state.since > mailbox.longest:
            found[f"mailbox {mailbox.name}"] = _unread(mailbox)
    if vitals.free is not None and vitals.free < limits.disk:
        found["disk"] = (
            f"Only {vitals.free:.1f} % of the database's disk is free. When it is full, no request is taken any more."
        )
    if vitals.model:
        found[f"{MODEL}{vitals.host}"] = (
            f"The model is not asked on {vitals.host}: {vitals.model}. Meanwhile the local triager decides."
        )
    return found


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
        )


def _is_over(trouble: Trouble, found: dict[str, str], host: str, now: datetime) -> bool:
    if trouble.name == budget.ALERT:
        # Told by whoever spent it; a new day has a new budget.
        return trouble.told_at.date() < now.date()
    if trouble.name.startswith(MODEL) and trouble.name != f"{MODEL}{host}":
        return now - trouble.told_at > GONE
    return trouble.name not in found
