"""From a mail to the reply with a model that is asked over a socket, and one that says when to come back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.model import Lane
from tests.model_server import ModelServer, status
from tests.waiting import until
from tests.walks.desk import Story, story, words_of

QUESTION = "Hello,\n\nI forgot my password. How can I reset my password?\n\nAnn"


@asynccontextmanager
async def desk(server: ModelServer, url: str, folder: Path) -> AsyncIterator[Story]:
    sections = {
        "openai": {"base_url": server.url, "model": "tiny"},
        "triage": {"triager": "openai", "level": "automatic"},
    }
    async with story(url, folder, sections=sections) as told:
        for worker in told.desk.workers:
            if worker.step.lane is Lane.TRIAGE:
                worker.step.triager.clock = told.clock
        yield told


async def decision(told: Story) -> dict[str, object]:
    conversation = (await told.conversation()).id
    (row,) = await told.store.read(lambda look: look.conversations.decisions(conversation))
    return dict(row.detail)


async def test_a_mail_is_answered_by_the_model_and_the_decision_tells_what_it_took(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with ModelServer() as server, desk(server, sqlite_url, tmp_path) as told:
        await told.mail(QUESTION)
        (reply,) = await told.replies(1)
        row = await decision(told)
    assert "automatic" in words_of(reply)
    assert (row["triager"], row["model"], row["tokens_in"], row["tokens_out"]) == ("openai", "tiny", 900, 120)
    assert len(str(row["prompt_hash"])) == 64


async def test_a_request_waits_for_a_model_that_says_when_to_come_back(sqlite_url: str, tmp_path: Path) -> None:
    async with ModelServer(status(429, Retry_After="40")) as server, desk(server, sqlite_url, tmp_path) as told:
        await told.mail(QUESTION)

        async def put_off() -> bool:
            jobs = await told.store.read(lambda look: look.jobs.rows(lane=Lane.TRIAGE))
            return [(job.attempts, job.error) for job in jobs] == [(0, "the model: rate limited")]

        await until(put_off)
        assert told.relay.mails == []
        await told.later(seconds=41)
        await told.replies(1)
        assert ((await decision(told))["triager"], len(server.requests)) == ("openai", 2)


async def test_a_model_that_is_down_loses_nothing_and_is_asked_again_later(sqlite_url: str, tmp_path: Path) -> None:
    async with ModelServer(status(401)) as server, desk(server, sqlite_url, tmp_path) as told:
        await told.mail(QUESTION)
        await told.replies(1)
        row = await decision(told)
    assert (row["triager"], row["model"], len(server.requests)) == ("local", "tiny", 1)
