"""Decisions as rows."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row

from bot.model import Action, Answer, Decision, Escalate, FileTicket
from bot.rows import DecisionRow


def columns(decision: Decision) -> dict[str, Any]:
    proposal, answer = decision.proposal, answer_of(decision.action) or answer_of(decision.proposal.action)
    return {
        "id": decision.id,
        "conversation": decision.conversation,
        "turn": decision.turn,
        "revision": decision.revision,
        "action": type(decision.action).__name__,
        "proposed": type(proposal.action).__name__,
        "overruled": list(decision.overruled),
        "level": decision.level,
        "reason": "" if isinstance(decision.action, Answer) else decision.action.reason,
        "category": proposal.category,
        "priority": proposal.priority,
        "language": proposal.language,
        "answer": answer.text if answer else "",
        "citations": [_citation(c.passage.article, c.passage.id, c.quote) for c in answer.citations] if answer else [],
        "evidence": dict(proposal.evidence),
        "triager": proposal.triager,
        "model": proposal.model,
        "prompt_hash": proposal.prompt_hash,
        "tokens_in": proposal.tokens_in,
        "tokens_out": proposal.tokens_out,
        "cost": proposal.cost,
        "seconds": proposal.seconds,
    }


def answer_of(action: Action) -> Answer | None:
    """The Answer itself, or the draft that a Ticket carries."""
    if isinstance(action, Answer):
        return action
    return action.draft if isinstance(action, FileTicket | Escalate) else None


def _citation(article: str, passage: UUID, quote: str) -> dict[str, str]:
    return {"article": article, "passage": str(passage), "quote": quote}


def decision_row(row: Row[Any]) -> DecisionRow:
    detail = {key: value for key, value in row._mapping.items() if key not in ("id", "conversation", "created_at")}
    return DecisionRow(
        id=row.id,
        conversation=row.conversation,
        turn=row.turn,
        action=row.action,
        proposed=row.proposed,
        overruled=tuple(row.overruled),
        created_at=row.created_at,
        detail=detail,
    )
