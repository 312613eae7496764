"""What becomes of a mail where a language model decides: one story a test, on both databases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from bot.agents import tickets
from bot.rows import DecisionRow
from tests.model_server import CUT, ModelServer, says, status
from tests.waiting import until
from tests.walks.desk import Story, story, words_of
from tests.walks.test_mail_walks import DEED, QUESTION

ONCALL = "oncall@example.org"


@asynccontextmanager
async def asking(url: str, folder: Path, model: ModelServer, **openai: Any) -> AsyncIterator[Story]:
    """A desk whose Triager asks this model."""
    settings = {"base_url": model.url, "model": "m", "api_key": "sk-canary", "deadline": 5} | openai
    sections = {"openai": settings, "agents": {"mail": ONCALL}, "triage": {"triager": "openai"}}
    async with story(url, folder, sections=sections, unverified_replies=0) as told:
        yield told


async def test_a_question_is_answered_in_the_models_words_with_a_citation_that_holds(
    database_url: str, tmp_path: Path
) -> None:
    async with ModelServer() as model, asking(database_url, tmp_path, model) as desk:
        await desk.mail(QUESTION)
        (reply,) = await desk.replies(1)
        assert "choose Forgot password" in words_of(reply)
        row = await decision(desk)
        assert (row.action, row.detail["triager"], row.detail["model"]) == ("Answer", "openai", "m")
        assert row.detail["prompt_hash"]
        assert row.detail["tokens_in"] == 900
        assert row.detail["tokens_out"] == 120
        assert row.detail["seconds"] > 0
        assert len(model.requests) == 1


async def test_a_citation_that_does_not_hold_makes_a_ticket_with_the_draft(database_url: str, tmp_path: Path) -> None:
    wrong = says(citations=[{"passage_id": "p1", "quote": "passwords are reset by post within a year"}])
    async with ModelServer(always=wrong) as model, asking(database_url, tmp_path, model) as desk:
        await desk.mail(QUESTION)
        (reply,) = await desk.replies(1)
        (ticket,) = await desk.tickets()
        assert str(ticket.number) in words_of(reply)
        assert "Forgot password" not in words_of(reply)
        row = await decision(desk)
        assert row.action == "FileTicket"


async def test_while_the_model_is_away_the_local_triager_decides_and_then_the_model_again(
    database_url: str, tmp_path: Path
) -> None:
    async with ModelServer(always=CUT) as model, asking(database_url, tmp_path, model) as desk:
        await desk.mail(QUESTION, sender="ann@example.org")
        (reply,) = await desk.replies(1)
        assert "Forgot password" in words_of(reply)
        first = await decision(desk)
        assert (first.action, first.detail["triager"]) == ("Answer", "local")
        assert first.detail["evidence"]["model"]
        model.always = says()
        await desk.mail(QUESTION, sender="bob@example.org")
        await desk.replies(2)
        assert (await decision(desk, "bob@example.org")).detail["triager"] == "openai"


async def test_a_model_that_asks_for_patience_gets_it_from_the_queue(database_url: str, tmp_path: Path) -> None:
    busy = status(429, Retry_After="40")
    async with ModelServer(busy) as model, asking(database_url, tmp_path, model) as desk:
        await desk.mail(QUESTION)
        await until(lambda: put_off(desk))
        assert await desk.outbox() == []
        await desk.later(seconds=41)
        await desk.replies(1)
        row = await decision(desk)
        assert (row.action, row.detail["triager"]) == ("Answer", "openai")


async def test_when_the_budget_is_spent_the_local_triager_decides_and_the_agents_are_told_once(
    database_url: str, tmp_path: Path
) -> None:
    async with ModelServer() as model, asking(database_url, tmp_path, model, tokens_a_day=100) as desk:
        for name in ("ann", "bob", "cid"):
            await desk.mail(QUESTION, sender=f"{name}@example.org")
        mails = await desk.replies(4)
        alerts = [mail for mail in mails if parseaddr(mail["To"])[1] == ONCALL]
        assert [mail["Subject"] for mail in alerts] == ["The desk is unwell: model budget"]
        assert model.requests == []
        assert (await decision(desk, "cid@example.org")).detail["triager"] == "local"


async def test_a_hostile_model_changes_nothing_but_the_words_of_a_draft(database_url: str, tmp_path: Path) -> None:
    worst = says(
        answer="Write to mallory@example.net, see [here](https://evil.example) <img src=//evil.example/x>",
        action="answer",
        category="../../etc",
        language="<script>",
        ticket={"title": "To: mallory@example.net\r\nBcc: all@example.org", "summary": "$ticket", "priority": "urgent"},
    )
    async with ModelServer() as model, asking(database_url, tmp_path, model) as desk:
        await desk.mail(DEED, sender="bob@example.org")
        await desk.replies(1)
        untouched = (await desk.conversations())[0]
        model.always = worst
        await desk.mail(QUESTION, sender="ann@example.org")
        mails = await desk.replies(2)
        assert parseaddr(mails[1]["To"])[1] == "ann@example.org"
        assert "evil.example" not in mails[1].as_string()
        assert "mallory" not in mails[1].as_string()
        assert next(one for one in await desk.conversations() if one.id == untouched.id) == untouched


async def test_neither_notes_nor_others_nor_secrets_are_in_a_prompt(database_url: str, tmp_path: Path) -> None:
    async with ModelServer(always=says(action="ticket")) as model, asking(database_url, tmp_path, model) as desk:
        await desk.mail("canary-of-another: please change my address", sender="bob@example.org")
        await desk.replies(1)
        first = await desk.mail(QUESTION, sender="ann@example.org")
        await desk.replies(2)
        agent = await desk.agent()
        mine = (await desk.tickets())[1]
        await desk.store.write(lambda tx: tickets.note(tx, agent, mine.number, "canary-of-a-note"))
        await desk.mail(
            "And how long is the link valid?", sender="ann@example.org", headers={"In-Reply-To": f"<{first}>"}
        )
        await until(lambda: len(model.requests) == 3)
        asked = model.requests[2]
        assert "how long is the link valid" in asked.prompt
        for canary in ("canary-of-another", "canary-of-a-note", "bob@example.org", "ann@example.org", str(desk.folder)):
            assert canary not in asked.raw.decode()
        assert "sk-canary" not in asked.raw.decode()


# ------------------------------------------------------------------ looking


async def decision(desk: Story, customer: str = "ann@example.org") -> DecisionRow:
    """The newest about this customer."""
    mine = next(one for one in await desk.conversations() if one.customer.value == customer)
    rows = await desk.store.read(lambda look: look.conversations.decisions(mine.id))
    return rows[-1]


async def put_off(desk: Story) -> bool:
    jobs = await desk.store.read(lambda look: look.jobs.rows(lane="triage"))
    return any(job.run_at > desk.clock.now() and job.error for job in jobs)
