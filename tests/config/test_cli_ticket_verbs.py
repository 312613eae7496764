"""firstline ticket assign, snooze, solve and so on: what Agents do, as commands."""

from pathlib import Path

import pytest

from bot.model import Category, Role, Ticket
from bot.store import Transaction
from tests.config.commands import Commands, filed, ticketed


def desk(tx: Transaction) -> None:
    """Two Agents and two Tickets that somebody has read."""
    for name in ("bob", "cid"):
        tx.people.add_agent(name, Role.AGENT, [])
    for n in range(2):
        conversation = filed(tx, key=f"{n}@example.org")
        tx.conversations.cover([message.id for message in conversation.messages])
        ticketed(tx, conversation, title=f"Parcel {n}")


def ticket(firstline: Commands, number: int = 1001) -> Ticket:
    return firstline.read(lambda look: look.tickets.get(number))


def numbers(firstline: Commands, *options: str) -> list[int]:
    return [row["number"] for row in firstline("ticket", "list", "--json", *options).json]


def test_every_verb_says_what_has_become_of_the_ticket(firstline_on_both: Commands) -> None:
    firstline = firstline_on_both
    firstline.write(lambda tx: (desk(tx), tx.articles.set_categories([Category("billing", "Bills")])))
    for words, done in (
        (["take", 1001], "is bob's now"),
        (["assign", 1001, "cid"], "is cid's now"),
        (["release", 1001, "--as", "cid"], "is nobody's now"),
        (["priority", 1001, "urgent"], "is urgent"),
        (["category", 1001, "billing"], "is about billing"),
        (["note", 1001, "A friend."], "has a note more"),
        (["hold", 1001], "is on hold"),
        (["wake", 1001], "is awake; it is on hold"),
        (["reply", 1001, "Soon."], "is answered; it is pending"),
        (["solve", 1001], "is solved"),
        (["reopen", 1001], "is open"),
        (["close", 1001], "is closed"),
        (["dismiss", 1001], "is closed as not a request"),
        (["reopen", 1001], "is open"),
    ):
        who = [] if "--as" in words else ["--as", "bob"]
        ended = firstline("ticket", *words, *who)
        assert (ended.code, ended.out) == (0, f"ticket 1001 {done}\n"), words
    assert (ticket(firstline).priority, ticket(firstline).category, ticket(firstline).assignee) == (
        "urgent",
        "billing",
        "bob",
    )


def test_what_is_snoozed_is_listed_when_it_is_asked_for(firstline_on_both: Commands) -> None:
    firstline = firstline_on_both
    firstline.write(desk)
    ended = firstline("ticket", "snooze", 1001, "2d", "Wait for the bank.", "--as", "bob")
    assert ended.out.startswith("ticket 1001 is snoozed until 20")
    assert numbers(firstline) == [1002]
    assert numbers(firstline, "--snoozed") == [1001]
    assert numbers(firstline, "--all") == [1001, 1002]
    (row,) = firstline("ticket", "list", "--json", "--snoozed").json
    assert row["snoozed_until"].endswith("Z")
    shown = firstline("ticket", "show", 1001).out
    assert "Snoozed:" in shown
    assert "Wait for the bank." in shown
    assert "snoozed_until" in firstline("ticket", "list", "--snoozed").out
    assert firstline("ticket", "wake", 1001, "--as", "bob").out == "ticket 1001 is awake; it is open\n"
    assert numbers(firstline) == [1001, 1002]
    both = firstline("ticket", "list", "--snoozed", "--all")
    assert (both.code, both.out) == (2, "")


@pytest.mark.parametrize("when", ["soon", "2", "-2h", "2y", "2026-13-01", "", "99999d"])
def test_what_is_no_time_is_wrong_use(firstline: Commands, when: str) -> None:
    firstline.write(desk)
    ended = firstline("ticket", "snooze", "--as", "bob", "--", 1001, when)
    assert (ended.code, ended.out) == (2, "")
    assert "2026-03-06T09:30" in ended.err
    assert ticket(firstline).snoozed_until is None


def test_what_was_no_request_is_shown_as_that(firstline: Commands) -> None:
    firstline.write(desk)
    firstline("ticket", "dismiss", 1001, "An advertisement.", "--as", "bob")
    assert "closed as not a request, normal" in firstline("ticket", "show", 1001).out
    assert [row["closed_as"] for row in firstline("ticket", "list", "--all", "--json").json] == ["not a request", ""]
    assert firstline("outbox", "list", "--json").json == []


def test_another_agents_ticket_is_not_taken_and_it_is_said_whose_it_is(firstline: Commands) -> None:
    firstline.write(desk)
    firstline("ticket", "take", 1001, "--as", "bob")
    for words in (["take", 1001], ["assign", 1001, "cid"], ["release", 1001]):
        ended = firstline("ticket", *words, "--as", "cid")
        assert (ended.code, ended.out) == (1, "")
        assert "ticket 1001 is bob's since" in ended.err
    assert firstline("ticket", "take", 1001, "--as", "bob").code == 0
    firstline("agent", "add", "lea", "--role", "lead")
    assert firstline("ticket", "assign", 1001, "cid", "--as", "lea").out == "ticket 1001 is cid's now\n"


def test_what_is_not_known_is_named(firstline: Commands) -> None:
    firstline.write(desk)
    ended = firstline("ticket", "assign", 1001, "eve", "--as", "bob")
    assert (ended.code, ended.out) == (2, "")
    assert "no agent eve" in ended.err
    ended = firstline("ticket", "category", 1001, "bills", "--as", "bob")
    assert (ended.code, ended.out) == (1, "")
    assert "no category 'bills', but these: other" in ended.err
    assert firstline("ticket", "priority", 1001, "huge", "--as", "bob").code == 2


def test_a_verb_that_is_not_possible_says_what_is(firstline: Commands) -> None:
    firstline.write(desk)
    firstline("ticket", "close", 1001, "--as", "bob")
    ended = firstline("ticket", "solve", 1001, "Done?", "--as", "bob")
    assert (ended.code, ended.out) == (1, "")
    assert "ticket 1001 is closed: solve is not possible now, but note, dismiss, reopen are" in ended.err
    assert len(firstline("ticket", "show", 1001, "--json").json[0]["messages"]) == 1, "nor is its remark kept"


def test_what_was_closed_long_ago_goes_on_in_a_new_ticket(
    firstline: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = tmp_path / "clock"
    monkeypatch.setenv("FIRSTLINE_CLOCK", str(clock))
    clock.write_text("2096-03-02T12:00:00Z")
    firstline.write(desk)
    firstline("ticket", "close", 1001, "--as", "bob")
    clock.write_text("2096-03-20T12:00:00Z")
    ended = firstline("ticket", "reopen", 1001, "It broke again.", "--as", "bob")
    assert ended.out == "ticket 1001 stays closed; it goes on as ticket 1003\n"
    assert firstline("ticket", "show", 1003, "--json").json[0]["messages"][-1]["text"] == "It broke again."
