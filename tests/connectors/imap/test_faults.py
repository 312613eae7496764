"""What happens to mailboxes: nothing is lost, and nothing comes twice."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.model import Arrival, Kept
from connectors.imap.link import Patience
from tests.connectors.imap.fetching import fetching, settings
from tests.fakes import RecordingKeep
from tests.servers.dovecot import Dovecot
from tests.servers.imap import letter, letters
from tests.servers.lag import Lag
from tests.servers.script import ImapScript
from tests.waiting import until

FROM_ALL = date(2000, 1, 1)
HASTY = Patience(connect=2, read=2, command=2)


class Counting(RecordingKeep):
    """For very many: keys alone, and how many came again."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: set[str] = set()
        self.again = 0

    async def __call__(self, arrivals: Sequence[Arrival]) -> Sequence[Kept]:
        known = [arrival.transport_key in self.keys for arrival in arrivals]
        self.again += sum(known)
        self.keys.update(arrival.transport_key for arrival in arrivals)
        return [Kept(arrival.id, seen_before=seen) for arrival, seen in zip(arrivals, known, strict=True)]


@pytest.mark.parametrize("after", [20_000, 300_000, 1_000_000])
async def test_a_connection_cut_in_the_middle_of_a_fetch(dovecot_server: Dovecot, after: int) -> None:
    account = dovecot_server.account()
    account.put(*(mails := letters(250, size=5_000)))
    async with Lag(account.port) as net:
        net.cut_after = after
        wanted = settings(net.port, since=FROM_ALL, login=settings(account).login, after="seen")
        async with fetching(wanted) as box:
            await box.kept(250)
            await until(lambda: box.mark["owed"] == [])
    assert net.connections > 1, "it was cut"
    assert box.raws == mails
    assert all(account.flags())


async def test_a_network_that_swallows_everything_while_the_server_is_waited_for(dovecot_server: Dovecot) -> None:
    account = dovecot_server.account()
    async with Lag(account.port) as net:
        wanted = settings(net.port, login=settings(account).login, poll=0.5, patience=HASTY)
        async with fetching(wanted) as box:
            await box.looked()
            net.swallows = True
            await until(lambda: box.marks.reasons, 20)
            net.swallows = False
            await asyncio.to_thread(account.put, letter(1))
            await box.kept(1)


async def test_a_server_that_dies_and_comes_back(own_dovecot: Dovecot) -> None:
    account = own_dovecot.account()
    async with fetching(settings(account)) as box:
        await box.looked()
        await asyncio.to_thread(account.put, letter(1))
        await box.kept(1)
        await asyncio.to_thread(own_dovecot.kill)
        await until(lambda: len(box.marks.reasons) > 1)
        await asyncio.to_thread(own_dovecot.start)
        await asyncio.to_thread(account.put, letter(2))
        await box.kept(2)


async def test_a_mailbox_whose_ids_are_new_ones_is_looked_through_again(own_dovecot: Dovecot) -> None:
    """The same mails get other keys; that they are the same shows when they are read."""
    account = own_dovecot.account()
    account.put(letter(1), date=datetime.now(UTC) - timedelta(hours=3))
    async with fetching(settings(account)) as box:
        await box.looked()
        await asyncio.to_thread(account.put, second := letter(2))
        await box.kept(1)
        before = box.mark["uid_validity"]
    own_dovecot.kill()
    own_dovecot.forget_ids(account.user)
    # Dovecot takes the second for it.
    await until(lambda: time.time() >= before + 1)
    own_dovecot.start()
    account.put(third := letter(3))
    async with fetching(settings(account), marks=box.marks) as again:
        await again.kept(2)
        await until(lambda: again.mark["uid"] == 3)
    assert sorted(again.raws) == sorted([second, third]), "not the mail from before our time"
    assert again.mark["uid_validity"] != before


async def test_mail_that_vanishes_while_it_is_being_fetched_holds_up_nothing() -> None:
    mails = {uid: letter(uid) for uid in range(1, 5)}
    server = ImapScript(mails)

    def vanish(line: str) -> None:
        mails.pop(2, None)

    server.script["FETCH"] = vanish
    async with server, fetching(settings(server.port, since=FROM_ALL)) as box:
        await box.kept(3)
        await until(lambda: box.mark["uid"] == 4)
    assert not box.marks.reasons


@pytest.mark.slow
async def test_a_hundred_thousand_mails_wait(own_dovecot: Dovecot) -> None:
    account = own_dovecot.account()
    await asyncio.to_thread(own_dovecot.fill, account.user, letter(1, size=1_000), 100_000)
    keep = Counting()
    async with fetching(settings(account, since=FROM_ALL), keep=keep) as box:
        await until(lambda: len(keep.keys) >= 50_000, 300)
        await asyncio.to_thread(own_dovecot.kill)
        await asyncio.to_thread(own_dovecot.start)
        await until(lambda: box.marks.marks and box.mark["uid"] == 100_000, 300)
    assert len(keep.keys) == 100_000
    assert keep.again <= 200, "what was under way when the server died"
