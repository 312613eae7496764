"""A Parcel in Slack's form: bounded, plain, and by Slack's own rules."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import File, Parcel
from connectors.slack.letter import MESSAGE, SECTION, Letter
from connectors.slack.splitting import pieces
from tests.connectors.slack.parcels import owed
from tests.slack import Message
from tests.slack.blocks import checked

ROOT = Message("C0SUPPORT", "1700000000.000100", "U0ANN", "Help", "T0HOME")


def letter(text: str, **changes: object) -> Letter:
    return Letter.of(owed(ROOT, text, **changes))


def blocks_of(found: Letter) -> list[str]:
    return [block["text"]["text"] for message in found.messages for block in message["blocks"]]


def test_a_short_answer_is_one_message_in_its_thread_with_the_deliverys_id() -> None:
    found = letter("See <the page> & more")
    assert (found.team, found.channel, found.thread_ts, found.files) == ("T0HOME", ROOT.channel, ROOT.ts, ())
    (message,) = found.messages
    assert message["text"] == "See &lt;the page&gt; &amp; more"
    assert message["metadata"] == {
        "event_type": "firstline_delivery",
        "event_payload": {"id": "00000000-0000-0000-0000-000000000007", "part": 0},
    }


@pytest.mark.parametrize("text", ["<!channel> <@U0ANN>", "<https://evil.example|click>", "*bold* :smile:"])
def test_nobodys_words_ping_link_or_format(text: str) -> None:
    for block in letter(text).messages[0]["blocks"]:
        assert block["text"]["type"] == "plain_text"
        assert block["text"]["emoji"] is False
        assert "<" not in block["text"]["text"]
    assert "<" not in letter(text).messages[0]["text"]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab &<>\n\0é", max_size=2000), st.integers(1, 25))
def test_messages_stay_in_slacks_limits_and_lose_no_word(text: str, times: int) -> None:
    found = letter(text * times)
    for message in found.messages:
        checked(message["blocks"])
        assert len(message["text"]) <= MESSAGE
    if not found.files:
        whole = (text * times).replace("\0", "")
        words = "".join(blocks_of(found)).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        assert "".join(words.split()) == "".join(whole.split())


@given(st.text(alphabet="ab &\n", max_size=300), st.integers(5, 40))
def test_every_piece_fits_and_all_together_are_the_text(text: str, most: int) -> None:
    found = list(pieces(text, most))
    assert all(0 < len(one.replace("&", "&amp;")) <= most for one in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_pieces_end_where_a_reader_would_end_them() -> None:
    assert list(pieces("one two\n\nthree four\nfive", 12)) == ["one two", "three four", "five"]
    assert list(pieces("one two three", 7)) == ["one two", "three"]
    assert list(pieces("onetwothree", 6)) == ["onetwo", "three"]


def test_what_is_long_comes_as_up_to_three_messages_in_order() -> None:
    found = letter("\n\n".join(f"{number} {'x' * 997}" for number in range(30)))
    assert [len(message["text"]) <= MESSAGE for message in found.messages] == [True] * 3
    assert all(len(block) <= SECTION for block in blocks_of(found))
    assert [message["metadata"]["event_payload"]["part"] for message in found.messages] == [0, 1, 2]


def test_what_is_longer_comes_as_a_file_with_its_beginning() -> None:
    text = "word " * 10_000
    found = letter(text)
    assert len(found.messages) == 1
    assert found.messages[0]["text"].endswith("(This is the beginning; all of it is in the attached file.)")
    assert found.files == (File("message.txt", "text/plain", text.encode()),)


def test_an_agents_files_go_with_the_words() -> None:
    file = File("a.bin", "application/x-a", b"\x00\xff")
    assert letter("Here it is", files=(file,)).files == (file,)
    assert letter("", files=(file,)).messages == ()


def test_the_form_is_fixed_before_the_first_try() -> None:
    one: Parcel = owed(ROOT)
    assert one.rendered == owed(ROOT).rendered
