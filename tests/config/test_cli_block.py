"""firstline block: whose mail is kept and nothing more."""

import pytest

from bot.model import Actor, ActorKind
from tests.config.commands import Commands, audited

OP = Actor(ActorKind.OPERATOR, "op")


def test_senders_are_blocked_listed_and_let_in_again(firstline_on_both: Commands) -> None:
    firstline = firstline_on_both
    assert firstline("block", "add", "@Spam.example", "--reason", "offers").out == "@spam.example is blocked\n"
    assert firstline("block", "add", "ann@example.org").code == 0
    assert firstline("block", "add", "@spam.example").out == "@spam.example is blocked already\n"
    spam, ann = firstline("block", "list", "--json").json
    assert spam == spam | {"pattern": "@spam.example", "reason": "offers", "by": "op"}
    assert spam["at"].endswith("Z")
    assert ann["pattern"] == "ann@example.org"
    assert "@spam.example\toffers\top\t" in firstline("block", "list").out
    assert firstline("block", "remove", "@spam.example").out == "@spam.example is no longer blocked\n"
    assert [row["pattern"] for row in firstline("block", "list", "--json").json] == ["ann@example.org"]
    assert audited(firstline, "@spam.example") == [(OP, "add"), (OP, "remove")]


def test_what_is_not_blocked_cannot_be_let_in(firstline: Commands) -> None:
    ended = firstline("block", "remove", "ann@example.org")
    assert ended.code == 1
    assert "ann@example.org is not blocked" in ended.err


@pytest.mark.parametrize("words", [["ann"], ["@com"], ["a@b.example", "--reason", "two\nlines"]])
def test_a_block_that_makes_no_sense_is_refused(firstline: Commands, words: list[str]) -> None:
    assert firstline("block", "add", *words).code == 2
    assert firstline("block", "list", "--json").out == ""


@pytest.mark.parametrize("pattern", ["bea@team.example", "@team.example", "@oncall.example", "x@desk.example"])
def test_the_desk_and_its_people_are_never_blocked(
    firstline: Commands, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.setenv("FIRSTLINE__SMTP__DOMAINS", "desk.example")
    monkeypatch.setenv("FIRSTLINE__AGENTS__MAIL", "us@oncall.example")
    firstline("agent", "add", "bea", "--mail", "bea@team.example")
    ended = firstline("block", "add", pattern)
    assert ended.code == 1
    assert pattern in ended.err
    assert firstline("block", "list", "--json").out == ""
