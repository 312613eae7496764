"""Words to the Agents about the desk itself: each trouble is told once when it comes, and once when it is over."""

from datetime import timedelta

from bot.calling import Place, to_agents
from bot.model import Audience, ConversationState, ParcelKind, Thread
from bot.store import Transaction

# What goes on for days is said again, lest everybody think that it was mended.
REMIND = timedelta(hours=20)

KEY = "desk"
TEAM = "support"


def tell(tx: Transaction, place: Place, name: str, text: str) -> bool:
    """The trouble of this name has come, or goes on. True when the Agents are told of it now."""
    if not tx.alerts.begin(name, text, remind=REMIND):
        return False
    _owe(tx, place, f"The desk is unwell: {name}", text)
    return True


def over(tx: Transaction, place: Place, name: str) -> bool:
    """It has gone. True when the Agents are told so now."""
    if not tx.alerts.end(name):
        return False
    _owe(tx, place, f"Over: {name}", "This trouble of the desk is over.")
    return True


def _owe(tx: Transaction, place: Place, subject: str, text: str) -> None:
    text = f"{text}\n\nThis is an automatic word of the desk about itself; `firstline status` shows how it is now.\n"
    tx.outbox.put(to_agents(place, _thread(tx, place), ParcelKind.ALERT, subject, text, tx.now))


def _thread(tx: Transaction, place: Place) -> Thread:
    """One for all alerts, in a Conversation about the desk, which no Triager is asked about."""
    known = tx.threads.named(place.channel, KEY)
    if known is not None:
        return known
    conversation = tx.conversations.open(
        team=TEAM, channel=place.channel, customer=None, subject="About this desk", possible_reply_to=None
    )
    tx.conversations.become(conversation, ConversationState.HUMAN)
    return tx.threads.open(conversation, place.channel, KEY, Audience.AGENTS, dict(place.address))
