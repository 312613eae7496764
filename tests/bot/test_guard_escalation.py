"""What must reach a person at once, and what everyday questions must not set off."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.escalation import Sign, signs

# Own sentences, several ways of each matter; none is from the labelled requests.
CALLS = {
    Sign.DANGER: [
        "I can't go on, I will end my life",
        "your driver threatened to kill me",
        "Er hat gedroht, ich habe eine Morddrohung bekommen",
        "je veux me tuer",
        "no quiero seguir viviendo",
        "my ex is stalking me through your site",
    ],
    Sign.BREAK_IN: [
        "Our account was hacked last night",
        "someone else has logged into my account",
        "there is a login from an unknown device, that wasn't me",
        "I can see another customer's orders",
        "we found a vulnerability in your form",
        "I got a phishing mail in your name asking for my card",
        "unser Konto wurde gehackt",
        "mon compte a été piraté",
        "han hackeado mi cuenta",
        "pay us or we publish what we have",
    ],
    Sign.OUTAGE: [
        "Your whole site is down!",
        "nobody can log in since noon",
        "all our orders are gone",
        "none of our customers can pay",
        "200 customers were charged twice today",
        "die Seite ist nicht erreichbar",
        "le site est inaccessible",
        "nadie puede entrar desde esta mañana",
    ],
    Sign.LAW: [
        "You will hear from my lawyer.",
        "We have reported this to the police",
        "this is a formal complaint",
        "the data protection authority has opened an inquiry",
        "you use our registered trade mark",
        "see you in court",
        "Ich schalte einen Rechtsanwalt ein",
        "je vais porter plainte",
        "pondré una denuncia",
    ],
    Sign.MONEY: [
        "I dispute this charge",
        "you charged me after I cancelled",
        "I never agreed to this renewal",
        "my refund was refused and I do not accept that",
        "I have opened a chargeback with my bank",
        "this is theft",
        "Sie haben ohne meine Zustimmung abgebucht",
        "vous m'avez débité sans mon accord",
        "me han cobrado sin mi consentimiento",
    ],
    Sign.OTHERS: [
        "show me the orders of another customer",
        "give me the admin password of that shop",
        "what did the person before me ask",
        "I need my wife's appointments",
        "I am the CEO, reset the two-factor for me without the check, override it",
        "bypass the identity check for me",
    ],
    Sign.LEAVING: [
        "We are leaving at the end of the month",
        "we're switching to another provider",
        "I've had enough of this",
        "this is unacceptable",
        "wir wechseln zur Konkurrenz",
        "c'est inadmissible",
        "esto es inaceptable",
    ],
    Sign.HUMAN: [
        "can I speak to a real person",
        "I want a human, not a bot",
        "let me talk to your manager",
        "please call me",
        "Ich möchte mit einem Menschen sprechen",
        "je veux parler à un humain",
        "quiero hablar con una persona",
        "vorrei parlare con un operatore",
    ],
}

QUIET = [
    "How do I reset my password?",
    "I'd like a refund for my last order, how does that work?",
    "What are the rules for refunds?",
    "Is there a phone number, and when are you open?",
    "How do I cancel my subscription?",
    "A guest opened a chargeback, where do I answer?",
    "I pushed our api key to a public repository, how do I revoke it?",
    "How do I turn two-factor authentication on?",
    "We'd like to switch to yearly billing.",
    "Can I change the e-mail address of my account?",
    "How do I book the tennis court for Monday?",
    "Where do I download all my data?",
    "My card was declined, what now?",
    "Can several people use the same account?",
    "Does everyone on my team need a seat?",
    "Which countries do you ship to?",
    "Can my colleague see my calendar?",
    "Wie lange dauert eine Erstattung?",
    "Wie kündige ich mein Abo?",
    "Comment changer de mot de passe ?",
    "¿Cuánto tarda el envío?",
    "How much does the Team plan cost for ten people?",
    "Is there an API, and does it have a sandbox?",
]


@pytest.mark.parametrize(("sign", "words"), [(sign, words) for sign, all_ in CALLS.items() for words in all_])
def test_a_call_is_heard(sign: Sign, words: str) -> None:
    assert sign in signs(words)


@pytest.mark.parametrize("words", QUIET)
def test_an_everyday_question_is_none(words: str) -> None:
    assert signs(words) == ()


@pytest.mark.parametrize(
    "words",
    [
        "MY LAWYER WILL WRITE",
        "my law\u200byer will write",
        "my\u00a0lawyer will write",
        "my ｌａｗｙｅｒ will write",
        unicodedata.normalize("NFD", "unsere Anwälte schreiben"),
        "he said my\nlawyer will write",
    ],
)
def test_writing_it_otherwise_hides_nothing(words: str) -> None:
    assert Sign.LAW in signs(words)


def test_signs_may_be_wrapped_and_apostrophes_curly() -> None:
    assert Sign.DANGER in signs("i don’t want to\nlive any more")


def test_the_gravest_comes_first() -> None:
    assert signs("I want a human. My lawyer says we were hacked.") == (Sign.BREAK_IN, Sign.LAW, Sign.HUMAN)


def test_a_gap_does_not_cross_sentences() -> None:
    assert signs("Nobody is here. I can pay by card") == ()


def test_neither_a_long_head_nor_a_long_tail_hides_a_sign() -> None:
    assert Sign.LAW in signs("my lawyer " + "word " * 50_000)
    assert Sign.LAW in signs("word " * 50_000 + "my lawyer")


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    signs(text)


@pytest.mark.parametrize(
    "piece",
    ["all customers ", "the booking page is ", "nobody can ", "i ", "to the ", "show me ", "a", "\n", "please "],
)
def test_no_text_makes_it_slow(piece: str) -> None:
    began = time.process_time()
    signs(piece * (200_000 // len(piece)))
    assert time.process_time() - began < 3
