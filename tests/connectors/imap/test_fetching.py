"""What is fetched of a mailbox, and what becomes of it there: on real servers."""

import asyncio
from datetime import UTC, date, datetime, timedelta

from bot.store import StoreBusy
from tests.connectors.imap.fetching import fetching, settings
from tests.fakes import RecordingKeep
from tests.servers.dovecot import Dovecot
from tests.servers.imap import Account, letter, letters
from tests.waiting import until

SEEN = b"\\Seen"


async def test_the_first_start_takes_new_mail_only(account: Account) -> None:
    account.put(letter(1), letter(2))
    async with fetching(settings(account)) as box:
        await box.looked()
        await asyncio.to_thread(account.put, new := letter(3))
        await box.kept(1)
    assert box.raws == [new]


async def test_unless_it_is_told_from_when(account: Account) -> None:
    account.put(letter(1), date=datetime(2026, 1, 31, 23, tzinfo=UTC))
    account.put(wanted := letter(2), date=datetime(2026, 2, 1, 1, tzinfo=UTC))
    account.put(letter(3), date=datetime(2020, 1, 1, tzinfo=UTC))
    async with fetching(settings(account, since=date(2026, 2, 1))) as box:
        await box.looked()
        # Its date is old, but it came after we had begun.
        await asyncio.to_thread(account.put, moved_in := letter(4), date=datetime(2019, 1, 1, tzinfo=UTC))
        await box.kept(2)
    assert box.raws == [wanted, moved_in]


async def test_mail_that_was_read_elsewhere_arrives(account: Account) -> None:
    async with fetching(settings(account)) as box:
        await box.looked()
    with account.client() as client:
        client.append("INBOX", read := letter(1), flags=[SEEN])
    async with fetching(settings(account), marks=box.marks) as box:
        await box.kept(1)
    assert box.raws == [read]


async def test_a_restart_goes_on_where_it_was(account: Account) -> None:
    async with fetching(settings(account)) as first:
        await first.looked()
        await asyncio.to_thread(account.put, letter(1))
        await first.kept(1)
        await until(lambda: first.mark["kept"] == 1)
    account.put(*letters(120))
    async with fetching(settings(account), marks=first.marks) as second:
        await second.kept(120)
        await until(lambda: second.mark["kept"] == 121)
    keys = {arrival.transport_key for arrival in (*first.keep.arrivals, *second.keep.arrivals)}
    assert len(keys) == 121


async def test_an_arrival_says_where_it_was(account: Account) -> None:
    came = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    async with fetching(settings(account)) as box:
        await box.looked()
        await asyncio.to_thread(account.put, letter(1), date=came)
        await box.kept(1)
    (arrival,) = box.keep.arrivals
    envelope, validity = arrival.envelope, box.mark["uid_validity"]
    assert envelope == {
        "folder": "INBOX",
        "uid": envelope["uid"],
        "uid_validity": validity,
        "internal_date": came.isoformat(),
        "whole": True,
    }
    assert arrival.channel == "support"
    assert arrival.transport_key == f"{account.user}@127.0.0.1/INBOX;{validity};{envelope['uid']}"


async def test_nothing_is_changed_in_a_mailbox_that_is_left_as_it_is(account: Account) -> None:
    async with fetching(settings(account)) as box:
        await box.looked()
        await asyncio.to_thread(account.put, letter(1))
        await box.kept(1)
    assert account.flags() == [()]


async def test_mail_is_marked_only_after_it_is_kept(account: Account) -> None:
    keep = RecordingKeep()
    keep.open.clear()
    async with fetching(settings(account, after="seen"), keep=keep) as box:
        await box.looked()
        await asyncio.to_thread(account.put, letter(1))
        await until(lambda: keep.waiting)
        assert await asyncio.to_thread(account.flags) == [()]
        keep.open.set()
        await until(lambda: asyncio.to_thread(account.flags_are, SEEN))


async def test_mail_is_moved_only_after_it_is_kept(account: Account) -> None:
    keep = RecordingKeep()
    keep.open.clear()
    async with fetching(settings(account, after="move", move_to="Done"), keep=keep) as box:
        await box.looked()
        await asyncio.to_thread(account.put, letter(1), letter(2))
        await until(lambda: keep.waiting)
        assert await asyncio.to_thread(account.count) == 2
        keep.open.set()
        await until(lambda: asyncio.to_thread(account.is_empty))
        await box.kept(2)
    assert account.count("Done") == 2


async def test_what_could_not_be_marked_for_a_crash_is_marked_after_it(account: Account) -> None:
    async with fetching(settings(account)) as box:
        await box.looked()
        await asyncio.to_thread(account.put, letter(1))
        await box.kept(1)
        await until(lambda: box.mark["kept"] == 1)
    box.marks.marks["support"] = {**box.mark, "owed": [box.mark["uid"]]}
    async with fetching(settings(account, after="seen"), marks=box.marks):
        await until(lambda: asyncio.to_thread(account.flags_are, SEEN))
        await until(lambda: box.mark["owed"] == [])


async def test_what_could_not_be_kept_is_fetched_again(account: Account) -> None:
    keep = RecordingKeep(StoreBusy("locked"), StoreBusy("locked"))
    async with fetching(settings(account, after="seen"), keep=keep) as box:
        await box.looked()
        await asyncio.to_thread(account.put, letter(1))
        await box.kept(1)
    assert "the desk could not keep it: locked" in box.marks.reasons


async def test_of_a_mail_that_is_too_large_its_headers_are_kept(account: Account) -> None:
    async with fetching(settings(account, max_size=20_000)) as box:
        await box.looked()
        await asyncio.to_thread(account.put, letter(1), large := letter(2, size=50_000), letter(3))
        await box.kept(3)
    _, cut, _ = box.keep.arrivals
    assert cut.raw == large[: large.index(b"\r\n\r\n") + 4]
    assert cut.envelope["whole"] is False
    assert cut.envelope["size"] == len(large)


async def test_the_server_says_that_there_is_mail(account: Account) -> None:
    async with fetching(settings(account, poll=3600)) as box:
        await box.looked()
        await asyncio.to_thread(account.put, letter(1))
        await box.kept(1)


async def test_without_being_told_it_looks_again_and_again(account: Account) -> None:
    async with fetching(settings(account, idle=False)) as box:
        await box.looked()
        await asyncio.to_thread(account.put, letter(1))
        await box.kept(1)


async def test_another_folder(dovecot_server: Dovecot) -> None:
    account = dovecot_server.account()
    with account.client() as client:
        client.create_folder("Kunden.Süd")
    async with fetching(settings(account, folder="Kunden.Süd")) as box:
        await box.looked()
        with account.client("Kunden.Süd") as client:
            client.append("Kunden.Süd", letter(1))
        await box.kept(1)


async def test_a_folder_that_is_not_there_is_a_failure_with_a_reason(dovecot_server: Dovecot) -> None:
    async with fetching(settings(dovecot_server.account(), folder="Nowhere")) as box:
        await until(lambda: box.marks.reasons)
    assert "Mailbox doesn't exist" in box.marks.reasons[0]
