"""How urgent a Ticket is and what it is about, from the desk's own lists."""

import pytest

from bot.agents import tickets
from bot.agents.tickets import NotPossible
from bot.model import Category, Priority
from tests.agents.conftest import Begin
from tests.agents.verbs import case, hire, there


def test_both_are_kept_with_what_they_were(begin: Begin) -> None:
    with begin() as tx:
        tx.articles.set_categories([Category("billing", "Bills"), Category("delivery", "Parcels")])
        bea, number = hire(tx, "bea"), case(tx, category="delivery")
        assert tickets.set_priority(tx, bea, number, Priority.URGENT).priority is Priority.URGENT
        assert tickets.set_category(tx, bea, number, "billing").category == "billing"
        lines = tx.audit.of(str(there(tx, number).id))
        assert [line.detail for line in lines] == [
            {"was": "normal", "now": "urgent"},
            {"was": "delivery", "now": "billing"},
        ]


def test_a_category_is_one_of_the_desks_or_other(begin: Begin) -> None:
    with begin() as tx:
        tx.articles.set_categories([Category("billing", "Bills")])
        bea, number = hire(tx, "bea"), case(tx, category="delivery")
        with pytest.raises(NotPossible, match=r"no category 'bills', but these: billing, other"):
            tickets.set_category(tx, bea, number, "bills")
        assert tickets.set_category(tx, bea, number, "other").category == "other"
