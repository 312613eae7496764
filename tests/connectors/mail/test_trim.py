import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.trimming.marks import NO_MARKS, Marks
from connectors.mail.trimming.trim import trim

ATTRIBUTIONS = [
    "On Mon, Feb 1, 2026 at 6:32 PM, Ann <ann@example.org> wrote:",
    "On Mon, Feb 1, 2026 at 6:32 PM, Ann <ann@example.org>\nwrote:",
    "Am 01.02.2026 um 18:32 schrieb Ann <ann@example.org>:",
    'Le 1 févr. 2026 18:32, "Ann"\n<ann@example.org>\na écrit :',
    "El lun, 1 feb 2026 a las 18:32, Ann (<ann@example.org>) escribió:",
    "Il 1 febbraio 2026 alle 18.32 Ann <ann@example.org> ha scritto:",
    "Op 1 feb. 2026 om 18:32 heeft Ann <ann@example.org> het volgende geschreven:",
    "在 2026年2月1日，下午6:32，Ann <ann@example.org> 写道：",
    "1 лют. 2026 р. 18:32 Ann <ann@example.org> пише:",
    "Ann <ann@example.org> wrote:",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_a_quote_under_the_reply_is_taken_away(attribution: str) -> None:
    assert trim(f"Thank you.\n\n{attribution}\n\n> Hello\n> there\n") == (
        "Thank you.",
        f"{attribution}\n\n> Hello\n> there",
    )


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_words_below_a_quote_are_the_reply(attribution: str) -> None:
    reply, elided = trim(f"{attribution}\n\n> Hello\n\nThank you.\n")
    assert reply == "Thank you."
    assert "> Hello" in elided


def test_answers_between_quotes_keep_the_quotes() -> None:
    text = "Hi,\nOn Tue, 2026-03-01 at 18:02, Ann wrote:\n> Which version?\nThe newest.\n> And since when?\nMonday.\n"
    reply, elided = trim(text)
    assert reply == "Hi,\n> Which version?\nThe newest.\n> And since when?\nMonday."
    assert elided == "On Tue, 2026-03-01 at 18:02, Ann wrote:"


@pytest.mark.parametrize(
    "history",
    [
        "-----Original Message-----\nFrom: Ann\nSent: Monday\nSubject: x\n\nHello",
        "-----Mensaje original-----\nDe: Ann\n\nHola",
        "________________________________\nFrom: Ann <ann@example.org>\nSent: Monday\nTo: Bo\nSubject: x\n\nHello",
        "*Von:* Ann\n*Gesendet:* Montag\n*An:* Bo\n*Betreff:* x\n\nHallo",
        "---------- Forwarded message ---------\nFrom: Ann\nDate: Monday\nSubject: x\n\nHello",
    ],
)
def test_copied_headers_begin_the_history(history: str) -> None:
    assert trim(f"Thank you.\n\n{history}") == ("Thank you.", history)


@pytest.mark.parametrize(
    "end",
    ["-- \nAnn Lee\nACME Ltd.", "Sent from my iPhone", "Von meinem iPhone gesendet", "----------\n\n***", "> quoted"],
)
def test_signatures_and_drawn_lines_at_the_end_are_taken_away(end: str) -> None:
    assert trim(f"Thank you.\n\n{end}") == ("Thank you.", end)


@pytest.mark.parametrize(
    "text",
    [
        "Please help me.",
        "Steps:\n- one\n- two\n\n----------\n\nand then it fails with\n\n```\n# code\n####\n```\nBye",
        "On this day\n\nI wrote something:\n\nthe password is wrong",
        "From: Berlin\nI want to fly to Rome.",
        "I see the message: it failed at 10:30.\nWhat now?",
        "> only a quote",
        "-- \nonly a signature",
        "Sent from my phone I can't log in, but from the laptop it works. Why?\nBye",
    ],
)
def test_the_customers_own_words_stay(text: str) -> None:
    assert trim(text) == (text, "")


def test_a_forward_without_a_word_is_the_message() -> None:
    reply, elided = trim(
        "---------- Forwarded message ----------\nFrom: Ann\nDate: Monday\nTo: Bo\n\nThe server is down.\n"
    )
    assert reply == "The server is down."
    assert elided.startswith("----------")


LINES = st.sampled_from(
    [
        *(line for attribution in ATTRIBUTIONS for line in attribution.split("\n")),
        *("> quoted", "words", "", "-- ", "____________", "From: Ann", "To: Bo", "Subject: x", "Sent from my iPhone"),
        *("-----Original Message-----", "Richard> hi", "***", ">> deeper", "Begin forwarded message:", "| barred"),
        *(
            "> From: Ann <a@example.org>",
            "Date: 1 May 2026 10:00",
            "My answers are below.",
            "-----BEGIN PGP SIGNATURE-----",
        ),
        *("-----END PGP SIGNATURE-----", "Virus-free.", "https://example.org", "&gt; escaped", "‏מאת: Ann", "---", "—"),
    ]
)


NUMBERS = st.frozensets(st.integers(0, 40), max_size=8)
RANGES = st.builds(lambda start, lines: range(start, start + lines), st.integers(0, 30), st.integers(1, 5))
MARKS = st.builds(Marks, NUMBERS, st.lists(RANGES, max_size=4).map(tuple), NUMBERS)


@given(
    st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=30).map("\n".join), st.one_of(st.just(NO_MARKS), MARKS)
)
def test_every_line_is_in_exactly_one_of_the_two(text: str, marks: Marks) -> None:
    reply, elided = trim(text, marks)
    assert sorted(_lines(text)) == sorted(_lines(reply) + _lines(elided))


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


@pytest.mark.parametrize(
    "piece",
    [
        "On ",
        "On Mon, somebody\n",
        "> ",
        "-",
        "_",
        " ",
        "> a\n",
        "a:\n",
        "On Mon, 1 Jan 2026 at 10:00, a <a@b.c> wrote:\n> x\n",
        "From: a\nTo: b\nSubject: c\n\n",
        "2026 10:00 a:\n",
        "\n",
        "--\n",
        "Sent from my ",
        "From: a@b.c To: ",
        "To: a@b.c,\n",
        "Begin forwarded message:\n",
        "Begin forwarded message:\n> From: a@b.c\n",
        "Original Message\n",
        "----- a ",
        "-----BEGIN PGP SIGNATURE-----\n",
        "confidential recipient delete mail\n",
        "iphone sent ",
        "<a@b.c",
        "| a\n",
        "&lt;",
    ],
)
def test_time_grows_with_the_length_only(piece: str) -> None:
    text = "Please help me.\n\n" + (piece * 300_000)[:300_000]
    began = time.process_time()
    reply, _ = trim(text)
    assert time.process_time() - began < 1.0
    assert reply.startswith("Please help me.")
