"""`firstline send`: a test mail, followed on its whole way through the running desk."""

import asyncio
import secrets
import time
from typing import Annotated, Any
from uuid import UUID

import typer

from bot.model import FOR_AGENTS, DeliveryState
from bot.rows import DeliveryRow
from bot.store import Look, Store
from config.channels import mailbox
from config.cli import reach, render, trace
from config.cli.said import said
from config.errors import NotDone, WrongUse
from config.following import Way, way
from config.sending import Letter, hand_over, reachable
from config.settings import Settings, load
from connectors.mail.writing.wire import wire_address

QUESTION = "How do I reset my password?"

# Between two looks: the desk is another process, and nothing tells when it has done something.
EVERY = 0.1

# What a trace tells besides is not of the walk.
STEPS = ("kept", "skipped", "set aside", "read", "decided", "ticket", "escalated", "delivery")


def send(
    text: Annotated[str, typer.Argument(metavar="[TEXT|-]", help="What it says; - reads standard input.")] = QUESTION,
    subject: Annotated[str, typer.Option(help="Its subject.")] = "A question",
    to: Annotated[str | None, typer.Option(help="An address of the desk; else support@ its first domain.")] = None,
    sender: Annotated[
        str | None, typer.Option("--from", help="Whom it is from; else a new test-…@example.net for each mail.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many to send, one after the other.")] = 1,
    wait: Annotated[float, typer.Option(min=0, help="Seconds that each may take.")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a step, the last one the outcome.")] = False,
) -> None:
    """Send a test mail to the running desk and follow it until its reply has been delivered.

    It goes to the port in SMTP__LISTEN, each from a new address: a stranger gets one automatic reply a day.

    Ends with 0 when all that is owed for it was delivered, 1 when not in time, 3 when nothing takes mail at the port.

    Example: firstline send

    Example: firstline send "Where is my parcel?" --subject "Order 4711" --json

    Example: firstline send - --count 5 < question.txt
    """
    words, settings = said(text), load()
    for _ in range(count):
        _send(_letter(settings, words, subject, to, sender), settings, wait, as_json)


def _letter(settings: Settings, words: str, subject: str, to: str | None, sender: str | None) -> Letter:
    if not subject.isprintable():
        raise WrongUse("--subject must be one line without control characters")
    return Letter(
        sender=_address("--from", sender or f"test-{secrets.token_hex(4)}@example.net"),
        to=_address("--to", to or mailbox(settings)),
        subject=subject,
        text=words,
    )


def _address(option: str, text: str) -> str:
    address = wire_address(text)
    if address is None:
        raise WrongUse(f"{option} must be a plain mail address such as ann@example.org, not {render.cell(text)}")
    return address


# ------------------------------------------------------------------ one mail


def _send(letter: Letter, settings: Settings, wait: float, as_json: bool) -> None:
    """Raises Refused when it is not taken, and NotDone when it does not come to its end."""
    began = time.monotonic()
    arrival = asyncio.run(hand_over(letter, reachable(settings.smtp.listen)))
    found = reach.look_round(lambda store: _follow(store, arrival, wait, as_json))
    if as_json:
        render.line(_outcome(found, letter, time.monotonic() - began))
    else:
        _tell(found)
    if not found.is_over:
        raise NotDone(f"not done within {wait:g} s: {letter.sender}'s mail waits {found.waits_for}; {_advice(arrival)}")
    if found.problem:
        raise NotDone(f"{found.problem}; {_advice(arrival)}")


async def _follow(store: Store, arrival: UUID, wait: float, as_json: bool) -> Way:
    """Print each step once, as it is done; how far the mail came in the time."""
    end, told = time.monotonic() + wait, set[object]()
    while True:
        found, steps = await store.read(lambda look: _look(look, arrival))
        for step in steps:
            if (step["step"], step["id"]) not in told:
                told.add((step["step"], step["id"]))
                render.line(step) if as_json else typer.echo(trace.told(step))
        if found.is_over or time.monotonic() > end:
            return found
        await asyncio.sleep(EVERY)


def _look(look: Look, arrival: UUID) -> tuple[Way, list[trace.Step]]:
    """Raises NotDone when the desk that took the mail has another database."""
    found = way(look, arrival)
    if found is None:
        raise NotDone(
            f"the desk took the mail as {arrival}, but the database of these settings doesn't know it; "
            "run this with the desk's own settings: DATABASE__URL"
        )
    return found, [step for step in trace.steps(look, str(arrival)) if _is_done(step, found)]


def _is_done(step: trace.Step, found: Way) -> bool:
    """Of this mail, in a Conversation that may be older, and not still under way."""
    if step["step"] == "delivery" and step["state"] not in (DeliveryState.DELIVERED, DeliveryState.UNDELIVERABLE):
        return False
    return step["step"] in STEPS and step["at"] >= found.arrival.kept_at


# ------------------------------------------------------------------ what came of it


def _outcome(found: Way, letter: Letter, seconds: float) -> dict[str, Any]:
    return {
        "step": "outcome",
        "ok": found.is_over and not found.problem,
        "arrival": found.arrival.id,
        "from": letter.sender,
        "conversation": found.message.conversation if found.message else None,
        "action": found.decision.action if found.decision else None,
        "replies": [{"kind": one.kind, "text": one.text} for one in _replies(found)],
        "waits_for": found.waits_for,
        "problem": found.problem,
        "seconds": round(seconds, 3),
    }


def _tell(found: Way) -> None:
    replies = _replies(found)
    for one in replies:
        typer.echo()
        render.words(one.text)
    if found.is_over and not replies:
        typer.echo("\nThe desk owes no reply to this.")


def _replies(found: Way) -> list[DeliveryRow]:
    return [one for one in found.owed if one.kind not in FOR_AGENTS]


def _advice(arrival: UUID) -> str:
    return f"see `firstline trace {arrival}` and `firstline queue list`, and whether a desk works all lanes"
