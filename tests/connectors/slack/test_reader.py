"""What the reader makes of Slack's events."""

from typing import Any

import pytest

from bot.model import Edit, Identity, Inbound, Kind, Skipped, Verdict
from connectors.slack.reader import SlackReader
from tests.connectors.slack.events import (
    ANN,
    APP,
    BOT,
    DIRECT,
    LATER,
    RANDOM,
    SUPPORT,
    TEAM,
    TS,
    arrival,
    changed,
    deleted,
    mention,
    read,
    said,
)

WHO = Identity("slack", f"{TEAM}/{ANN}")


# ------------------------------------------------------------------ who, where and what


def test_a_message_says_who_wrote_it_where_and_how_to_answer() -> None:
    inbound = read(said(), envelope={"name": "Ann"})
    assert inbound == Inbound(
        Kind.MESSAGE,
        Identity("slack", f"{TEAM}/{ANN}", "Ann"),
        text="My printer is on fire",
        reply="My printer is on fire",
        key=f"{TEAM}/{SUPPORT}/{TS}",
        place=f"{TEAM}/{SUPPORT}/{TS}",
        content_key=f"slack:{TEAM}/{SUPPORT}/{TS}",
        address={
            "to": {"name": "Ann", "address": f"{TEAM}/{ANN}"},
            "team": TEAM,
            "channel": SUPPORT,
            "thread_ts": TS,
        },
        verdict=Verdict.VERIFIED,
    )


def test_a_reply_stands_in_the_thread_of_its_root_whether_we_saw_that_or_not() -> None:
    inbound = read(said(ts=LATER, thread_ts=TS))
    assert inbound.place == f"{TEAM}/{SUPPORT}/{TS}"
    assert inbound.key == f"{TEAM}/{SUPPORT}/{LATER}"
    assert inbound.address["thread_ts"] == TS


def test_a_mention_and_the_message_that_it_stands_in_are_the_same_words() -> None:
    both = read(mention(channel=SUPPORT)), read(said(f"<@{BOT}> My printer is on fire"))
    assert both[0] == both[1]


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
def test_people_also_speak_in_these_subtypes(subtype: str) -> None:
    assert read(said(subtype=subtype)).text == "My printer is on fire"


def test_files_are_listed_and_said_to_be_in_slack_alone() -> None:
    files = [{"name": "a.png", "mimetype": "image/png", "size": 12}, "nonsense", {"title": "b", "size": -1}]
    inbound = read(said("", files=files, subtype="file_share"))
    assert [(one.part, one.name, one.type, one.size) for one in inbound.attachments] == [
        (0, "a.png", "image/png", 12),
        (2, "b", "application/octet-stream", 0),
    ]
    assert inbound.problems == ("its files are still in Slack alone",)


def test_a_message_that_was_passed_on_is_quoted() -> None:
    shared = {"is_share": True, "author_name": "Carl", "text": "It is <https://x.example|here>\nor there"}
    unfurled = {"title": "A page", "text": "that nobody said"}
    assert read(said("See this", attachments=[shared, unfurled])).text == (
        "See this\n\n> Carl:\n> It is here (https://x.example)\n> or there"
    )


def test_more_than_slack_allows_is_cut_and_said_to_be() -> None:
    inbound = read(said("x" * 40_001))
    assert (len(inbound.text), inbound.partly) == (40_000, True)


# ------------------------------------------------------------------ what is for us


def test_in_our_direct_messages_everything_is_for_us() -> None:
    assert isinstance(read(said(channel=DIRECT, channel_type="im")), Inbound)
    assert isinstance(read(said(channel=DIRECT, channel_type=None)), Inbound)


def test_in_channels_of_others_only_a_mention_is() -> None:
    assert isinstance(read(said(channel=RANDOM)), Skipped)
    assert isinstance(read(mention()), Inbound)
    assert isinstance(read(said(f"Ask <@{BOT}>", channel=RANDOM)), Inbound)
    assert isinstance(read(said("Ask <@U0OTHER>", channel=RANDOM)), Skipped)


def test_a_mention_without_words_is_a_call_for_us() -> None:
    assert read(mention(f"<@{BOT}>")).text == ""


@pytest.mark.parametrize("event", [said(""), said(None), said(["no", "text"])])
def test_a_message_without_words_is_none(event: dict[str, Any]) -> None:
    assert isinstance(read(event), Skipped)


@pytest.mark.parametrize(
    "author",
    [
        {"bot_id": "B0OTHER"},
        {"bot_id": "B0DESK", "app_id": APP},
        {"user": "USLACKBOT"},
        {"user": BOT},
        {"subtype": "bot_message", "user": None},
    ],
)
def test_programs_are_not_heard(author: dict[str, Any]) -> None:
    assert isinstance(read(said(**author)), Skipped)
    assert isinstance(read(deleted(said(**author))), Skipped)
    assert isinstance(read(changed(said("a", **author), said("b", **author))), Skipped)


@pytest.mark.parametrize("subtype", ["channel_join", "channel_topic", "message_replied", "huddle_thread", "new_one"])
def test_what_slack_tells_of_a_channel_is_no_message(subtype: str) -> None:
    assert isinstance(read(said(subtype=subtype)), Skipped)


def test_other_events_say_nothing_to_us() -> None:
    assert isinstance(read({"type": "reaction_added", "user": ANN}), Skipped)


# ------------------------------------------------------------------ edits and deletions


def test_a_changed_text_is_an_edit_of_the_message_it_was() -> None:
    edit = read(changed(said(), said("My printer is &lt;not&gt; on fire &amp; well")))
    assert edit == Edit(WHO, f"{TEAM}/{SUPPORT}/{TS}", "My printer is <not> on fire & well")


def test_a_preview_of_a_link_changes_no_words() -> None:
    assert isinstance(read(changed(said(), said(attachments=[{"title": "A page"}]))), Skipped)


@pytest.mark.parametrize("before", [said(), None])
def test_a_deletion_names_the_message_even_if_slack_does_not_quote_it(before: dict[str, Any] | None) -> None:
    gone = read(deleted(before))
    assert (gone.key, gone.text) == (f"{TEAM}/{SUPPORT}/{TS}", None)


def test_a_deleted_message_with_answers_leaves_a_tombstone() -> None:
    stone = said("This message was deleted.", user="USLACKBOT", subtype="tombstone")
    assert read(changed(said(), stone)) == Edit(WHO, f"{TEAM}/{SUPPORT}/{TS}", None)


def test_what_others_change_in_their_channels_is_not_ours() -> None:
    before, after = said("a", channel=RANDOM), said("b", channel=RANDOM)
    assert isinstance(read(changed(before, after)), Skipped)
    assert isinstance(read(deleted(before, channel=RANDOM)), Skipped)
    asked = said(f"<@{BOT}> a", channel=RANDOM)
    assert isinstance(read(changed(asked, after)), Edit)
    assert isinstance(read(deleted(asked, channel=RANDOM)), Edit)


# ------------------------------------------------------------------ what is no event


@pytest.mark.parametrize(
    "event",
    [said(ts=None), said(user=None), said(channel=None), said(ts="1/2"), said(user=7), said(ts="1" * 65), said(ts="é")],
)
def test_what_has_no_sound_keys_is_set_aside(event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"ts|user|channel"):
        read(event)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"type":"event_callback"}', b'{"type":"event_callback","event":1}']
)
def test_what_is_no_event_is_set_aside(raw: bytes) -> None:
    made = arrival(said())
    with pytest.raises(ValueError, match=r"event|JSON|value"):
        SlackReader()(type(made)(made.id, made.channel, made.transport_key, raw, {}))


def test_what_could_not_be_read_is_salvaged() -> None:
    salvaged = SlackReader().salvage(arrival(said()), "it broke")
    assert (salvaged.partly, salvaged.problems) == (True, ("it broke",))
