"""A customer asks in Slack and is answered there: on both databases, through a Slack on real sockets."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import default
from pathlib import Path

import pytest

from bot import failpoints
from bot.model import ConversationState, DeliveryState, Verdict
from tests.slack import ALWAYS, Message
from tests.waiting import until
from tests.walks.desk import words_of
from tests.walks.slack_desk import SlackStory, slack_story

QUESTION = "How do I reset my password?"
WISH = "I want to talk to a human, not to a bot."
ONCALL = "oncall@example.org"


@pytest.fixture
async def here(database_url: str, tmp_path: Path) -> AsyncIterator[SlackStory]:
    async with slack_story(database_url, tmp_path) as told:
        yield told


# ------------------------------------------------------------------ a question, wherever it is asked


@pytest.mark.parametrize("mode", ["socket", "http"])
@pytest.mark.parametrize("way", ["direct message", "mention", "support channel"])
async def test_a_question_is_answered_in_its_thread_with_its_source(
    database_url: str, tmp_path: Path, mode: str, way: str
) -> None:
    async with slack_story(database_url, tmp_path, mode=mode) as here:
        asked = await ask(here, way)
        answer = await here.answer(asked)
        assert "Forgot password" in answer.text
        assert "Reset your password" in answer.text
        await here.settled()
        conversation = await here.desk.conversation()
        (said, _) = conversation.messages
        assert (said.text, said.author_name, said.verdict) == (QUESTION, "ann", Verdict.VERIFIED)
        assert conversation.customer is not None
        assert conversation.customer.value == f"T0HOME/{here.ann.id}"
        assert here.posts == 1


async def ask(here: SlackStory, way: str) -> Message:
    match way:
        case "direct message":
            return await here.ann.dm(QUESTION)
        case "mention":
            return await here.ann.mention(here.random, QUESTION)
        case _:
            return await here.ann.say(here.support, QUESTION)


async def test_what_others_talk_about_in_their_channels_is_not_ours(here: SlackStory) -> None:
    await here.ann.say(here.random, QUESTION)
    await here.settled()
    assert await here.desk.conversations() == []
    assert here.posts == 0


async def test_another_bots_question_is_not_answered(here: SlackStory) -> None:
    other = here.slack.other_bot("poller")
    here.support.members.add(other.id)
    await other.say(here.support, QUESTION)
    await here.settled()
    assert await here.desk.conversations() == []


# ------------------------------------------------------------------ one message once


async def test_a_mention_in_a_support_channel_is_one_message_with_one_answer(here: SlackStory) -> None:
    asked = await here.ann.mention(here.support, QUESTION)
    await here.answer(asked)
    await here.settled()
    assert len(here.slack.payloads) == 3  # the mention, the message, and the message that we posted
    assert len((await here.desk.conversation()).messages) == 2
    assert here.posts == 1


@pytest.mark.parametrize("fault", ["twice", "new_ids"])
async def test_an_event_that_comes_twice_is_one_message(here: SlackStory, fault: str) -> None:
    setattr(here.slack.faults, fault, True)
    asked = await here.ann.dm(QUESTION)
    await here.answer(asked)
    await here.settled()
    assert len((await here.desk.conversation()).messages) == 2
    assert here.posts == 1


async def test_an_event_whose_acknowledgement_was_lost_comes_again_and_is_known(here: SlackStory) -> None:
    here.slack.faults.unheard = 1
    asked = await here.ann.dm(QUESTION)
    await here.answer(asked)
    await here.settled()
    assert [one.number for one in here.slack.payloads[0].tries] == [0, 1]
    assert len((await here.desk.conversation()).messages) == 2


@pytest.mark.parametrize("point", ["slack.keep.before", "slack.keep.after"])
async def test_what_was_not_kept_for_sure_comes_again_and_is_kept_once(here: SlackStory, point: str) -> None:
    with failing(f"{point}:fail@1"):
        asked = await here.ann.dm(QUESTION)
        await until(lambda: failpoints.passed[point])
        here.slack.advance(3.1)
        await here.answer(asked)
        await here.settled()
    assert len(here.slack.payloads[0].tries) == 2
    assert len((await here.desk.conversation()).messages) == 2


# ------------------------------------------------------------------ a thread that goes on


async def test_the_customers_next_words_go_on_with_the_same_matter(here: SlackStory) -> None:
    asked = await here.ann.say(here.support, QUESTION)
    await here.answer(asked)
    await here.ann.say(here.support, WISH, thread=asked)
    await until(lambda: _is_called(here))
    conversation = await here.desk.conversation()
    assert [m.text for m in conversation.messages if m.author_name == "ann"] == [QUESTION, WISH]
    assert conversation.state is ConversationState.HUMAN


async def test_somebody_elses_words_in_the_thread_are_filed_and_not_answered(here: SlackStory) -> None:
    asked = await here.ann.say(here.support, QUESTION)
    await here.answer(asked)
    await here.carl.say(here.support, "What are the opening hours of the shop?", thread=asked)
    await here.settled()
    conversation = await here.desk.conversation()
    assert "carl" in [message.author_name for message in conversation.messages]
    assert here.posts == 1


async def test_a_reply_to_a_root_that_we_never_saw_is_answered_under_that_root(here: SlackStory) -> None:
    here.support.members.discard(here.slack.bot_id)
    old = await here.ann.say(here.support, "Long ago")
    here.support.members.add(here.slack.bot_id)
    await here.carl.say(here.support, QUESTION, thread=old)
    assert "Forgot password" in (await here.answer(old)).text


async def test_every_question_of_a_direct_message_is_a_matter_of_its_own(here: SlackStory) -> None:
    first = await here.ann.dm(QUESTION)
    await here.answer(first)
    await here.ann.dm(WISH)
    await here.settled()
    assert len(await here.desk.conversations()) == 2


# ------------------------------------------------------------------ edits and deletions


async def test_an_edit_changes_what_we_hold_and_is_not_answered_again(here: SlackStory) -> None:
    asked = await here.ann.say(here.support, QUESTION)
    await here.answer(asked)
    await here.ann.edit(asked, "How do I change my password &amp; name?")
    await here.settled()
    assert (await here.desk.conversation()).messages[0].text == "How do I change my password & name?"
    assert here.posts == 1


async def test_a_deletion_takes_the_words_away_down_to_the_raw(here: SlackStory) -> None:
    asked = await here.ann.say(here.support, QUESTION)
    await here.answer(asked)
    await here.ann.delete(asked)
    await here.settled()
    assert (await here.desk.conversation()).messages[0].text == ""
    assert not await _anywhere(here, "reset my password")


@pytest.mark.parametrize("act", ["edit", "delete"])
async def test_what_comes_before_its_message_waits_for_it(here: SlackStory, act: str) -> None:
    here.slack.faults.holding = True
    asked = await here.ann.say(here.support, "Never mind")
    if act == "edit":
        await here.ann.edit(asked, QUESTION)
    else:
        await here.ann.delete(asked)
    here.slack.release(backwards=True)
    await here.settled()
    (said, *_) = (await here.desk.conversation()).messages
    assert said.text == (QUESTION if act == "edit" else "")
    assert here.posts == (1 if act == "edit" else 0)


# ------------------------------------------------------------------ a Slack in trouble


async def test_a_post_whose_answer_was_lost_is_looked_for_and_not_repeated(here: SlackStory) -> None:
    here.slack.faults.cut("chat.postMessage", done=True)
    asked = await here.ann.dm(QUESTION)
    await until(lambda: _is(here, DeliveryState.UNKNOWN))
    await here.desk.later(seconds=6)
    await until(lambda: _is(here, DeliveryState.DELIVERED))
    reply = await here.answer(asked)
    (row,) = await here.desk.outbox()
    assert row.message_id == f"T0HOME/{reply.channel}/{reply.ts}"
    assert here.posts == 1


async def test_a_post_that_never_arrived_is_sent_again(here: SlackStory) -> None:
    here.slack.faults.cut("chat.postMessage", done=False)
    asked = await here.ann.dm(QUESTION)
    await until(lambda: _is(here, DeliveryState.UNKNOWN))
    await here.desk.later(seconds=6)
    await here.passing(lambda: here.thread(asked), seconds=0.2)
    await here.answer(asked)
    assert here.posts == 2


async def test_when_slack_wants_fewer_posts_the_answer_waits_as_long_as_it_says(here: SlackStory) -> None:
    here.slack.faults.limit("chat.postMessage", retry_after=1)
    asked = await here.ann.dm(QUESTION)
    await until(lambda: here.posts)
    await here.passing(lambda: here.thread(asked), seconds=0.2)
    await here.answer(asked)
    assert here.posts == 2


async def test_a_channel_that_is_gone_gives_people_a_ticket(here: SlackStory) -> None:
    here.slack.faults.refuse("chat.postMessage", "is_archived")
    await here.ann.say(here.support, QUESTION)
    (ticket,) = await until(here.desk.tickets)
    assert "is_archived" in ticket.reason
    (row,) = await here.desk.outbox()
    assert row.state is DeliveryState.UNDELIVERABLE


async def test_when_the_token_is_revoked_agents_are_told_by_mail_and_the_answer_waits(
    database_url: str, tmp_path: Path
) -> None:
    async with slack_story(database_url, tmp_path, sections={"agents": {"mail": ONCALL}}) as here:
        here.slack.faults.refuse("chat.postMessage", "token_revoked", times=ALWAYS)
        asked = await here.ann.dm(QUESTION)
        await until(lambda: _is_paused(here))
        await here.desk.later(minutes=11)
        mail = await until(lambda: told_by_mail(here, "token_revoked"))
        assert mail["To"] == ONCALL
        assert "SLACK__BOT_TOKEN" in words_of(mail)
        here.slack.faults.clear()
        await here.desk.later(minutes=2)
        await here.passing(lambda: here.thread(asked), seconds=0.2)
        await here.answer(asked)


# ------------------------------------------------------------------ parts


@contextmanager
def failing(spec: str) -> Iterator[None]:
    failpoints.arm(spec)
    try:
        yield
    finally:
        failpoints.arm(None)


def told_by_mail(here: SlackStory, words: str) -> Mail | None:
    """The first mail that says so."""
    mails = [message_from_bytes(mail.raw, policy=default) for mail in here.desk.relay.mails]
    return next((mail for mail in mails if words in words_of(mail)), None)


async def _is_called(here: SlackStory) -> bool:
    return any(ticket.reason for ticket in await here.desk.tickets())


async def _is(here: SlackStory, state: DeliveryState) -> bool:
    return [row.state for row in await here.desk.outbox()] == [state]


async def _is_paused(here: SlackStory) -> bool:
    pauses = await here.desk.store.read(lambda look: look.jobs.pauses())
    return [one.channel for one in pauses] == ["slack"]


async def _anywhere(here: SlackStory, words: str) -> bool:
    """Whether any event that we hold still says it."""
    rows = await here.desk.store.read(lambda look: look.arrivals.since(None, state=None, limit=100))
    kept = [await here.desk.store.read(lambda look, row=row: look.arrivals.get(row.id)) for row in rows]
    return any(words.encode() in arrival.raw for arrival in kept)
