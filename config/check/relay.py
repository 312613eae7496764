"""The way out for mail."""

import os
from pathlib import Path

from bot.connector import DeliveryFailed
from config.channels import mailbox
from config.check.files import nearest
from config.check.finding import Finding, Problem, Scene, found
from connectors.relay import RelayAddress
from connectors.relay_probe import RelayProbe

SECONDS = 4.0


async def relay(scene: Scene) -> Finding:
    """Nothing is sent."""
    settings = scene.settings
    if not settings.relay.url:
        return _folder(settings.relay.outbox)
    try:
        address = RelayAddress.parse(settings.relay.url)
        await RelayProbe(address, hostname=settings.smtp.domains[0], seconds=SECONDS).ask(mailbox(settings))
    except ValueError as error:
        return found(Problem(f"RELAY__URL: {error}", "correct it"))
    except DeliveryFailed as error:
        return found(Problem(error.reason, "look at RELAY__URL, at the login in it and at the relay's own log"))
    return found(note=f"{address.host}:{address.port} takes mail from {mailbox(settings)}")


def _folder(outbox: Path) -> Finding:
    there = nearest(outbox)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return found(Problem(f"{outbox} can't be written", "give it to the desk's user, or set RELAY__URL"))
    return found(note=f"no RELAY__URL: replies are written to {outbox} and reach nobody")
