"""firstline outbox: what was sent and what is owed."""

import sqlite3
import time
from uuid import UUID

import pytest

from bot.ids import new_id
from bot.model import Parcel, Receipt, Rendered
from bot.store import Transaction
from config.cli import outbox
from tests.config.commands import Commands, filed, owed, ticketed

KEYS = {
    "id",
    "state",
    "channel",
    "to",
    "subject",
    "message_id",
    "in_reply_to",
    "conversation",
    "ticket",
    "kind",
    "attempts",
    "created_at",
    "delivered_at",
    "file",
}
RENDERED = Rendered(b"From: us\r\n\r\n\xff\n", "m1@us", ("ann@example.org",), "Re: Help", "1@example.org")


def sent(tx: Transaction) -> Parcel:
    parcel = owed(tx, filed(tx), "It is \x1b[31mred\x1b[0m\nand late.")
    tx.outbox.fix(parcel.id, RENDERED)
    tx.outbox.sending(parcel.id)
    tx.outbox.delivered(parcel.id, Receipt("m1@us", file="var/outbox/1.eml"))
    return parcel


def test_a_line_for_each_delivery_oldest_first(firstline_on_both: Commands) -> None:
    firstline = firstline_on_both
    parcel = firstline.write(sent)
    other = firstline.write(lambda tx: owed(tx, filed(tx, key="2@example.org")))
    first, second = firstline("outbox", "list", "--json").json
    assert set(first) == KEYS
    assert first["created_at"].endswith("Z")
    assert first["delivered_at"] >= first["created_at"]
    assert first == first | {
        "id": str(parcel.id),
        "state": "delivered",
        "channel": "smtp",
        "to": ["ann@example.org"],
        "subject": "Re: Help",
        "message_id": "m1@us",
        "in_reply_to": "1@example.org",
        "conversation": str(parcel.conversation),
        "ticket": None,
        "kind": "answer",
        "attempts": 1,
        "file": "var/outbox/1.eml",
    }
    assert (second["id"], second["state"], second["delivered_at"]) == (str(other.id), "pending", None)


def test_all_deliveries_are_listed_however_many(firstline: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "PAGE", 2)

    def work(tx: Transaction) -> list[str]:
        conversation = filed(tx)
        return [str(owed(tx, conversation).id) for _ in range(5)]

    assert firstline.write(work) == [row["id"] for row in firstline("outbox", "list", "--json").json]


def test_of_one_conversation_by_whatever_is_at_hand(firstline: Commands) -> None:
    def work(tx: Transaction) -> tuple[str, int, UUID]:
        owed(tx, filed(tx, key="other@example.org"))
        conversation = filed(tx)
        return str(owed(tx, conversation).id), ticketed(tx, conversation), conversation.id

    parcel, number, conversation = firstline.write(work)
    for name in (conversation, number, "<1@example.org>"):
        assert [row["id"] for row in firstline("outbox", "list", "--json", "--conversation", name).json] == [parcel]
    ended = firstline("outbox", "list", "--conversation", "nobody@example.org")
    assert (ended.code, ended.out) == (1, "")
    assert "nobody@example.org" in ended.err


def test_a_table_for_a_pipe_has_tabs_and_commands_no_terminal(firstline: Commands) -> None:
    firstline.write(lambda tx: owed(tx, filed(tx, subject="Red \x1b[31m\talert\u202e")))
    head, row = firstline("outbox", "list").out.splitlines()
    assert head.split("\t") == list(outbox.COLUMNS)
    assert row.split("\t")[5] == "Red ?[31m alert?"


def test_a_delivery_is_shown_with_its_text(firstline: Commands) -> None:
    parcel = firstline.write(sent)
    out = firstline("outbox", "show", parcel.id).out
    assert "  It is ?[31mred?[0m\n  and late.\n" in out
    assert "delivered" in out
    assert firstline("outbox", "show", parcel.id, "--json").json[0]["text"] == parcel.text


def test_the_raw_bytes_are_those_that_were_sent(firstline: Commands) -> None:
    parcel = firstline.write(sent)
    assert firstline("outbox", "show", parcel.id, "--raw").data == RENDERED.data


def test_what_has_no_bytes_yet_says_so(firstline: Commands) -> None:
    parcel = firstline.write(lambda tx: owed(tx, filed(tx)))
    ended = firstline("outbox", "show", parcel.id, "--raw")
    assert (ended.code, ended.out) == (1, "")
    assert "no bytes yet" in ended.err
    assert firstline("outbox", "show", new_id()).code == 1
    assert firstline("outbox", "show", "no-id").code == 2


def test_looking_needs_no_write_lock(firstline: Commands) -> None:
    firstline.write(sent)
    busy = sqlite3.connect(firstline.url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        busy.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert len(firstline("outbox", "list", "--json").json) == 1
        assert time.monotonic() - began < 4
    finally:
        busy.close()
