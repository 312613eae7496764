"""The desk's words: complete in each language, honest about being automatic, and deaf to what is filled in."""

import re
from pathlib import Path

import pytest

import prompts
from bot.knowledge.language import language

REPLIES = Path(prompts.__file__).parent / "replies"
NAMES = ("answer", "ticket", "acknowledgement")
PARTS = ("attribution",)
PERSON = {"en": "person", "de": "Mensch", "fr": "personne", "es": "persona"}
VALUES = {"answer": "A quotation.", "ticket": 1042}


@pytest.mark.parametrize("code", PERSON)
@pytest.mark.parametrize("name", NAMES)
def test_each_reply_is_automatic_and_names_the_way_to_a_person(name: str, code: str) -> None:
    text = prompts.load(name, code, **VALUES).text
    assert re.search("automati|automáti", text)
    assert PERSON[code] in text
    assert language(text) == code
    assert ("1042" in text) == (name != "answer")
    assert ("A quotation." in text) == (name == "answer")


def test_what_agents_read_says_what_becomes_of_their_answer_only_where_there_is_one() -> None:
    values = dict.fromkeys(("title", "reason", "priority", "category", "customer", "told", "draft", "talk"), "…")
    for name in ("escalation", "news", "awake"):
        by_mail = prompts.load(name, ticket=1042, answers=prompts.load("kept-as-note").text, **values).text
        in_terminal = prompts.load(name, ticket=1042, answers="", **values).text
        assert by_mail.startswith(in_terminal.rstrip())
        assert "kept as a note" in by_mail
        assert "note" not in in_terminal
        assert "1042" in in_terminal


def test_every_language_has_every_reply() -> None:
    for folder in REPLIES.iterdir():
        assert {file.stem for file in folder.glob("*.md")} == {*NAMES, *PARTS}


@pytest.mark.parametrize("code", ["it", "zz", "", "../en", "DE", "de-AT"])
def test_another_language_falls_back_to_english(code: str) -> None:
    assert prompts.load("ticket", code, ticket=7) == prompts.load("ticket", "en", ticket=7)


@pytest.mark.parametrize("name", ["nothing", "../replies/en/ticket", "replies/en/ticket", "", "Ticket"])
def test_an_unknown_name_is_told(name: str) -> None:
    with pytest.raises(prompts.UnknownText, match="there is no text named"):
        prompts.load(name)


def test_a_missing_value_is_told() -> None:
    with pytest.raises(prompts.MissingValue, match=r"'ticket' \(de\) wants a value for 'ticket'"):
        prompts.load("ticket", "de", ticket=None)


def test_what_is_filled_in_is_not_filled_in_again() -> None:
    assert "costs $ticket or ${answer} $$" in prompts.load("answer", answer="costs $ticket or ${answer} $$").text


def test_the_hash_tells_the_wording_not_the_values() -> None:
    first, second = prompts.load("answer", answer="a"), prompts.load("answer", answer="b")
    assert first.hash == second.hash
    assert first.hash != prompts.load("answer", "de", answer="a").hash
