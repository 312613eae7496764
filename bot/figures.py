"""What whoever runs the desk wants to see at a glance, counted in the database by few and cheap looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.model import DeliveryState, Lane, ParcelKind, TicketState


@dataclass(frozen=True, slots=True)
class LaneFigures:
    """`claimed`: at work just now. `oldest`: seconds that the longest waiting of the due Jobs has waited, 0 for none;
    what a channel that is away holds up has waited since it went away."""

    lane: Lane
    waiting: int = 0
    claimed: int = 0
    buried: int = 0
    oldest: float = 0.0


@dataclass(frozen=True, slots=True)
class Untaken:
    """Calls that nobody has taken while their Ticket is unsolved, and since when the first of them waits."""

    number: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions of one kind. `action` is Answer, FileTicket, Escalate or Ignore."""

    action: str
    triager: str
    number: int
    tokens: int = 0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Handed:
    """Deliveries of one kind and how far they have come."""

    kind: ParcelKind
    state: DeliveryState
    number: int


@dataclass(frozen=True, slots=True)
class Activity:
    """What has happened since an instant. `set_aside`: of those kept, what could not be read and waits for a person."""

    kept: int = 0
    set_aside: int = 0
    decided: tuple[Decided, ...] = ()
    handed: tuple[Handed, ...] = ()

    def actions(self, name: str) -> int:
        return sum(one.number for one in self.decided if one.action == name)

    def deliveries(self, state: DeliveryState) -> int:
        return sum(one.number for one in self.handed if one.state is state)

    @property
    def tokens(self) -> int:
        return sum(one.tokens for one in self.decided)

    @property
    def cost(self) -> float:
        return sum(one.cost for one in self.decided)

    @property
    def deflection(self) -> float | None:
        """The share of what was decided, Ignore aside, that needed no person; None when there is nothing."""
        needed = self.actions("FileTicket") + self.actions("Escalate")
        answered = self.actions("Answer")
        return answered / (answered + needed) if answered + needed else None


class FiguresLook(Protocol):
    def lanes(self) -> list[LaneFigures]:
        """Every lane, in the order of the walk."""
        ...

    def since(self, instant: datetime) -> Activity: ...

    def tickets(self) -> Mapping[TicketState, int]:
        """The unsolved ones. Of solved and closed ones there are more each day, and counting them would take longer."""
        ...

    def untaken(self) -> Untaken: ...

    def owed(self) -> Mapping[DeliveryState, int]:
        """Deliveries that are not over: pending, sending, unknown."""
        ...

    def size(self) -> int:
        """Bytes of the database."""
        ...
