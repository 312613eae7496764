"""A Triager that always says the same at once, so that a load test measures the desk and nothing else."""

from bot.model import Conversation, FileTicket, Proposal


class InstantTriager:
    name = "instant"

    async def decide(self, conversation: Conversation) -> Proposal:
        return Proposal(FileTicket("the triager is set to instant"), triager=self.name)
