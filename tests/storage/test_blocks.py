"""Who is blocked: what a pattern covers, and that the table says the same as the rule."""

import pytest

from bot import blocking
from bot.blocking import Block, NoPattern
from bot.clock import SetClock
from tests.storage.conftest import NOON, Begin, later

SPAM = "@spam.example"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Ann@Example.org", "ann@example.org"),
        (" @Spam.Example ", SPAM),
        ("a+b@x", "a+b@x"),
        ("ü@ü.example", "ü@ü.example"),
    ],
)
def test_a_pattern_is_an_address_or_a_domain(text: str, stored: str) -> None:
    assert blocking.pattern(text) == stored


@pytest.mark.parametrize(
    "text",
    ["", "@", "ann", "ann@", "a b@c.example", "a@b@c.example", "<a@b.example>", "@.example", "@example..org", "@com",
     "a@b.example\nx", "a\0@b.example", "*@b.example, c", "a" * 400 + "@b.example"],
)  # fmt: skip
def test_anything_else_is_refused_with_words(text: str) -> None:
    with pytest.raises(NoPattern):
        blocking.pattern(text)


@pytest.mark.parametrize(
    ("pattern", "address", "blocked"),
    [
        ("ann@example.org", "Ann@Example.org", True),
        ("ann@example.org", "bo@example.org", False),
        ("ann@example.org", "ann@sub.example.org", False),
        (SPAM, "x@spam.example", True),
        (SPAM, "x@a.b.spam.example", True),
        (SPAM, "x@notspam.example", False),
        (SPAM, "x@spam.example.org", False),
    ],
)
def test_a_domain_covers_what_is_under_it(begin: Begin, pattern: str, address: str, blocked: bool) -> None:
    assert blocking.blocks(pattern, address) is blocked
    with begin() as tx:
        tx.blocks.add(pattern, reason="", by="op")
        assert (tx.blocks.of(address) is not None) is blocked


def test_a_block_says_by_whom_and_since_when_and_is_made_and_lifted_once(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        assert tx.blocks.add(SPAM, reason="offers", by="bea")
        assert tx.blocks.add("ann@example.org", reason="", by="bea")
    later(clock, hours=1)
    with begin() as tx:
        assert not tx.blocks.add(SPAM, reason="again", by="carl")
        assert tx.blocks.of("x@spam.example") == Block(SPAM, "offers", "bea", NOON)
        assert [row.pattern for row in tx.blocks.rows()] == [SPAM, "ann@example.org"]
        assert tx.blocks.remove(SPAM)
        assert not tx.blocks.remove(SPAM)
        assert tx.blocks.of("x@spam.example") is None
