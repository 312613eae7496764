"""The Triager that needs no model: full-text search over approved knowledge, and lists of words.

It answers only on strong evidence, by quoting the passage, and only in the language that the passage is in.
"""

from collections.abc import Awaitable, Callable, Sequence

from bot import speech
from bot.escalation import URGENT, signs
from bot.knowledge import evidence, words
from bot.knowledge.evidence import Evidence
from bot.knowledge.language import language
from bot.model import (
    Action,
    Answer,
    Category,
    Citation,
    Conversation,
    Escalate,
    FileTicket,
    Ignore,
    Passage,
    Priority,
    Proposal,
)
from bot.rows import Hit
from bot.triagers.filing import category, priority

Search = Callable[[Sequence[str]], Awaitable[Sequence[Hit]]]
"""Passages of public Articles with any of the words, best first; some 30 are enough to compare."""

Categories = Callable[[], Awaitable[Sequence[Category]]]


class LocalTriager:
    name = "local"

    def __init__(self, search: Search, categories: Categories) -> None:
        self.search = search
        self.categories = categories

    async def decide(self, conversation: Conversation) -> Proposal:
        text = speech.own_words(conversation)
        found = await self._weigh(text)
        action = self._action(conversation, text, found)
        return Proposal(
            action,
            triager=self.name,
            category=category(text, action, found, await self.categories()),
            priority=_priority(text, action),
            language=language(text) or "en",
            summary=_summary(conversation, text),
            evidence=found.as_json(),
        )

    async def _weigh(self, text: str) -> Evidence:
        asked = words.query(text)
        return evidence.weigh(text, asked, await self.search(asked) if asked else [])

    def _action(self, conversation: Conversation, text: str, found: Evidence) -> Action:
        if calls := signs(text):
            return Escalate(", ".join(calls), draft=quoted(found.passage) if found.passage and found.likely else None)
        if speech.is_machine_made(conversation):
            return Ignore("an absence notice, a bounce or a calendar's note")
        if speech.is_chatter(conversation):
            return Ignore("thanks or chatter; nobody waits for anything")
        if found.passage is None:
            return FileTicket("approved knowledge holds nothing about this")
        answer = quoted(found.passage)
        if not found.strong:
            return FileTicket("approved knowledge does not surely answer this", draft=answer)
        if (language(text) or "en") != (language(found.passage.text) or "en"):
            return FileTicket("approved knowledge answers this in another language only", draft=answer)
        return answer


def quoted(passage: Passage) -> Answer:
    """The passage in its own words, and where it stands."""
    source = f"“{passage.title}” {passage.url}".strip()
    return Answer(f"{passage.text}\n\n{source}", (Citation(passage, passage.text),))


def _priority(text: str, action: Action) -> Priority:
    match action:
        case Escalate():
            return Priority.URGENT if URGENT.intersection(signs(text)) else Priority.HIGH
        case Ignore():
            return Priority.LOW
        case _:
            return priority(text)


def _summary(conversation: Conversation, text: str) -> str:
    """The subject, or the first line of what was said."""
    first = speech.subject(conversation) or next((line for line in text.splitlines() if line.strip()), "")
    return " ".join(first.split())[:120]
