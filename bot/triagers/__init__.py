"""What decides. A Triager proposes and never acts: the Guards have the last word."""

from typing import Protocol

from bot.model import Conversation, Proposal


class TriageUnavailable(Exception):
    """The Triager can't decide just now. Ask again later, or file a Ticket."""


class Triager(Protocol):
    name: str

    async def decide(self, conversation: Conversation) -> Proposal:
        """What to do about the customer's undecided words. Raises TriageUnavailable."""
        ...
