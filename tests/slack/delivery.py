"""Bringing payloads to the app: the tries, and when the next one is due.

docs.slack.dev/apis/events-api#retries: an event that wasn't acknowledged within three seconds comes again at once,
after a minute and after five, four times in all. Interactions come once: whoever clicked is told that it didn't work.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from tests.slack import events
from tests.slack.faults import Faults
from tests.slack.nouns import Json
from tests.slack.workspace import Workspace

PATIENCE = 3.0
PAUSES = (0.0, 60.0, 300.0)


@dataclass(frozen=True)
class Answer:
    """`reason`: why it doesn't count as acknowledged, in Slack's words; empty when it does. `status` is HTTP's."""

    reason: str = ""
    body: Json = field(default_factory=dict)
    status: int = 0
    stop: bool = False


@dataclass(frozen=True)
class Try:
    number: int
    at: datetime
    answer: Answer


@dataclass
class Payload:
    """`kind` is Socket Mode's: `events_api`, `interactive` or `slash_commands`."""

    kind: str
    body: Json
    tries: list[Try] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        return bool(self.tries) and not self.tries[-1].answer.reason

    @property
    def event(self) -> Json:
        found: Json = self.body.get("event", {})
        return found


class Carrier(Protocol):
    """Socket Mode or HTTP."""

    async def carry(self, payload: Payload, number: int, reason: str) -> Answer:
        """One try; its caller limits the time."""
        ...


class Delivery:
    """`payloads` are all that were begun, in order."""

    def __init__(self, workspace: Workspace, faults: Faults, carrier: Carrier) -> None:
        self.workspace = workspace
        self.faults = faults
        self.carrier = carrier
        self.subscribed = set(events.NEEDS) - {"reaction_removed", "member_left_channel"}
        self.payloads: list[Payload] = []
        self.held: list[Payload] = []
        self._tasks: set[asyncio.Task[object]] = set()

    def publish(self, event: Json, **outer: Any) -> None:
        """Brings an event if the app is to hear of it. `outer` are changes of what is around it."""
        if not events.reaches(self.workspace, event, self.subscribed):
            return
        body = events.envelope(self.workspace, event, self.workspace.new_id("Ev")) | outer
        self._bring(Payload("events_api", body))
        if self.faults.twice:
            self._bring(Payload("events_api", body))
        if self.faults.new_ids:
            self._bring(Payload("events_api", body | {"event_id": self.workspace.new_id("Ev")}))

    def release(self, *, backwards: bool = False) -> None:
        """Sends what was held."""
        held, self.held = self.held, []
        for payload in reversed(held) if backwards else held:
            self._bring(payload, held_back=True)

    async def ask(self, kind: str, body: Json) -> Payload:
        """An interaction: one try, and its answer is waited for."""
        payload = Payload(kind, body)
        self.payloads.append(payload)
        await self._try(payload, 0, "")
        return payload

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _bring(self, payload: Payload, *, held_back: bool = False) -> None:
        if self.faults.holding and not held_back:
            self.held.append(payload)
            return
        self.payloads.append(payload)
        self._start(self._deliver(payload))

    def _start(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, payload: Payload) -> None:
        answer = await self._try(payload, 0, "")
        for number, pause in enumerate(PAUSES, 1):
            if not answer.reason or answer.stop:
                return
            await self.workspace.time.after(pause)
            answer = await self._try(payload, number, answer.reason)

    async def _try(self, payload: Payload, number: int, reason: str) -> Answer:
        at = self.workspace.time.now()
        try:
            answer = await self.workspace.time.within(PATIENCE, self.carrier.carry(payload, number, reason))
        except TimeoutError:
            answer = Answer("http_timeout")
        if not answer.reason and self.faults.loses_ack():
            answer = Answer("http_timeout")
        payload.tries.append(Try(number, at, answer))
        return answer
