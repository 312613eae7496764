"""deliver: the fifth step. Each Parcel of a Thread is handed to its connector, in order."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from bot.backoff import backoff
from bot.connector import Connector, DeliveryFailed
from bot.failpoints import failpoint
from bot.model import (
    BOT,
    DeliveryState,
    Job,
    Lane,
    Parcel,
    ParcelKind,
    Priority,
    Receipt,
)
from bot.store import Store, Transaction

log = logging.getLogger("firstline.deliver")

# Retries go from 5 minutes to 4,000 s, as mail servers do (Postfix' defaults); so many of them last about 5 days.
MOST_ATTEMPTS = 115

LEASE = timedelta(seconds=60)

# While one worker tries a channel that was away, the others wait this long for its verdict.
PROBE = timedelta(seconds=60)


class Delivering:
    lane = Lane.DELIVER
    tries = 20
    first_wait = 5.0
    longest_wait = 600.0

    def __init__(self, store: Store, connectors: Mapping[str, Connector]) -> None:
        self.store = store
        self.connectors = connectors

    async def run(self, job: Job) -> None:
        """Hand over what the Thread owes until nothing is left or something has to wait."""
        thread = UUID(job.subject)
        while parcel := await self.store.read(lambda look: look.outbox.next_in(thread)):
            if not await self._hand_over(parcel, job):
                return

        def leave(tx: Transaction) -> None:
            tx.jobs.finish(job)

        await self.store.write(leave)

    async def give_up(self, job: Job, error: str) -> None:
        """A fault of ours, not the channel's: the Thread stays blocked and a person is told."""
        parcel = await self.store.read(lambda look: look.outbox.next_in(UUID(job.subject)))

        def bury(tx: Transaction) -> None:
            tx.jobs.bury(job, error)
            if parcel:
                _tell_agents(tx, parcel, f"a reply is stuck: {error}")

        await self.store.write(bury)

    # -------------------------------------------------------------- one Parcel; True: go on with the next

    async def _hand_over(self, parcel: Parcel, job: Job) -> bool:
        connector = self.connectors.get(parcel.channel)
        if connector is None:
            raise LookupError(
                f"no channel {parcel.channel!r} is configured; name it again, then `firstline queue retry`"
            )
        if parcel.state in (DeliveryState.SENDING, DeliveryState.UNKNOWN):
            settled = await connector.settle(parcel)
            if isinstance(settled, Receipt):
                return await self._delivered(parcel, settled, job)
            if settled is None and not connector.resend_unknown:
                return await self._hold(parcel, job)
            log.info("sent again in doubt", extra={"delivery": parcel.id, "channel": parcel.channel})
        ready = await self._begin(parcel, job, connector)
        return ready is not None and await self._try(ready, job, connector)

    async def _begin(self, parcel: Parcel, job: Job, connector: Connector) -> Parcel | None:
        """Fix the bytes and write down that a try begins; None when the channel is away and another worker probes."""
        rendered = None if parcel.rendered is not None else connector.render(parcel)

        def begin(tx: Transaction) -> bool:
            tx.jobs.hold(job)
            # The whole lease for the try: one that runs out in mid-send lets another worker send as well.
            tx.jobs.renew([job], LEASE)
            until = tx.now + PROBE
            if not tx.jobs.may_probe(parcel.channel, until):
                tx.jobs.retry(job, until, "the channel is away", free=True)
                return False
            if rendered is not None:
                tx.outbox.fix(parcel.id, rendered)
            tx.outbox.sending(parcel.id)
            return True

        if not await self.store.write(begin):
            return None
        if rendered is not None:
            parcel = replace(parcel, rendered=rendered.data, reference=rendered.reference)
        return replace(parcel, state=DeliveryState.SENDING, attempts=parcel.attempts + 1)

    async def _try(self, parcel: Parcel, job: Job, connector: Connector) -> bool:
        failpoint("deliver.before")
        try:
            receipt = await connector.deliver(parcel)
        except DeliveryFailed as failed:
            return await self._failed(parcel, failed, job)
        failpoint("deliver.after")
        return await self._delivered(parcel, receipt, job)

    async def _delivered(self, parcel: Parcel, receipt: Receipt, job: Job) -> bool:
        def delivered(tx: Transaction) -> bool:
            tx.jobs.hold(job)
            tx.outbox.delivered(parcel.id, receipt)
            tx.jobs.resume(parcel.channel)
            return _go_on(tx, job)

        more = await self.store.write(delivered)
        log.info("delivered", extra={"delivery": parcel.id, "conversation": parcel.conversation})
        return more

    async def _hold(self, parcel: Parcel, job: Job) -> bool:
        reason = "it is not known whether the last try arrived, and the channel's policy is to hold"

        def hold(tx: Transaction) -> None:
            tx.jobs.bury(job, reason)
            tx.outbox.unknown(parcel.id, reason)
            _tell_agents(tx, parcel, reason)

        await self.store.write(hold)
        return False

    # -------------------------------------------------------------- what may go wrong

    async def _failed(self, parcel: Parcel, failed: DeliveryFailed, job: Job) -> bool:
        # Not the reason: a relay's answer often repeats the customer's address. It is kept with the Delivery.
        log.warning("not delivered", extra={"delivery": parcel.id, "channel": parcel.channel})
        if failed.unreachable:
            return await self._pause(parcel, failed, job)
        if failed.permanent or parcel.attempts >= MOST_ATTEMPTS:
            return await self._undeliverable(parcel, failed, job)
        return await self._later(parcel, failed, job)

    async def _pause(self, parcel: Parcel, failed: DeliveryFailed, job: Job) -> bool:
        """Nothing is wrong with this Parcel: its channel waits as a whole, and no try is counted."""

        def pause(tx: Transaction) -> None:
            tx.jobs.hold(job)
            tries = next((p.tries for p in tx.jobs.pauses() if p.channel == parcel.channel), 0)
            until = tx.now + backoff(tries + 1, first=2, most=60)
            tx.outbox.pending(parcel.id, failed.reason, counted=False)
            tx.jobs.pause(parcel.channel, until, failed.reason)
            tx.jobs.retry(job, until, failed.reason, free=True)

        await self.store.write(pause)
        return False

    async def _undeliverable(self, parcel: Parcel, failed: DeliveryFailed, job: Job) -> bool:
        """It doesn't block what follows."""

        def undeliverable(tx: Transaction) -> bool:
            tx.jobs.hold(job)
            tx.outbox.undeliverable(parcel.id, failed.reason)
            tx.jobs.resume(parcel.channel)
            _tell_agents(tx, parcel, f"a reply could not be delivered: {failed.reason}")
            return _go_on(tx, job)

        return await self.store.write(undeliverable)

    async def _later(self, parcel: Parcel, failed: DeliveryFailed, job: Job) -> bool:
        wait = backoff(parcel.attempts, first=300, most=4000)
        if failed.after is not None:
            wait = timedelta(seconds=failed.after)

        def later(tx: Transaction) -> None:
            tx.jobs.hold(job)
            record = tx.outbox.unknown if failed.unknown else tx.outbox.pending
            record(parcel.id, failed.reason)
            tx.jobs.resume(parcel.channel)
            tx.jobs.retry(job, tx.now + wait, failed.reason, free=True)

        await self.store.write(later)
        return False


def _go_on(tx: Transaction, job: Job) -> bool:
    """Whether the Thread owes more; if not, the Job ends in the same commit."""
    more = tx.outbox.next_in(UUID(job.subject)) is not None
    if not more:
        tx.jobs.finish(job)
    return more


def _tell_agents(tx: Transaction, parcel: Parcel, reason: str) -> None:
    """A Ticket: nobody else would see that the customer is still waiting."""
    if parcel.kind in (ParcelKind.ALERT, ParcelKind.NOTICE):
        return
    conversation = tx.conversations.get(parcel.conversation)
    if conversation is None:
        return
    ticket = tx.tickets.file(
        parcel.conversation,
        team=conversation.team,
        priority=Priority.HIGH,
        category="other",
        title=conversation.subject or "(no subject)",
        reason=reason,
    )
    tx.audit.write(BOT, "told agents", "ticket", str(ticket.id), delivery=str(parcel.id), reason=reason)
