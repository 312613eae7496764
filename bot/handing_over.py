"""A Ticket for what only a person can settle: nobody else would see that somebody still waits."""

from uuid import UUID

from bot.model import BOT, Actor, Priority, Ticket
from bot.store import Transaction


def hand_over(
    tx: Transaction,
    conversation: UUID,
    reason: str,
    *,
    actor: Actor = BOT,
    priority: Priority = Priority.HIGH,
    draft: str = "",
    **detail: str,
) -> Ticket | None:
    """The Conversation's Ticket, new or its unsolved one, with the reason; `detail` goes to the audit trail. None when
    there is no such Conversation."""
    known = tx.conversations.get(conversation)
    if known is None:
        return None
    ticket = tx.tickets.file(
        conversation,
        team=known.team,
        priority=priority,
        category="other",
        title=" ".join(known.subject.split())[:120] or "(no subject)",
        reason=reason,
        draft=draft,
    )
    tx.audit.write(actor, "told agents", "ticket", str(ticket.id), reason=reason, **detail)
    return ticket
