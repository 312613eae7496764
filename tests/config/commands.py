"""The command line in this process, on a real database, and a desk's worth of rows to look at."""

import asyncio
import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import pytest

from bot.ids import new_id
from bot.model import (
    BOT,
    Actor,
    Arrival,
    Audience,
    Conversation,
    Form,
    Identity,
    Inbound,
    Kind,
    Parcel,
    ParcelKind,
    Thread,
    Visibility,
)
from bot.store import Look, Store, Transaction
from config import cli
from storage.store import SqlStore

T = TypeVar("T")

ANN = Identity("mail", "ann@example.org", "Ann")


@dataclass
class Ended:
    """How a command ended."""

    code: int
    data: bytes
    err: str

    @property
    def out(self) -> str:
        return self.data.decode()

    @property
    def json(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class Commands:
    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url = url
        self.monkeypatch = monkeypatch
        monkeypatch.setenv("FIRSTLINE__DATABASE__URL", url)

    def __call__(self, *words: object, said: bytes = b"") -> Ended:
        """`firstline words…` with what is said on standard input."""
        out, err, code = io.TextIOWrapper(io.BytesIO(), "utf-8", newline=""), io.StringIO(), 0
        with self.monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["firstline", *map(str, words)])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said), "utf-8"))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            try:
                cli.main()
            except SystemExit as end:
                code = int(end.code or 0)
        out.flush()
        return Ended(code, out.buffer.getvalue(), err.getvalue())

    def write(self, work: Callable[[Transaction], T]) -> T:
        return self.use(lambda store: store.write(work))

    def read(self, look: Callable[[Look], T]) -> T:
        return self.use(lambda store: store.read(look))

    def use(self, use: Callable[[Store], Any]) -> Any:
        async def run() -> Any:
            async with SqlStore(self.url) as store:
                return await use(store)

        return asyncio.run(run())


# ------------------------------------------------------------------ what is in it


def kept(tx: Transaction, key: str = "k") -> UUID:
    (promise,) = tx.arrivals.keep([Arrival(new_id(), "smtp", key, b"Subject: Help\r\n\r\nHello?", {"from": ANN.value})])
    return promise.id


def filed(
    tx: Transaction, text: str = "Where is my parcel?", subject: str = "Help", key: str = "1@example.org"
) -> Conversation:
    """A mail of Ann's, kept and read: a Conversation of its own."""
    arrival = kept(tx, key)
    conversation = tx.conversations.open(
        team="support", channel="smtp", customer=ANN, subject=subject, possible_reply_to=None
    )
    address = {"to": {"name": "Ann", "address": ANN.value}, "subject": subject}
    thread = tx.threads.open(conversation, "smtp", f"arrival:{arrival}", Audience.CUSTOMER, address)
    tx.threads.join(conversation, ANN)
    inbound = Inbound(Kind.MESSAGE, ANN, subject=subject, text=text, reply=text, key=key)
    tx.conversations.add(conversation, thread, arrival, inbound, tx.now)
    tx.arrivals.close(arrival, "read")
    return there(tx, conversation)


def owed(tx: Transaction, conversation: Conversation, text: str = "It is on its way.") -> Parcel:
    thread = thread_of(tx, conversation)
    said = tx.conversations.say(
        conversation.id, thread=thread.id, author=BOT, visibility=Visibility.PUBLIC, text=text, key=new_id()
    )
    parcel = Parcel(
        id=new_id(),
        thread=thread.id,
        channel="smtp",
        conversation=conversation.id,
        form=Form.REPLY,
        kind=ParcelKind.ANSWER,
        text=text,
        address=thread.address,
        automatic=True,
        created_at=tx.now,
        message=said,
    )
    tx.outbox.put(parcel)
    return parcel


def ticketed(tx: Transaction, conversation: Conversation, **more: str) -> int:
    values = {"priority": "normal", "category": "delivery", "title": "Parcel", "reason": "no strong evidence"}
    return tx.tickets.file(conversation.id, team="support", **(values | more)).number


def there(look: Look, conversation: UUID) -> Conversation:
    found = look.conversations.get(conversation)
    assert found is not None
    return found


def thread_of(look: Look, conversation: Conversation) -> Thread:
    return look.threads.of(conversation.id, Audience.CUSTOMER)[0]


def audited(commands: Commands, target: object) -> list[tuple[Actor, str]]:
    return commands.read(lambda look: [(line.actor, line.verb) for line in look.audit.of(str(target))])
