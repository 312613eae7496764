"""The mailboxes that are fetched: whether they let us in."""

import asyncio

from bot.marks import far
from config.check.finding import Finding, Problem, Scene, found
from config.mailboxes import fetched, imap
from config.sections import Mailbox

SECONDS = 4.0


async def mailboxes(scene: Scene) -> Finding:
    """Nothing in them is changed."""
    boxes = fetched(scene.settings)
    told = await asyncio.gather(*(_of_one(scene, name, box) for name, box in boxes.items()))
    problems = [one for one in told if isinstance(one, Problem)]
    return found(*problems, note=", ".join(one for one in told if isinstance(one, str)) or ("" if boxes else "none"))


async def _of_one(scene: Scene, name: str, box: Mailbox) -> Problem | str:
    from dataclasses import replace

    from connectors.imap.failures import MailboxFailed
    from connectors.imap.link import Patience
    from connectors.imap.probe import probe

    settings = replace(imap(name, box), patience=Patience(connect=SECONDS, read=SECONDS, command=SECONDS))
    mark = await scene.read(lambda look: far(look, name))
    try:
        asked = await asyncio.to_thread(probe, settings, mark)
    except MailboxFailed as error:
        return Problem(
            f"the mailbox {name}: {error}", f"see `firstline mailbox test {name}`, and its table in the settings"
        )
    return f"{name} has {asked.mails} mails"
