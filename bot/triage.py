"""triage: the third step. A Triager proposes, the Guards have the last word, and the Decision is what comes of both."""

import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from bot import guard, metrics
from bot.actions import act
from bot.failpoints import failpoint
from bot.ids import new_id
from bot.manners import Manners
from bot.model import (
    Action,
    Answer,
    Conversation,
    ConversationState,
    Decision,
    FileTicket,
    Job,
    Lane,
    Level,
    Priority,
    Proposal,
)
from bot.rows import Desk
from bot.store import Look, Store, Transaction
from bot.triagers import Triager, TriageUnavailable

log = logging.getLogger("firstline.triage")

Approved = Callable[[Collection[str]], Awaitable[Collection[str]]]
"""Those of the Articles that customers may see."""


@dataclass(frozen=True)
class Rules:
    """How far a Triager may go: a level for each category, `level` for those not named; `turns`: automatic replies in
    one Conversation; `watching`: nothing is sent."""

    level: Level = Level.DRAFT
    levels: Mapping[str, Level] = field(default_factory=dict)
    turns: int = guard.TURNS
    watching: bool = False

    def of(self, category: str) -> Level:
        return self.levels.get(category, self.level)

    @property
    def off(self) -> bool:
        """No category wants a Triager at all."""
        return all(level is Level.OFF for level in (self.level, *self.levels.values()))


async def decide(
    conversation: Conversation, *, triager: Triager, rules: Rules, approved: Approved, stopped: bool = False
) -> Decision:
    """The one Action of this turn. Raises TriageUnavailable; `without` is for when it stays so."""
    if known := _known(conversation, rules):
        return known
    if rules.off:
        return without(conversation, "triage is off", rules=rules)
    began = time.monotonic()
    proposal = await triager.decide(conversation)
    proposal = replace(proposal, seconds=proposal.seconds or time.monotonic() - began)
    cited = proposal.action.articles if isinstance(proposal.action, Answer) else ()
    return _guarded(conversation, proposal, await approved(cited) if cited else (), rules, stopped)


def without(conversation: Conversation, reason: str, *, rules: Rules) -> Decision:
    """A Ticket without asking a Triager, or an Escalation if the customer's words call for one."""
    proposal = Proposal(FileTicket(reason), triager="none")
    return _known(conversation, rules) or _guarded(conversation, proposal, (), rules, stopped=False)


def _known(conversation: Conversation, rules: Rules) -> Decision | None:
    """The Decision where there is nothing to think about."""
    early = guard.before(conversation)
    if early is None:
        return None
    action, name = early
    return _decision(conversation, Proposal(action, triager="guard", priority=Priority.LOW), action, rules, (name,))


def _guarded(
    conversation: Conversation, proposal: Proposal, approved: Collection[str], rules: Rules, stopped: bool
) -> Decision:
    action, priority, overruled = guard.after(
        proposal, conversation, approved=lambda article: article in approved, turns=rules.turns
    )
    action, limit = guard.at_level(action, rules.of(proposal.category), stopped, rules.watching)
    names = (*overruled, limit) if limit else overruled
    return _decision(conversation, replace(proposal, priority=priority), action, rules, names)


def _decision(
    conversation: Conversation, proposal: Proposal, action: Action, rules: Rules, overruled: tuple[str, ...]
) -> Decision:
    return Decision(
        id=new_id(),
        conversation=conversation.id,
        turn=conversation.turn + 1,
        revision=conversation.revision,
        saw=tuple(message.id for message in conversation.undecided()),
        action=action,
        proposal=proposal,
        level=rules.of(proposal.category),
        overruled=overruled,
    )


# ------------------------------------------------------------------ the Job


class Triage:
    """The step of the lane: look, think with no transaction open, act in one commit."""

    lane = Lane.TRIAGE
    tries = 5
    first_wait = 2.0
    longest_wait = 300.0

    def __init__(self, store: Store, triager: Triager, rules: Rules, manners: Manners) -> None:
        self.store = store
        self.triager = triager
        self.rules = rules
        self.manners = manners

    async def run(self, job: Job) -> None:
        conversation, desk = await self._look(job)
        if conversation is None or conversation.state is not ConversationState.BOT or not conversation.undecided():
            await self._leave(job)
            return
        began = time.monotonic()
        failpoint("triage.before")
        try:
            decision = await decide(
                conversation, triager=self.triager, rules=self.rules, approved=self._approved, stopped=desk.stopped
            )
        except TriageUnavailable as away:
            if away.after is None:
                raise
            await self._later(job, away.after, str(away))
            return
        failpoint("triage.after")
        await self.store.write(act(decision, job, self.manners))
        metrics.DECIDED.labels(type(decision.action).__name__, decision.proposal.triager).inc()
        metrics.DECIDING.observe(time.monotonic() - began)
        log.info(
            "decided",
            extra={
                "conversation": conversation.id,
                "decision": decision.id,
                "action": type(decision.action).__name__,
                "guard": ",".join(decision.overruled),
            },
        )

    async def give_up(self, job: Job, error: str) -> None:
        """Nothing could be decided: a person decides."""
        conversation, _ = await self._look(job)
        if conversation is None or not conversation.undecided():
            await self._leave(job)
            return
        decision = without(conversation, f"no decision could be made: {error}", rules=self.rules)
        await self.store.write(act(decision, job, self.manners))

    async def _look(self, job: Job) -> tuple[Conversation | None, Desk]:
        def look(look: Look) -> tuple[Conversation | None, Desk]:
            return look.conversations.get(UUID(job.subject)), look.desk.get()

        return await self.store.read(look)

    async def _approved(self, articles: Collection[str]) -> Collection[str]:
        def look(look: Look) -> list[str]:
            found = [look.articles.get(slug) for slug in articles]
            return [article.slug for article in found if article and not article.internal]

        return await self.store.read(look)

    async def _later(self, job: Job, after: float, reason: str) -> None:
        """The Triager has said when to come back, so nothing has failed."""

        def later(tx: Transaction) -> None:
            tx.jobs.retry(job, tx.now + timedelta(seconds=after), reason, free=True)

        await self.store.write(later)
        log.info("put off", extra={"conversation": job.subject, "reason": reason, "seconds": after})

    async def _leave(self, job: Job) -> None:
        def leave(tx: Transaction) -> None:
            tx.jobs.finish(job)

        await self.store.write(leave)
