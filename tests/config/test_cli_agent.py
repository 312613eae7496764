"""firstline agent: the people of the team."""

from uuid import UUID

import pytest

from bot.model import Actor, ActorKind
from tests.config.commands import Commands, audited


def test_agents_are_added_and_listed(firstline: Commands) -> None:
    assert (
        firstline("agent", "add", "bob", "--mail", "Bob@Example.org", "--terminal", "bob").out == "bob is agent now\n"
    )
    assert firstline("agent", "add", "cid", "--role", "lead").code == 0
    bob, cid = firstline("agent", "list", "--json").json
    assert bob == bob | {"name": "bob", "role": "agent", "active": True}
    assert bob["identities"] == [
        {"kind": "mail", "value": "bob@example.org"},
        {"kind": "terminal", "value": "bob"},
    ]
    assert (cid["role"], cid["identities"]) == ("lead", [])
    assert "mail:bob@example.org" in firstline("agent", "list").out
    assert audited(firstline, UUID(bob["id"])) == [(Actor(ActorKind.OPERATOR, "op"), "add")]


def test_an_agent_is_added_once(firstline: Commands) -> None:
    firstline("agent", "add", "bob", "--mail", "bob@example.org")
    for words in (["bob"], ["bill", "--mail", "bob@example.org"]):
        ended = firstline("agent", "add", *words)
        assert ended.code == 1
        assert words[0] in ended.err
    assert len(firstline("agent", "list", "--json").json) == 1


@pytest.mark.parametrize(
    "words", [[""], ["a\nb"], ["bob", "--mail", "bob"], ["bob", "--mail", "a b@c"], ["bob", "--role", "king"]]
)
def test_an_agent_that_makes_no_sense_is_refused(firstline: Commands, words: list[str]) -> None:
    assert firstline("agent", "add", *words).code == 2
    assert firstline("agent", "list", "--json").out == ""
