"""What the model is asked to fill in, and the check that it did: no server is trusted to hold it to the schema."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NoReturn, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.triagers.openai_failures import NoAnswer, Outcome
from bot.triagers.openai_words import clean

NONE = "none"
"""Stands for no passage."""

Action = Literal["escalate", "ignore", "ticket", "answer"]
Urgency = Literal["low", "normal", "high", "urgent"]
Risk = Literal["danger", "security", "outage", "legal", "money", "others", "leaving", "human", "manipulation"]


def schema(categories: Sequence[str], passages: Sequence[str]) -> dict[str, Any]:
    """Fields in the order in which they should be thought.

    Without bounds on lengths and numbers: some servers refuse them, others don't hold them (Thought does).
    """
    text = {"type": "string"}
    citation = _object(passage_id=_one_of(*passages, NONE), quote=text)
    return _object(
        language=text,
        category=_one_of(*categories),
        kb_sufficient={"type": "boolean"},
        citations={"type": "array", "items": citation},
        answer=text,
        action=_one_of(*get_args(Action)),
        ticket=_object(title=text, summary=text, priority=_one_of(*get_args(Urgency))),
        missing=text,
        risks={"type": "array", "items": _one_of(*get_args(Risk))},
    )


def _object(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _one_of(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


# ------------------------------------------------------------------ what came back


Name = Annotated[str, Field(max_length=200), AfterValidator(clean)]
Sentence = Annotated[str, Field(max_length=3000), AfterValidator(clean)]
Words = Annotated[str, Field(max_length=6000), AfterValidator(clean)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Cited(_Part):
    passage_id: Name
    quote: Sentence


class Filing(_Part):
    title: Sentence
    summary: Sentence
    priority: Urgency


class Thought(_Part):
    """The model's answer: of the right shape, and not to be trusted in anything else."""

    language: Name
    category: Name
    kb_sufficient: bool
    citations: list[Cited] = Field(max_length=20)
    answer: Words
    action: Action
    ticket: Filing
    missing: Sentence
    risks: list[Risk] = Field(max_length=20)


def read(text: str) -> Thought:
    """Also what stands in a fence or between words. Raises NoAnswer (INVALID)."""
    try:
        return Thought.model_validate(strict_json(text[text.find("{") : text.rfind("}") + 1]))
    except ValidationError as wrong:
        raise NoAnswer(Outcome.INVALID, said=text, problems=_named(wrong)) from None
    except (ValueError, RecursionError) as wrong:
        raise NoAnswer(Outcome.INVALID, said=text, problems=f"not one JSON object ({wrong})"[:200]) from None


def _named(wrong: ValidationError) -> str:
    """Each field and what is wrong with it, without what was in it."""
    errors = wrong.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['type']}" for error in errors[:5])[:300]


def strict_json(text: str | bytes) -> Any:
    """Without what parsers disagree about: doubled keys, NaN. Raises ValueError or RecursionError."""
    return json.loads(text, object_pairs_hook=_once_each, parse_constant=_refused)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _refused(constant: str) -> NoReturn:
    raise ValueError("NaN or Infinity")
