"""Posting to a Slack that fails in every way: nothing is lost, nothing is posted twice."""

import dataclasses

import pytest

from bot.connector import DeliveryFailed, NotYet
from bot.model import Absent, DeliveryState, File, Receipt
from connectors.slack.posting import Poster
from connectors.slack.turns import Turns
from tests.connectors.slack.parcels import owed, poster
from tests.slack import FakeSlack, Message, Person
from tests.slack.nouns import Channel

LONG = "\n\n".join(f"{number} {'x' * 997}" for number in range(30))
POST = "chat.postMessage"


@pytest.fixture
def out(slack: FakeSlack) -> Poster:
    return poster(slack)


def under(slack: FakeSlack, root: Message) -> list[Message]:
    return slack.messages(slack.workspace.channels[root.channel], thread=root)[1:]


async def failed(out: Poster, *args: object, **more: object) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as error:
        await out.deliver(owed(*args, **more))
    return error.value


# ------------------------------------------------------------------ what works


async def test_a_message_stands_under_its_question_and_its_receipt_names_it(
    slack: FakeSlack, out: Poster, root: Message
) -> None:
    receipt = await out.deliver(owed(root))
    (reply,) = under(slack, root)
    assert receipt == Receipt(f"T0HOME/{root.channel}/{reply.ts}")
    assert reply.text == "It is on its way."
    (call,) = slack.calls.of(POST)
    assert {call.args[name] for name in ("unfurl_links", "unfurl_media")} <= {"False", False, "0", "false"}


async def test_long_words_come_in_order_and_the_receipt_names_the_last(
    slack: FakeSlack, out: Poster, root: Message
) -> None:
    receipt = await out.deliver(owed(root, LONG))
    replies = under(slack, root)
    assert "\n\n".join(one.text for one in replies) == LONG
    assert len(replies) == 3
    assert receipt.reference.endswith(replies[-1].ts)


async def test_files_hang_in_the_thread_after_the_words(slack: FakeSlack, out: Poster, root: Message) -> None:
    await out.deliver(owed(root, files=(File("a.txt", "text/plain", b"one"), File("b.txt", "text/plain", b"two"))))
    words, files = under(slack, root)
    assert words.text == "It is on its way."
    assert [one["name"] for one in files.files] == ["a.txt", "b.txt"]


# ------------------------------------------------------------------ in doubt


async def test_a_post_whose_answer_was_lost_is_found(slack: FakeSlack, out: Poster, root: Message) -> None:
    slack.faults.cut(POST, done=True)
    error = await failed(out, root)
    assert (error.unknown, error.permanent, error.unreachable) == (True, False, False)
    (reply,) = under(slack, root)
    assert await out.settle(owed(root)) == Receipt(f"T0HOME/{root.channel}/{reply.ts}")
    assert len(slack.calls.of(POST)) == 1


async def test_a_post_that_was_never_done_is_absent(slack: FakeSlack, out: Poster, root: Message) -> None:
    slack.faults.cut(POST, done=False)
    assert (await failed(out, root)).unknown
    assert await out.settle(owed(root)) == Absent()


async def test_another_delivery_in_the_thread_is_not_taken_for_it(out: Poster, root: Message) -> None:
    await out.deliver(owed(root, number=8))
    assert await out.settle(owed(root, number=7)) == Absent()


async def test_it_is_found_in_a_long_thread(
    slack: FakeSlack, out: Poster, root: Message, ann: Person, support: Channel
) -> None:
    await out.deliver(owed(root))
    for number in range(250):
        await ann.say(support, f"still waiting {number}", thread=root)
    await poster(slack).deliver(owed(root, number=8))
    assert isinstance(await out.settle(owed(root, number=8)), Receipt)
    assert len(slack.calls.of("conversations.replies")) == 2


async def test_a_root_that_was_deleted_has_nothing_under_it(out: Poster, root: Message, ann: Person) -> None:
    await ann.delete(root)
    assert await out.settle(owed(root)) == Absent()


async def test_a_slack_that_cannot_be_asked_leaves_the_doubt(slack: FakeSlack, out: Poster, root: Message) -> None:
    slack.workspace.bot_token.trouble = "token_revoked"
    with pytest.raises(DeliveryFailed, match="token_revoked"):
        await out.settle(owed(root))


@pytest.mark.parametrize("done", [True, False])
async def test_a_letter_that_broke_off_goes_on_where_it_ended(
    slack: FakeSlack, out: Poster, root: Message, done: bool
) -> None:
    first = owed(root, LONG, files=(File("a.txt", "text/plain", b"one"),))
    slack.faults.cut("files.completeUploadExternal", done=done)
    with pytest.raises(DeliveryFailed) as error:
        await out.deliver(first)
    assert error.value.unknown
    assert isinstance(await out.settle(first), Receipt if done else Absent)
    again = dataclasses.replace(first, state=DeliveryState.SENDING, attempts=2)
    await poster(slack).deliver(again)
    assert [len(one.files) for one in under(slack, root)] == [0, 0, 0, 1]


async def test_a_letter_that_stopped_between_two_messages_repeats_none(
    slack: FakeSlack, out: Poster, root: Message
) -> None:
    letter = owed(root, LONG)
    await out.deliver(letter)
    second = under(slack, root)[1]
    slack.workspace.delete(second)
    await poster(slack).deliver(letter)
    assert len(under(slack, root)) == 3
    assert len(slack.calls.of(POST)) == 4


# ------------------------------------------------------------------ what Slack refuses


async def test_when_slack_wants_fewer_posts_it_gets_none_there_until_then(
    slack: FakeSlack, root: Message, ann: Person, support: Channel
) -> None:
    now = [0.0]
    out = poster(slack, Turns(lambda: now[0]))
    slack.faults.limit(POST, retry_after=7)
    error = await failed(out, root)
    assert (error.after, error.unknown, error.permanent, error.unreachable) == (7, False, False, False)
    now[0] = 6.0
    with pytest.raises(NotYet):
        await out.deliver(owed(root, number=8))
    now[0] = 7.5
    await out.deliver(owed(root))
    assert len(slack.calls.of(POST)) == 2


async def test_a_channel_gets_about_one_message_a_second(slack: FakeSlack, root: Message, ann: Person) -> None:
    now = [0.0]
    out = poster(slack, Turns(lambda: now[0]))
    await out.deliver(owed(root))
    with pytest.raises(NotYet) as early:
        await out.deliver(owed(root, number=8))
    assert early.value.seconds == pytest.approx(1.0)
    await out.deliver(owed(await ann.dm("And here?"), number=9))
    now[0] = 1.0
    await out.deliver(owed(root, number=8))


@pytest.mark.parametrize("trouble", ["token_revoked", "account_inactive", "invalid_auth"])
async def test_a_token_that_is_not_good_any_more_is_nothing_wrong_with_the_parcel(
    slack: FakeSlack, out: Poster, root: Message, trouble: str
) -> None:
    slack.workspace.bot_token.trouble = trouble
    error = await failed(out, root)
    assert error.unreachable
    assert trouble in error.reason
    assert "SLACK__BOT_TOKEN" in error.reason


async def test_a_missing_scope_is_named_with_what_to_do(slack: FakeSlack, out: Poster, root: Message) -> None:
    slack.workspace.bot_token.scopes.discard("chat:write")
    error = await failed(out, root)
    assert error.unreachable
    assert "chat:write" in error.reason
    assert "firstline slack manifest" in error.reason


@pytest.mark.parametrize("case", ["archived", "left", "no messages tab", "root deleted"])
async def test_where_nothing_can_be_said_any_more_people_are_told_what_to_do(
    slack: FakeSlack, out: Poster, root: Message, ann: Person, support: Channel, case: str
) -> None:
    match case:
        case "archived":
            support.archived = True
        case "left":
            support.members.discard(slack.bot_id)
        case "no messages tab":
            root = await ann.dm("Help")
            slack.workspace.messages_tab = False
        case "root deleted":
            await ann.delete(root)
    error = await failed(out, root)
    assert error.permanent
    assert "; " in error.reason


@pytest.mark.parametrize("error", ["internal_error", "fatal_error"])
async def test_slacks_own_failures_leave_a_doubt(slack: FakeSlack, out: Poster, root: Message, error: str) -> None:
    slack.faults.refuse(POST, error)
    assert (await failed(out, root)).unknown
    slack.faults.status(POST, 503)
    assert (await failed(poster(slack), root)).unknown


async def test_a_slack_that_is_not_there_is_away(slack: FakeSlack, root: Message) -> None:
    error = await failed(poster(slack, base_url="http://127.0.0.1:1/api/"), root)
    assert error.unreachable
