"""What an author changes or deletes afterwards, is changed or deleted here too."""

from uuid import UUID

from bot.model import BOT, Arrival, Channel, Edit
from bot.store import Transaction


def edit(tx: Transaction, arrival: Arrival, wanted: Edit) -> None:
    """Nothing is answered twice: a word that was changed after its Decision starts no other. A deletion reaches down to
    the raw. An Edit that is read before its message waits for it."""
    message = tx.conversations.keyed(arrival.channel, wanted.key)
    if message is None:
        tx.edits.remember(arrival.channel, wanted)
    else:
        _apply(tx, message, wanted.text)
    if wanted.text is None:
        # The event of a deletion quotes what was deleted.
        tx.arrivals.redact(arrival.id)
    tx.arrivals.close(arrival.id, "read")


def overtaken(tx: Transaction, channel: Channel, key: str, message: UUID) -> bool:
    """Apply what was read about this message before itself. True when it was deleted: nobody waits for an answer."""
    known = tx.edits.take(channel.name, key) if key else None
    if known is None:
        return False
    _apply(tx, message, known.text)
    return known.text is None


def _apply(tx: Transaction, message: UUID, text: str | None) -> None:
    if text is None:
        tx.conversations.redact(message)
    else:
        tx.conversations.reword(message, text)
    tx.audit.write(BOT, "deleted" if text is None else "edited", "message", str(message))
