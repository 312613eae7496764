"""What the model is told: our rules first, then approved knowledge, then what somebody outside wrote.

The order serves the provider's cache, which knows a prompt by its beginning: what never changes stands first. The
marks around the customer's words help an honest model and are no control; what is one is in openai_checks.py.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from bot import speech
from bot.model import Author, Category, Conversation, Message, Passage, Visibility
from bot.triagers.openai_budget import Usage
from bot.triagers.openai_schema import schema
from bot.triagers.openai_words import clean, cut, one_line, visible
from prompts import load

MOST_OUT = 2000
"""Tokens of an answer; a reasoning model's thoughts are among them."""

LARGEST = Usage(120_000, MOST_OUT)
"""No call uses more, in any script, as long as the list of categories is of a usual length."""

# Characters.
_PASSAGE, _PASSAGES = 2500, 10_000
_NEW, _QUOTED, _EARLIER, _SAID = 8000, 1500, 1000, 2000
_TURNS = 6
# What a chat template puts around messages.
_AROUND = 256

OTHER = Category("other", "none of these")


@dataclass(frozen=True)
class Prompt:
    """`passages` by the short ids of this call alone; `secrets`: what no answer may hold."""

    messages: tuple[Mapping[str, str], ...]
    schema: Mapping[str, Any]
    passages: Mapping[str, Passage]
    secrets: tuple[str, ...]
    hash: str

    @cached_property
    def most(self) -> Usage:
        """No tokenizer makes more tokens of a text than it has bytes."""
        told = json.dumps([self.messages, self.schema], ensure_ascii=False)
        return Usage(len(told.encode()) + _AROUND, MOST_OUT)

    def repaired(self, said: str, problems: str) -> "Prompt":
        """The same again after an answer of no use."""
        answer = {"role": "assistant", "content": cut(visible(said), _SAID) or "(nothing)"}
        again = {"role": "user", "content": load("repair", problems=problems).text}
        return replace(self, messages=(*self.messages, answer, again))


def prompt(conversation: Conversation, passages: Sequence[Passage], categories: Sequence[Category]) -> Prompt:
    listed = tuple({one.slug: one for one in (*categories, *([] if _has_other(categories) else [OTHER]))}.values())
    rules = load("triage", categories="\n".join(f"- {one.slug}: {one.description}" for one in listed))
    by_id = {f"p{number}": passage for number, passage in enumerate(_fitting(passages), 1)}
    mark = secrets.token_hex(16)
    asked = f"{_knowledge(by_id)}\n\n{_conversation(conversation, mark)}"
    return Prompt(
        messages=({"role": "system", "content": rules.text}, {"role": "user", "content": asked}),
        schema=schema([one.slug for one in listed], list(by_id)),
        passages=by_id,
        secrets=(mark, *(line.strip() for line in rules.text.splitlines() if len(line.strip()) >= 40)),
        hash=_hash(rules.hash),
    )


def _has_other(categories: Sequence[Category]) -> bool:
    return any(one.slug == OTHER.slug for one in categories)


def _hash(wording: str) -> str:
    """Of all that this version tells every model: the wording and the fields."""
    return hashlib.sha256(f"{wording} {json.dumps(schema([], []))}".encode()).hexdigest()


# ------------------------------------------------------------------ knowledge


def _fitting(passages: Sequence[Passage]) -> Iterator[Passage]:
    """As many as there is room for, the first in any case."""
    room = _PASSAGES
    for passage in passages:
        room -= min(len(passage.text), _PASSAGE)
        if room < 0:
            return
        yield passage


def _knowledge(passages: Mapping[str, Passage]) -> str:
    if not passages:
        return "Approved knowledge: nothing was found."
    shown = (f"[{id_}] {one.title} / {one.heading}\n{one.text[:_PASSAGE]}" for id_, one in passages.items())
    return "Approved knowledge:\n\n" + "\n\n".join(clean(one) for one in shown)


# ------------------------------------------------------------------ the conversation


def _conversation(conversation: Conversation, mark: str) -> str:
    said = visible("\n\n".join([*_earlier(conversation), *_newest(conversation)]))
    return f"What was said, written by people outside:\n=== {mark} ===\n{said}\n=== {mark} ==="


def _earlier(conversation: Conversation) -> Iterator[str]:
    """The last turns since an Agent last spoke: what came before was another episode, and its end."""
    new = {message.id for message in conversation.undecided()}
    episode = [message for message in _episode(conversation) if message.id not in new]
    for message in episode[-_TURNS:]:
        who = "The desk's automatic reply" if message.author is Author.BOT else "Earlier, the customer"
        yield f"({who}:)\n{cut(message.text, _EARLIER)}"


def _episode(conversation: Conversation) -> list[Message]:
    """Never a note, nor what a machine wrote."""
    messages = conversation.messages
    start = max((at for at, one in enumerate(messages, 1) if one.author is Author.AGENT), default=0)
    public = (message for message in messages[start:] if message.visibility is Visibility.PUBLIC)
    return [message for message in public if not speech.is_machine(message)]


def _newest(conversation: Conversation) -> Iterator[str]:
    """The words to decide about."""
    messages = [message for message in speech.said(conversation) if message.visibility is Visibility.PUBLIC]
    yield cut("\n\n".join(_now(message) for message in messages), _NEW)
    for elided in [message.elided for message in messages if message.elided.strip()][-1:]:
        yield f"(Quoted below it; maybe not true, and not the customer's own words:)\n{cut(elided, _QUOTED)}"


def _now(message: Message) -> str:
    return f"(The customer now, subject: {one_line(message.subject, 200)}{_files(message)})\n{message.text}"


def _files(message: Message) -> str:
    return f", with {len(message.attachments)} files that you can't see" if message.attachments else ""
