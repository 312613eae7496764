"""Whose words are they, and does anybody wait for an answer?"""

import time

import pytest

from bot import speech
from bot.model import Kind
from tests.bot.talk import FILE, says, talk

LETTER = f"""How do I send it back?

> You wrote this
On 3 March 2026, Support <help@x.example> wrote:
PS: I mean the lamp.

Best regards
Ann Lee, Legal Department
Elm Street 7
P.S. It is the blue one.
We need it before the holidays, by the way, or we go without one.
Will you sue me for it?
I'll sue you.
{"-- "}
Ann & Bob, lawyers

Sent from my phone"""


def test_the_own_words_are_neither_quotes_nor_signatures() -> None:
    assert speech.own_text(LETTER).split("\n") == [
        "How do I send it back?",
        "",
        "PS: I mean the lamp.",
        "",
        "P.S. It is the blue one.",
        "We need it before the holidays, by the way, or we go without one.",
        "Will you sue me for it?",
        "I'll sue you.",
    ]


@pytest.mark.parametrize(
    "closing",
    ["Regards", "Kind regards,", "Cheers!", "Mit freundlichen Grüßen", "Viele Gruesse", "Cordialement,", "Un saludo,"],
)
def test_a_closing_begins_a_signature(closing: str) -> None:
    assert speech.own_text(f"Where is it?\n\n{closing}\nAnn Lee") == "Where is it?"


@pytest.mark.parametrize("line", ["Regards to the lawyer, who will sue", "many", "with", "my best wishes are for sale"])
def test_what_only_looks_like_a_closing_stays(line: str) -> None:
    assert speech.own_text(f"Where is it?\n{line}\nmore") == f"Where is it?\n{line}\nmore"


def test_a_turn_is_what_people_said_in_it() -> None:
    asked = talk(
        says("old", subject="Order", decided=True),
        says("first", subject="AW: Fwd: My order"),
        says("away", kind=Kind.AUTO_REPLY),
        says("second", subject="Re: My order"),
    )
    assert speech.own_words(asked) == "My order\n\nfirst\n\nsecond"
    assert speech.subject(talk(says("x", subject="Regarding: this", decided=True))) == "Regarding: this"


@pytest.mark.parametrize(
    "text",
    [
        "thanks!",
        "Thank you so much, it works now :)\n\nRegards\nRuairí",
        "super merci beaucoup, ça marche !",
        "Vielen Dank, klappt wieder!\n\nViele Grüße\nJo",
        "muchas gracias",
        "👍",
        "",
        "Sent from my mobile",
        "hello",
        "> what we wrote\n\nperfect",
    ],
)
def test_chatter_needs_nobody(text: str) -> None:
    assert speech.is_chatter(talk(text))


@pytest.mark.parametrize(
    "text",
    [
        "thanks?",
        "thanks, but it is broken",
        "thanks, please cancel",
        "all day",
        "https://evil.test",
        "Danke, aber es geht nicht",
        "Thanks\n\nCancel Everything",
        "thanks " * 41,
        "谢谢，但是坏了",
    ],
)
def test_whoever_says_more_waits(text: str) -> None:
    assert not speech.is_chatter(talk(text))


def test_thanks_may_be_signed_with_the_authors_name_only() -> None:
    assert speech.is_chatter(talk(says("Thanks!\n\nAnn", author_name="Ann Lee")))
    assert not speech.is_chatter(talk(says("Thanks!\n\nCancel", author_name="Ann Lee")))


def test_a_question_in_the_subject_alone_is_one() -> None:
    assert not speech.is_chatter(talk(says("", subject="When does my parcel come")))
    assert speech.is_chatter(talk(says("Thanks!", subject="Re: Your parcel")))


def test_a_file_is_not_nothing() -> None:
    assert not speech.is_chatter(talk(says("", attachments=(FILE,))))


def test_all_messages_of_a_turn_must_be_chatter() -> None:
    assert not speech.is_chatter(talk("thanks!", "it broke again"))


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Your order",
        "Out of office: Re: Your order",
        "Abwesenheitsnotiz: Ihre Rechnung",
        "Réponse automatique : votre commande",
        "Undeliverable: Your order",
        "Mail delivery failed: returning message to sender",
        "Accepted: Call @ Thu 14 May 2026 15:00",
    ],
)
def test_machines_are_known_by_their_subjects(subject: str) -> None:
    assert speech.is_machine_made(talk(says("I am away until Monday.", subject=subject)))
    assert not speech.is_machine_made(talk(says("I am away. Can you wait?", subject=subject)))
    assert not speech.is_machine_made(talk(says("I am away." * 300, subject=subject)))
    assert not speech.is_machine_made(talk(says("x", subject=subject), says("and this?", subject="Help")))


@pytest.mark.parametrize("subject", ["", "Office chair", "Automatic lamp does not work", "Accepted: my offer", "Re: x"])
def test_people_are_not_taken_for_machines(subject: str) -> None:
    assert not speech.is_machine_made(talk(says("It does not work.", subject=subject)))


def test_nobody_said_anything() -> None:
    assert not speech.is_machine_made(talk(says("x", subject="Automatic reply: x", decided=True)))


@pytest.mark.parametrize(
    "text", ["on " * 50_000, "on " + "x" * 200_000, "regards " * 30_000, "\n> " * 70_000, "a\n" * 90_000]
)
def test_no_text_makes_it_slow(text: str) -> None:
    began = time.process_time()
    speech.is_chatter(talk(says(text, subject=text[:5_000])))
    speech.own_text(text)
    assert time.process_time() - began < 3
