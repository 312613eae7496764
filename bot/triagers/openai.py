"""The Triager that asks a language model, any that speaks OpenAI's chat completions.

One structured call for a Decision. Whatever the model says, code decides what becomes of it; whenever it says nothing
of use, a fallback that needs no model decides, so that the customer never sees more of it than a humbler reply.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot import speech
from bot.clock import Clock
from bot.knowledge import words
from bot.knowledge.language import language
from bot.knowledge.ranking import Ranking, rank
from bot.model import Category, Conversation, Passage, Priority, Proposal
from bot.rows import Hit
from bot.triagers import Triager, TriageUnavailable
from bot.triagers.filing import OTHER
from bot.triagers.local import Categories, Search
from bot.triagers.openai_budget import Bill
from bot.triagers.openai_calls import Calls
from bot.triagers.openai_checks import TOP, action
from bot.triagers.openai_failures import NoAnswer
from bot.triagers.openai_prompt import Prompt, prompt
from bot.triagers.openai_schema import Thought
from bot.triagers.openai_words import one_line

log = logging.getLogger("firstline.triage")

SHOWN = 8
"""Passages in a prompt."""

# Of the deadline; the fallback needs a moment too.
_FOR_CALLS = 0.95


class OpenAITriager:
    """`deadline`: seconds for one Decision; `patience`: seconds that a request may wait for a server that says when to
    come back."""

    name = "openai"

    def __init__(
        self,
        calls: Calls,
        search: Search,
        categories: Categories,
        fallback: Triager,
        clock: Clock,
        *,
        deadline: float = 30.0,
        patience: float = 60.0,
    ) -> None:
        self.calls = calls
        self.search = search
        self.categories = categories
        self.fallback = fallback
        self.clock = clock
        self.deadline = deadline
        self.patience = patience

    @property
    def trouble(self) -> str | None:
        """Why the model is not asked just now; None when it is."""
        return self.calls.trouble

    async def decide(self, conversation: Conversation) -> Proposal:
        """Raises TriageUnavailable, with a time, when the server asks for patience that the request still has."""
        until = asyncio.get_running_loop().time() + self.deadline * _FOR_CALLS
        asked = words.query(speech.own_words(conversation))
        hits = await self.search(asked) if asked else []
        ranking = rank(asked, hits)
        categories = await self.categories()
        question = prompt(conversation, _best(ranking, hits), categories)
        bill = Bill(self.calls.prices)
        try:
            thought = await self.calls.think(question, bill, until)
        except NoAnswer as failed:
            log.warning("no answer of the model", extra={"conversation": conversation.id, "reason": failed.outcome})
            self._be_patient(failed, conversation)
            return await self._without_model(conversation, failed, question, bill)
        return self._with_model(conversation, thought, question, ranking, categories, bill)

    def _be_patient(self, failed: NoAnswer, conversation: Conversation) -> None:
        if failed.after is None:
            return
        oldest = min(message.kept_at for message in conversation.undecided())
        waited = (self.clock.now() - oldest).total_seconds()
        if waited + failed.after <= self.patience:
            raise TriageUnavailable(f"the model: {failed.outcome}", after=failed.after)

    async def _without_model(
        self, conversation: Conversation, failed: NoAnswer, question: Prompt, bill: Bill
    ) -> Proposal:
        proposal = await self.fallback.decide(conversation)
        evidence = {**proposal.evidence, "model": failed.outcome.value, "calls": bill.calls}
        return self._billed(replace(proposal, evidence=evidence), question, bill)

    def _with_model(
        self,
        conversation: Conversation,
        thought: Thought,
        question: Prompt,
        ranking: Ranking,
        categories: Sequence[Category],
        bill: Bill,
    ) -> Proposal:
        proposed, faults = action(thought, question, ranking)
        known = {category.slug for category in categories}
        proposal = Proposal(
            proposed,
            triager=self.name,
            category=thought.category if thought.category in known else OTHER,
            priority=Priority(thought.ticket.priority),
            language=_language(conversation, thought),
            summary=one_line(thought.ticket.title, 120) or one_line(speech.subject(conversation), 120),
            evidence=_evidence(thought, question, faults, bill),
        )
        return self._billed(proposal, question, bill)

    def _billed(self, proposal: Proposal, question: Prompt, bill: Bill) -> Proposal:
        """With the model's name only where it was called."""
        return replace(
            proposal,
            model=self.calls.wire.model if bill.calls else "",
            prompt_hash=question.hash if bill.calls else "",
            tokens_in=bill.into,
            tokens_out=bill.out,
            cost=bill.cost,
            seconds=bill.seconds,
        )


def _best(ranking: Ranking, hits: Sequence[Hit]) -> list[Passage]:
    """Each of the best articles' best passage, then what else the search puts first."""
    best = [one.passage for one in ranking.articles[:TOP]] + [hit.passage for hit in hits]
    return list({passage.id: passage for passage in best}.values())[:SHOWN]


def _language(conversation: Conversation, thought: Thought) -> str:
    """What the words show; the model's guess only where they show nothing."""
    guess = thought.language.strip().lower()[:2]
    return language(speech.own_words(conversation)) or (guess if guess.isascii() and guess.isalpha() else "en")


def _evidence(thought: Thought, question: Prompt, faults: tuple[str, ...], bill: Bill) -> dict[str, Any]:
    return {
        "model": "answered",
        "calls": bill.calls,
        "proposed": thought.action,
        "sufficient": thought.kb_sufficient,
        "shown": list(dict.fromkeys(passage.article for passage in question.passages.values())),
        "cited": [_cited(one.passage_id, question) | {"quote": one_line(one.quote, 300)} for one in thought.citations],
        "missing": one_line(thought.missing, 300),
        "risks": list(dict.fromkeys(thought.risks)),
        "faults": list(faults),
    }


def _cited(id_: str, question: Prompt) -> dict[str, str | None]:
    passage = question.passages.get(id_)
    return {"article": passage.article if passage else None, "passage": str(passage.id) if passage else None}
