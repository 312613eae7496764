"""The ways out for mail."""

import asyncio
import os
from pathlib import Path

from bot.connector import DeliveryFailed
from config.channels import mailbox
from config.check.files import nearest
from config.check.finding import Finding, Problem, Scene, found
from config.settings import Settings
from connectors.relay import RelayAddress
from connectors.relay_probe import RelayProbe

SECONDS = 4.0


async def relay(scene: Scene) -> Finding:
    """Each of them. Nothing is sent."""
    settings = scene.settings
    ways = {"RELAY__URL": (settings.relay.url, mailbox(settings))} if settings.relay.url else {}
    for name, box in settings.mailboxes.items():
        if box.relay:
            ways[f"MAILBOXES__{name}__RELAY".upper()] = (box.relay, box.address)
    asked = await asyncio.gather(*(_ask(settings, name, *way) for name, way in ways.items()))
    problems = [one for one in asked if isinstance(one, Problem)]
    notes = [one for one in asked if isinstance(one, str)]
    if settings.relay.url:
        return found(*problems, note="; ".join(notes))
    outbox = _folder(settings.relay.outbox)
    return found(*problems, *outbox.problems, note="; ".join([*notes, outbox.note]))


async def _ask(settings: Settings, name: str, url: str, sender: str) -> Problem | str:
    try:
        address = RelayAddress.parse(url, required=settings.relay.tls == "required")
        await RelayProbe(address, hostname=settings.smtp.domains[0], seconds=SECONDS).ask(sender)
    except ValueError as error:
        return Problem(f"{name}: {error}", "correct it")
    except DeliveryFailed as error:
        return Problem(error.reason, f"look at {name}, at the login in it and at the relay's own log")
    return f"{address.host}:{address.port} takes mail from {sender}"


def _folder(outbox: Path) -> Finding:
    there = nearest(outbox)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return found(Problem(f"{outbox} can't be written", "give it to the desk's user, or set RELAY__URL"))
    return found(note=f"no RELAY__URL: replies are written to {outbox} and reach nobody")
