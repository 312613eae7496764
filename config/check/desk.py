"""What the desk knows, who works its tickets, and how far it may go by itself."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from bot.model import Agent, Category, Role
from config.channels import verifying
from config.check.finding import Finding, Problem, Scene, found
from config.errors import WrongUse
from config.knowledge import files_in, understood
from config.settings import Settings
from storage.migrate import State

WRITE = "write articles (see `firstline knowledge --help`) and name their folder in KNOWLEDGE__FOLDER"


def settings(ours: Settings, file: Path) -> Finding:
    """They could be read, or there would be nothing to look at."""
    asks_nobody = ours.triage.triager == "openai" and not ours.openai.model
    return found(
        Problem("TRIAGE__TRIAGER=openai needs OPENAI__MODEL", "name the model") if asks_nobody else None,
        note=f"{file} and the environment" if file.exists() else f"there is no {file}: `firstline init` writes one",
    )


async def knowledge(scene: Scene) -> Finding:
    folder = scene.settings.knowledge.folder
    slugs: set[str] = {article.slug for article in await scene.read(lambda look: look.articles.rows()) or ()}
    listed: Sequence[Category] = await scene.read(lambda look: look.articles.categories()) or ()
    if folder:
        try:
            articles, in_folder = await asyncio.to_thread(lambda: understood(files_in([folder])))
        except WrongUse as error:
            return found(Problem(f"KNOWLEDGE__FOLDER: {error}", "the desk doesn't start with it: correct it"))
        slugs |= {article.slug for _, article in articles}
        listed = in_folder or listed
    known = [category.slug for category in listed]
    return found(
        *enough(slugs, known, scene.settings.triage.levels), note=f"{len(slugs)} articles, {len(known)} categories"
    )


def enough(articles: Collection[str], categories: Collection[str], levels: Collection[str]) -> list[Problem]:
    problems = []
    if not articles:
        problems.append(Problem("there is no article: nothing can be answered", WRITE))
    if not categories:
        problems.append(Problem("there are no categories", "list them in categories.md, a line `- slug: …` each"))
    unknown = sorted(set(levels) - {*categories, "other"}) if categories else []
    if unknown:
        problems.append(Problem(f"TRIAGE__LEVELS names {', '.join(unknown)}, no category", "correct it, or list it"))
    return problems


async def agents(scene: Scene) -> Finding:
    listed = await scene.read(lambda look: look.people.agents())
    if listed is None and scene.base.state is not State.EMPTY:
        return found(*called(scene.settings), note="the database could not be asked who they are")
    note = (
        "" if scene.settings.agents.mail else "AGENTS__MAIL is not set: people are called in the desk's terminal alone"
    )
    return found(workers(listed or []), *called(scene.settings), note=note)


def workers(listed: Sequence[Agent]) -> Problem | None:
    if any(agent.active and agent.role is not Role.AUDITOR for agent in listed):
        return None
    return Problem("there is nobody to work tickets", "`firstline agent add NAME --mail ADDRESS`")


def called(ours: Settings) -> Iterator[Problem]:
    """A call to people that comes in by our own door would be a customer's."""
    mail = ours.agents.mail
    if mail and mail.rpartition("@")[2].lower() in ours.smtp.domains:
        text = f"AGENTS__MAIL is at {mail.rpartition('@')[2]}, whose mail the desk itself takes for requests"
        yield Problem(text, "name an address at another domain")
    if ours.agents.by_mail and not verifying(ours):
        yield Problem(
            "AGENTS__BY_MAIL is on, but no channel can tell who sent a mail: every answer of an agent stays a note",
            "set SMTP__AUTHSERV_ID and SMTP__UPSTREAMS, or a mailbox's authserv_id; see docs/whom-to-believe.md",
        )


async def mode(scene: Scene) -> Finding:
    """Never wrong, but worth a look: it explains why nothing is answered."""
    triage = scene.settings.triage
    parts = [f"level {triage.level}"]
    parts += [f"{category} {level}" for category, level in sorted(triage.levels.items())]
    if scene.settings.desk.watch:
        parts.append("watch only: nobody is written to (DESK__WATCH)")
    desk = await scene.read(lambda look: look.desk.get())
    if desk and desk.stopped:
        parts.append(f"triage is stopped by {desk.by}: `firstline triage start`")
    return found(note=", ".join(parts))
