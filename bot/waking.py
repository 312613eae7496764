"""What brings a Ticket back before Agents, without an Agent: the clock, and the customer's next word."""

from dataclasses import dataclass
from functools import partial

from bot import calling
from bot.calling import Place, Words
from bot.model import CLOCK, Actor, Ticket, TicketState
from bot.store import Store, Transaction, until_settled


def stir(tx: Transaction, ticket: Ticket, actor: Actor) -> None:
    """Something was said that Agents have to see: whatever the Ticket waited for, it is open. A closed one stays so."""
    if tx.tickets.wake(ticket.number):
        tx.audit.write(actor, "wake", "ticket", str(ticket.id))
    elif ticket.state in (TicketState.PENDING, TicketState.ON_HOLD, TicketState.SOLVED):
        tx.tickets.become(ticket.number, TicketState.OPEN)
        tx.audit.write(actor, "reopen", "ticket", str(ticket.id), was=ticket.state)


@dataclass(frozen=True)
class Waking:
    """The chore: what is snoozed no longer is open again, and said where Agents were called about it. `watching`: the
    desk says nothing."""

    store: Store
    place: Place
    words: Words
    watching: bool = False

    async def wake(self) -> None:
        """Of several hosts that look at once, one wakes."""
        for number in await self.store.read(lambda look: look.tickets.overslept()):
            work = partial(self._wake, number)
            await until_settled(partial(self.store.write, work))

    def _wake(self, number: int, tx: Transaction) -> None:
        known = tx.tickets.get(number)
        if known is None:
            return
        # As every verb does: whoever has the Conversation has its Ticket and its Threads.
        tx.conversations.hold(known.conversation)
        if not tx.tickets.wake(number, overslept=True):
            return
        tx.audit.write(CLOCK, "wake", "ticket", str(known.id))
        ticket = tx.tickets.get(number)
        if ticket and not self.watching:
            calling.tell_awake(tx, self.place, self.words, ticket)
