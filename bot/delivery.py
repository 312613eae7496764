"""deliver: the fifth step. Each Parcel of a Thread is handed to its connector, in order."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from bot import metrics
from bot.backoff import backoff
from bot.connector import Connector, DeliveryFailed, NotYet
from bot.failpoints import failpoint
from bot.handing_over import hand_over
from bot.model import DeliveryState, Job, Lane, Parcel, ParcelKind, Priority, Receipt, Rendered
from bot.store import Store, Transaction

log = logging.getLogger("firstline.deliver")

# Retries go from 5 minutes to 4,000 s, as mail servers do (Postfix' defaults); so many of them last about 5 days.
MOST_ATTEMPTS = 115

LEASE = timedelta(seconds=60)

# While one worker tries a channel that was away, the others wait this long for its verdict.
PROBE = timedelta(seconds=60)

# How often a desk that only watches looks whether it may speak.
WATCH = timedelta(seconds=60)

WITHDRAWN = "triage was stopped before this answer was sent"


class Delivering:
    lane = Lane.DELIVER
    tries = 20
    first_wait = 5.0
    longest_wait = 600.0

    def __init__(self, store: Store, connectors: Mapping[str, Connector], *, watching: bool = False) -> None:
        """`watching`: nothing leaves but alerts about the desk itself."""
        self.store = store
        self.connectors = connectors
        self.watching = watching

    async def run(self, job: Job) -> None:
        """Hand over what the Thread owes until nothing is left or something has to wait."""
        thread = UUID(job.subject)
        while parcel := await self.store.read(lambda look: look.outbox.next_in(thread)):
            if self.watching and parcel.kind is not ParcelKind.ALERT:
                await self._wait(job)
                return
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

    async def _wait(self, job: Job) -> None:
        def wait(tx: Transaction) -> None:
            tx.jobs.retry(job, tx.now + WATCH, "the desk only watches (DESK__WATCH)", free=True)

        await self.store.write(wait)

    # -------------------------------------------------------------- one Parcel; True: go on with the next

    async def _hand_over(self, parcel: Parcel, job: Job) -> bool:
        connector = self.connectors.get(parcel.channel)
        if connector is None:
            raise LookupError(
                f"no channel {parcel.channel!r} is configured; name it again, then `firstline queue retry`"
            )
        if parcel.state in (DeliveryState.SENDING, DeliveryState.UNKNOWN):
            try:
                settled = await connector.settle(parcel)
            except DeliveryFailed as failed:
                return await self._unsettled(parcel, failed, job)
            if isinstance(settled, Receipt):
                return await self._delivered(parcel, settled, job)
            if settled is None and not connector.resend_unknown:
                return await self._hold(parcel, job)
            log.info("sent again in doubt", extra={"delivery": parcel.id, "channel": parcel.channel})
        ready = await self._begin(parcel, job, connector)
        if isinstance(ready, Parcel):
            return await self._try(ready, job, connector)
        return ready

    async def _begin(self, parcel: Parcel, job: Job, connector: Connector) -> Parcel | bool:
        """Fix the bytes and write down that a try begins. Instead of the Parcel to try: False when the channel is away
        and another worker probes, True when this one is not to be sent any more."""
        rendered = None if parcel.rendered is not None else await _rendered(parcel, connector)

        def begin(tx: Transaction) -> bool | None:
            tx.jobs.hold(job)
            if parcel.kind is ParcelKind.ANSWER and tx.desk.get().stopped:
                return _withdraw(tx, parcel, job)
            # The whole lease for the try: one that runs out in mid-send lets another worker send as well.
            tx.jobs.renew([job], LEASE)
            until = tx.now + PROBE
            if not tx.jobs.may_probe(parcel.channel, until):
                tx.jobs.retry(job, until, "the channel is away", free=True)
                return False
            if rendered is not None:
                tx.outbox.fix(parcel.id, rendered)
            tx.outbox.sending(parcel.id)
            return None

        instead = await self.store.write(begin)
        if instead is not None:
            return instead
        if rendered is not None:
            parcel = replace(parcel, rendered=rendered.data, reference=rendered.reference, sender=rendered.sender)
        return replace(parcel, state=DeliveryState.SENDING, attempts=parcel.attempts + 1)

    async def _try(self, parcel: Parcel, job: Job, connector: Connector) -> bool:
        failpoint("deliver.before")
        try:
            receipt = await connector.deliver(parcel)
        except NotYet as early:
            return await self._put_off(parcel, early, job)
        except DeliveryFailed as failed:
            return await self._failed(parcel, failed, job)
        failpoint("deliver.after")
        return await self._delivered(parcel, receipt, job)

    async def _delivered(self, parcel: Parcel, receipt: Receipt, job: Job) -> bool:
        def delivered(tx: Transaction) -> bool:
            tx.jobs.hold(job)
            tx.outbox.delivered(parcel.id, receipt)
            if parcel.kind is ParcelKind.ESCALATION and parcel.ticket is not None:
                tx.tickets.called(parcel.ticket)
            if receipt.refused:
                reason = f"copies of a reply were refused: {'; '.join(receipt.refused)}"
                _tell_agents(tx, parcel, reason, Priority.NORMAL)
            tx.jobs.resume(parcel.channel)
            return _go_on(tx, job)

        more = await self.store.write(delivered)
        _count(parcel, "delivered")
        log.info("delivered", extra={"delivery": parcel.id, "conversation": parcel.conversation})
        return more

    async def _put_off(self, parcel: Parcel, early: NotYet, job: Job) -> bool:
        """The hand that would wait for its turn is needed elsewhere."""

        def put_off(tx: Transaction) -> None:
            tx.jobs.hold(job)
            tx.outbox.pending(parcel.id, early.reason, counted=False)
            tx.jobs.retry(job, tx.now + timedelta(seconds=early.seconds), early.reason, free=True)

        await self.store.write(put_off)
        return False

    async def _hold(self, parcel: Parcel, job: Job) -> bool:
        reason = "it is not known whether the last try arrived, and the channel's policy is to hold"

        def hold(tx: Transaction) -> None:
            tx.jobs.bury(job, reason)
            tx.outbox.unknown(parcel.id, reason)
            _tell_agents(tx, parcel, reason)

        await self.store.write(hold)
        return False

    # -------------------------------------------------------------- what may go wrong

    async def _unsettled(self, parcel: Parcel, failed: DeliveryFailed, job: Job) -> bool:
        """The channel can't even be asked what became of it: the doubt stays, and so it is never sent blindly."""

        def later(tx: Transaction) -> None:
            tx.jobs.hold(job)
            until = tx.now + (timedelta(seconds=failed.after) if failed.after else backoff(1, first=60, most=300))
            tx.outbox.unknown(parcel.id, failed.reason)
            if failed.unreachable:
                tx.jobs.pause(parcel.channel, until, failed.reason)
            tx.jobs.retry(job, until, failed.reason, free=True)

        await self.store.write(later)
        return False

    async def _failed(self, parcel: Parcel, failed: DeliveryFailed, job: Job) -> bool:
        # Not the reason: a relay's answer often repeats the customer's address. It is kept with the Delivery.
        log.warning("not delivered", extra={"delivery": parcel.id, "channel": parcel.channel})
        _count(parcel, _outcome(failed))
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
            what = "the call to people" if parcel.kind is ParcelKind.ESCALATION else "a reply"
            _tell_agents(tx, parcel, f"{what} could not be delivered: {failed.reason}")
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


async def _rendered(parcel: Parcel, connector: Connector) -> Rendered:
    """Files are large enough to keep the loop from its work."""
    return await asyncio.to_thread(connector.render, parcel) if parcel.files else connector.render(parcel)


def _go_on(tx: Transaction, job: Job) -> bool:
    """Whether the Thread owes more; if not, the Job ends in the same commit."""
    more = tx.outbox.next_in(UUID(job.subject)) is not None
    if not more:
        tx.jobs.finish(job)
    return more


def _withdraw(tx: Transaction, parcel: Parcel, job: Job) -> bool:
    """The kill switch holds for what is owed already: a person gets the answer as a draft, without the words around
    it, which say that nobody wrote it."""
    tx.outbox.undeliverable(parcel.id, WITHDRAWN)
    hand_over(tx, parcel.conversation, WITHDRAWN, draft=_answer(tx, parcel), delivery=str(parcel.id))
    return _go_on(tx, job)


def _answer(tx: Transaction, parcel: Parcel) -> str:
    """As the Triager gave it. A Decision and its Parcels are one commit, so they have one time."""
    decisions = tx.conversations.decisions(parcel.conversation)
    return next((one.detail["answer"] for one in decisions if one.created_at == parcel.created_at), "")


def _tell_agents(tx: Transaction, parcel: Parcel, reason: str, priority: Priority = Priority.HIGH) -> None:
    """A Ticket: nobody else would see that somebody is still waiting."""
    if parcel.kind not in (ParcelKind.ALERT, ParcelKind.NOTICE):
        hand_over(tx, parcel.conversation, reason, priority=priority, delivery=str(parcel.id))


def _count(parcel: Parcel, outcome: str) -> None:
    metrics.DELIVERED.labels(parcel.channel, parcel.kind.value, outcome).inc()


def _outcome(failed: DeliveryFailed) -> str:
    if failed.unreachable:
        return "unreachable"
    if failed.permanent:
        return "undeliverable"
    return "unknown" if failed.unknown else "put off"
