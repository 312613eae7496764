"""keep: the first step. Raw bytes and a transport key become an Arrival, committed before anybody is told so."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from bot import metrics
from bot.model import Arrival, Kept
from bot.store import Store
from bot.turns import Turns

log = logging.getLogger("firstline.keep")


class Intake:
    """The Keep that connectors are given. Nothing is parsed here: no input can make keeping fail."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.kept = 0
        self._turns = Turns()

    async def keep(self, arrivals: Sequence[Arrival]) -> Sequence[Kept]:
        promises = await self.store.keep([self._in_turn(arrival) for arrival in arrivals])
        for arrival, promise in zip(arrivals, promises, strict=True):
            self.kept += not promise.seen_before
            metrics.KEPT.labels(arrival.channel, "yes" if promise.seen_before else "no").inc()
            about = {"channel": arrival.channel, "again": promise.seen_before, "size": len(arrival.raw)}
            log.info("kept", extra={"arrival": promise.id, **about})
        return promises

    def _in_turn(self, arrival: Arrival) -> Arrival:
        sender = arrival.envelope.get("from")
        if sender is None:
            return arrival
        wait = self._turns.wait(arrival.channel, str(sender).lower())
        return replace(arrival, wait=wait) if wait else arrival
