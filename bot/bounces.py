"""Word of the fate of a mail of ours: it came back, or it is late."""

from uuid import UUID

from bot import calling, waking
from bot.handing_over import hand_over
from bot.keyring import BOUNCE, KeyRing
from bot.manners import Manners
from bot.model import BOT, Inbound, Parcel
from bot.store import Transaction

REPLY_CAME_BACK = "a reply came back: it could not be delivered to the customer"
CALL_CAME_BACK = "the call to people came back: it could not be delivered to the agents' place"

LONGEST = 300


def about(tx: Transaction, inbound: Inbound, ring: KeyRing) -> Parcel | None:
    """The Parcel that it speaks of: named by the address that it came to, else by a Message-ID of ours in it. Both are
    signed, so nobody makes one up for a mail that he hasn't seen."""
    for purpose, token in inbound.tokens:
        named = ring.verify(token, BOUNCE) if purpose == BOUNCE else None
        if named and (parcel := tx.outbox.get(named)):
            return parcel
    return tx.outbox.sent_as(inbound.about) if inbound.about else None


def record(tx: Transaction, parcel: Parcel, inbound: Inbound) -> None:
    """The Delivery says from now on that it came back. A delay is no failure, and changes nothing."""
    if inbound.undelivered:
        tx.outbox.undeliverable(parcel.id, f"it came back: {outcome(inbound)}")
        tx.audit.write(BOT, "came back", "delivery", str(parcel.id))


def hand_to_people(
    tx: Transaction, conversation: UUID, reason: str, inbound: Inbound, manners: Manners, *, arrival: UUID
) -> None:
    """In the matter it is about: nobody else would see that the customer still waits."""
    ticket = hand_over(tx, conversation, f"{reason}: {outcome(inbound)}", arrival=str(arrival))
    if ticket is None:
        return
    waking.stir(tx, ticket, BOT)
    said = tx.conversations.of_arrival(arrival)
    if said is not None and not manners.watching:
        calling.tell_news(tx, manners.place, manners.words, ticket, said, name="came-back")


def outcome(inbound: Inbound) -> str:
    return " ".join(inbound.outcome.split())[:LONGEST] or "no reason was given"
