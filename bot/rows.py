"""What the database tells that is no word of the model: rows for people and programs to look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.model import DeliveryState, Passage


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A line of `firstline outbox list`."""

    id: UUID
    state: DeliveryState
    channel: str
    to: tuple[str, ...]
    subject: str
    message_id: str | None
    in_reply_to: str | None
    conversation: UUID
    ticket: int | None
    kind: str
    attempts: int
    created_at: datetime
    delivered_at: datetime | None
    file: str | None
    error: str
    text: str


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """An Arrival without its bytes."""

    id: UUID
    channel: str
    envelope: Mapping[str, Any]
    state: str
    problem: str
    kept_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A stored Decision as `firstline trace` and the Agents see it; `detail` is every column."""

    id: UUID
    conversation: UUID
    turn: int
    action: str
    proposed: str
    overruled: tuple[str, ...]
    created_at: datetime
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that matches, best first; `score` is the engine's own (greater is better, not comparable across)."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Desk:
    """The kill switch's state. While stopped, every level acts at most as draft."""

    stopped: bool
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Pause:
    """A channel that could not be reached; nothing of it is claimed before `until`."""

    channel: str
    since: datetime
    until: datetime
    tries: int
    reason: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong with the desk itself, `since` when and when the Agents were told last."""

    name: str
    text: str
    since: datetime
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Spent:
    """What the model has cost: tokens of prompts and answers, and money in the currency of the prices set."""

    tokens: int = 0
    cost: float = 0.0
