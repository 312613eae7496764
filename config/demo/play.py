"""The customers write, some answer what came back, and the way of each mail is followed to its end."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from bot.store import Look, Store, StoreBusy
from config.demo.letters import PARTS, Part
from config.demo.mailboxes import Mailboxes
from config.errors import Refused
from config.following import Way, way
from config.kinds import Endpoint
from config.sending import hand_over

# For the whole play. What isn't done by then has failed.
PATIENCE = 25.0

# Between two looks at the database: nothing tells when a Delivery has ended.
EVERY = 0.05

OUTCOMES = {"Answer": "answered", "FileTicket": "ticketed", "Escalate": "escalated", "Ignore": "ignored"}
FAILED = "failed"


@dataclass(frozen=True)
class Seen:
    """One mail and how far it has come. `kept`: seconds until the desk said that it has it."""

    part: Part
    began: datetime | None = None
    arrival: UUID | None = None
    kept: float | None = None
    way: Way | None = None
    refused: str = ""

    @property
    def problem(self) -> str:
        """Why it came to no good end."""
        return self.refused or (self.way.problem if self.way else "")

    @property
    def is_over(self) -> bool:
        return bool(self.refused) or (self.way is not None and self.way.is_over)

    @property
    def decided(self) -> str:
        """What the desk made of it; empty while it has not decided."""
        decision = self.way.decision if self.way else None
        return OUTCOMES[decision.action] if decision else ""

    @property
    def outcome(self) -> str:
        """As it was decided; failed when it was not, or when what was owed did not arrive."""
        return self.decided if self.decided and self.is_over and not self.problem else FAILED

    def after(self, moment: datetime | None) -> float | None:
        """Seconds from its sending until then."""
        return (moment - self.began).total_seconds() if moment and self.began else None


class Play:
    """`seen` is what is known of each part, in their order; `tell` hears of each as soon as it is over."""

    def __init__(self, tell: Callable[[Seen], None], pause: float, patience: float = PATIENCE) -> None:
        """`pause`: seconds between two mails, for somebody who watches."""
        self.seen = [Seen(part) for part in PARTS]
        self.ended = False
        self._tell = tell
        self._pause = pause
        self._patience = patience + pause * len(PARTS)

    async def run(self, store: Store, desk: Endpoint, mailboxes: Mailboxes) -> None:
        """Returns when every mail has come to its end, or when there was no more patience."""
        try:
            async with asyncio.timeout(self._patience):
                await asyncio.gather(self._write(desk, mailboxes), self._follow(store))
        except TimeoutError:
            for number, one in enumerate(self.seen):
                if not one.is_over:
                    self._note(number, replace(one, refused=f"not done after {self._patience:g} s: {_stage(one)}"))
        self.ended = True

    # -------------------------------------------------------------- the customers

    async def _write(self, desk: Endpoint, mailboxes: Mailboxes) -> None:
        for number, one in enumerate(self.seen):
            await self._send(number, one.part, desk, mailboxes)
            await asyncio.sleep(self._pause)

    async def _send(self, number: int, part: Part, desk: Endpoint, mailboxes: Mailboxes) -> None:
        letter = part.to(await mailboxes.first(part.letter.sender)) if part.answering else part.letter
        one = Seen(part, began=datetime.now(UTC))
        try:
            arrival = await hand_over(letter, desk)
        except Refused as refused:
            self._note(number, replace(one, refused=str(refused)))
        else:
            self._note(number, replace(one, arrival=arrival, kept=one.after(datetime.now(UTC))))

    # -------------------------------------------------------------- what becomes of their mails

    async def _follow(self, store: Store) -> None:
        while not all(one.is_over for one in self.seen):
            with suppress(StoreBusy):
                for number, found in (await store.read(self._ways)).items():
                    self._note(number, replace(self.seen[number], way=found))
            await asyncio.sleep(EVERY)

    def _ways(self, look: Look) -> Mapping[int, Way | None]:
        open_ones = {number: one.arrival for number, one in enumerate(self.seen) if not one.is_over}
        return {number: way(look, arrival) for number, arrival in open_ones.items() if arrival}

    def _note(self, number: int, one: Seen) -> None:
        self.seen[number] = one
        if one.is_over:
            self._tell(one)


def _stage(one: Seen) -> str:
    if one.way:
        return f"it waits {one.way.waits_for}"
    return "it was never sent" if one.arrival is None else "nothing is known of it"
