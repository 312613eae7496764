"""What decides. A Triager proposes and never acts: the Guards have the last word."""

from typing import Protocol

from bot.model import Conversation, Proposal


class TriageUnavailable(Exception):
    """The Triager can't decide just now. Ask again later, or file a Ticket.

    `after`: in so many seconds it will, it says; that wait uses up no try.
    """

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Triager(Protocol):
    name: str

    async def decide(self, conversation: Conversation) -> Proposal:
        """What to do about the customer's undecided words. Raises TriageUnavailable."""
        ...
