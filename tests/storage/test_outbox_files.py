"""What goes with a Parcel is stored with it, in the same commit, and comes back whole."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.ids import new_id
from bot.model import File, Form, Parcel, ParcelKind, Quoted, Rendered
from storage.files import Files
from storage.transaction import SqlTransaction
from tests.storage.conftest import Begin
from tests.storage.test_nouns import opened

FILES = (File("b.pdf", "application/pdf", b"%PDF\0\xff"), File("a.txt", "text/plain", b""))
SAID = Quoted("Ann", datetime(2026, 3, 2, 11, 59, 1, 5, tzinfo=UTC), "Where is it?\n")


def _owed(tx: SqlTransaction, **more: object) -> Parcel:
    thread = opened(tx, key=str(new_id()))
    fields = {"kind": ParcelKind.AGENT, "automatic": False, "files": FILES, "quoted": SAID} | more
    owed = Parcel(
        id=new_id(),
        thread=thread.id,
        channel="smtp",
        conversation=thread.conversation,
        form=Form.REPLY,
        text="Here.",
        address=thread.address,
        created_at=tx.now,
        **fields,
    )
    tx.outbox.put(owed)
    return owed


def test_files_and_quoted_words_come_back_as_they_were(begin: Begin) -> None:
    with begin() as tx:
        owed = _owed(tx)
    with begin() as tx:
        assert tx.outbox.next_in(owed.thread) == tx.outbox.get(owed.id)
        found = tx.outbox.get(owed.id)
    assert found.files == FILES
    assert found.quoted == SAID


def test_once_the_bytes_are_fixed_the_files_are_in_them(begin: Begin) -> None:
    with begin() as tx:
        owed = _owed(tx)
        tx.outbox.fix(owed.id, Rendered(b"bytes", "m@x", ("ann@example.org",), "Re: Help", None, "support+t@x"))
        found = tx.outbox.next_in(owed.thread)
    assert (found.rendered, found.reference, found.sender) == (b"bytes", "m@x", "support+t@x")
    assert found.files == ()


def test_most_parcels_have_neither(begin: Begin) -> None:
    with begin() as tx:
        owed = _owed(tx, kind=ParcelKind.TICKET, automatic=True, files=(), quoted=None)
        assert tx.outbox.get(owed.id) == replace(owed, address=dict(owed.address))


def test_files_are_stored_with_their_parcel_or_not_at_all(begin: Begin) -> None:
    owed: list[Parcel] = []

    def cut_short() -> None:
        with begin() as tx:
            owed.append(_owed(tx))
            raise RuntimeError("no power")

    with pytest.raises(RuntimeError, match="no power"):
        cut_short()
    with begin() as tx:
        assert tx.outbox.get(owed[0].id) is None
        assert Files(tx).of(owed[0].id) == ()
