"""`firstline eval`: what the desk would decide about requests, without a desk running."""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.ids import new_id
from bot.model import (
    Action,
    Answer,
    Author,
    Conversation,
    ConversationState,
    Decision,
    Escalate,
    FileTicket,
    Ignore,
    Kind,
    Level,
    Message,
    ParcelKind,
    Visibility,
)
from bot.store import Store
from bot.triage import Approved, Rules, decide
from config.app import open_store, triager, words
from config.cli import render
from config.errors import WrongUse
from config.knowledge import load_folder
from config.sections import Database, Triage
from config.settings import Settings
from config.settings import load as settings

# Every category as if it were trusted, whatever the desk's settings say.
RULES = Rules(level=Level.AUTOMATIC)
SETTINGS = Settings()


class Known(StrEnum):
    LOCAL = "local"
    OPENAI = "openai"


def evaluate(
    decisions: Annotated[bool, typer.Option("--decisions", help="Request lines in, decision lines out.")] = False,
    knowledge: Annotated[
        Path | None, typer.Option(help="Decide by the articles of this folder alone, in a store of its own.")
    ] = None,
    triager_: Annotated[Known, typer.Option("--triager", help="What decides.")] = Known.LOCAL,
) -> None:
    """Decide about the requests on standard input, one JSON object a line, and print one decision line for each.

    A request has `id`, `channel`, `subject` and `text`. Decisions are those after the guards, as if every category
    were at level automatic.

    Example: firstline eval --decisions --knowledge handbook/ < requests.jsonl
    """
    if not decisions:
        raise WrongUse("say what to evaluate: `firstline eval --decisions`")
    wrong = asyncio.run(_evaluate(knowledge, _deciding(triager_)))
    raise typer.Exit(1 if wrong else 0)


def _deciding(named: Known) -> Settings:
    """What decides, and nothing else of the desk's settings."""
    if named is Known.LOCAL:
        return SETTINGS
    # Nobody would come back to a request that was put off.
    model = settings().openai.model_copy(update={"patience": 0})
    return SETTINGS.model_copy(update={"triage": Triage(triager="openai"), "openai": model})


async def _evaluate(knowledge: Path | None, deciding: Settings) -> int:
    """Returns how many lines were no requests."""
    wrong = 0
    async with _store(knowledge) as store:
        asked = triager(deciding, store, unlimited=True)
        for number, line in _lines():
            try:
                request = json.loads(line)
                conversation = _conversation(request)
            except (ValueError, RecursionError) as problem:
                wrong += 1
                print(f"line {number} is no request: {render.cell(problem)}", file=sys.stderr)
                continue
            decision = await decide(conversation, triager=asked, rules=RULES, approved=_approved_in(store))
            render.line(_shown(request["id"], decision))
    return wrong


@asynccontextmanager
async def _store(knowledge: Path | None) -> AsyncIterator[Store]:
    """The desk's own store, or one that lasts as long as this with the folder's articles alone."""
    if knowledge is None:
        async with open_store(settings()) as store:
            yield store
        return
    with tempfile.TemporaryDirectory(prefix="firstline-eval-") as folder:
        database = Database(url=f"sqlite:///{folder}/eval.db")
        async with open_store(SETTINGS.model_copy(update={"database": database})) as store:
            await load_folder(store, knowledge)
            yield store


def _approved_in(store: Store) -> Approved:
    async def approved(slugs: Collection[str]) -> Collection[str]:
        known = await store.read(lambda look: look.articles.rows())
        return {one.slug for one in known if one.slug in slugs and not one.internal}

    return approved


# ------------------------------------------------------------------ lines in, lines out


def _lines() -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(sys.stdin.buffer, 1):
        if line.strip():
            yield number, line


def _conversation(request: Any) -> Conversation:
    """A request is a Conversation of its own, of which nothing has been decided. Raises ValueError."""
    if not isinstance(request, dict) or not isinstance(request.get("id"), str):
        raise ValueError("it is no object with an id")
    channel, subject, text = (request.get(name, "") for name in ("channel", "subject", "text"))
    if not (isinstance(channel, str) and isinstance(subject, str) and isinstance(text, str)):
        raise ValueError("channel, subject and text are texts")
    conversation = new_id()
    message = Message(
        id=new_id(),
        conversation=conversation,
        thread=None,
        author=Author.CUSTOMER,
        author_name="",
        visibility=Visibility.PUBLIC,
        kind=Kind.MESSAGE,
        subject=subject,
        text=text,
        elided="",
        kept_at=datetime.now(UTC),
    )
    return Conversation(
        id=conversation,
        team="support",
        channel=channel,
        customer=None,
        proven=False,
        subject=subject,
        state=ConversationState.BOT,
        revision=1,
        turn=0,
        messages=(message,),
    )


def _shown(request: str, decision: Decision) -> dict[str, Any]:
    action, proposal = decision.action, decision.proposal
    return {
        "id": request,
        "action": type(action).__name__,
        "articles": list(action.articles) if isinstance(action, Answer) else [],
        "category": proposal.category,
        "priority": proposal.priority,
        "language": proposal.language,
        "answer": _said(action, proposal.language),
        "overruled": list(decision.overruled),
    }


def _said(action: Action, language: str) -> str:
    """What the customer would be told; the number of a Ticket is not known here."""
    match action:
        case Answer():
            return words(ParcelKind.ANSWER, language, answer=action.text)
        case FileTicket():
            return words(ParcelKind.TICKET, language, ticket="…")
        case Escalate():
            return words(ParcelKind.ACKNOWLEDGEMENT, language, ticket="…")
        case Ignore():
            return ""
