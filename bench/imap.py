"""Fetching a mailbox: from the server to the commit, beside a bare loop that fetches the same and keeps nothing."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from imapclient import IMAPClient

from bench.desk import Desk, DeskFailed
from bench.figure import Figure
from bench.mails import mail
from bench.place import SQLITE, Place, progress
from bench.sending import kept
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.imap import PASSWORD, Account

RUNS = 3
MAILS = 3000
AT_ONCE = 100
# Seconds each way, so that a round trip takes 20 ms.
DELAY = 0.010
DEADLINE = 120.0
STEP = 0.05


def imap(place: Place) -> Iterator[Figure]:
    with dovecot() as server:
        account = _filled(server)
        for name, delay in (("imap", 0.0), ("imap-20ms", DELAY)):
            bare, ours = [], []
            with _network(server.port, delay) as port:
                for run in range(RUNS):
                    bare.append(MAILS / _bare(Account(port, account.user)))
                    ours.append(MAILS / _fetched(place, Account(port, account.user)))
                    progress(f"{name}, run {run + 1}: {ours[-1]:.0f} mails/s kept, bare loop {bare[-1]:.0f}")
            yield Figure(name, "mails/s", SQLITE, ours)
            yield Figure(f"{name}-bare-loop", "mails/s", SQLITE, bare)


def _filled(server: Dovecot) -> Account:
    account = server.account()
    with account.client() as client:
        for begin in range(0, MAILS, AT_ONCE):
            client.multiappend("INBOX", [mail("imap", number)[1] for number in range(begin, begin + AT_ONCE)])
    return account


def _bare(account: Account) -> float:
    """Seconds for what no client of imapclient can do without."""
    with account.client() as client:
        uids = client.search()
        began = time.monotonic()
        for begin in range(0, len(uids), AT_ONCE):
            _fetch(client, uids[begin : begin + AT_ONCE])
        return time.monotonic() - began


def _fetch(client: IMAPClient, uids: list[int]) -> None:
    if len(client.fetch(uids, ["BODY.PEEK[]"])) != len(uids):
        raise AssertionError("not all of the mails came")


def _fetched(place: Place, account: Account) -> float:
    """Seconds from the desk's first look until all of them are in its database."""
    settings = {
        "MAILBOXES__BOX__ADDRESS": "support@example.org",
        "MAILBOXES__BOX__URL": f"imap://127.0.0.1:{account.port}",
        "MAILBOXES__BOX__USER": account.user,
        "MAILBOXES__BOX__PASSWORD": PASSWORD,
        "MAILBOXES__BOX__SINCE": "2000-01-01",
    }
    with place.desk(SQLITE, "--only", "smtp", "--only", "box", **settings) as desk:
        desk.start()
        began = time.monotonic()
        _until_kept(desk, began)
        seconds = time.monotonic() - began
        desk.stop()
    return seconds


def _until_kept(desk: Desk, began: float) -> None:
    while (stored := kept(desk.url)) < MAILS:
        if time.monotonic() - began > DEADLINE:
            raise DeskFailed(f"{stored} of {MAILS} mails were kept within {DEADLINE:g} s")
        time.sleep(STEP)


@contextmanager
def _network(port: int, delay: float) -> Iterator[int]:
    """In a process of its own: what is measured shares no interpreter with it."""
    if not delay:
        yield port
        return
    command = [sys.executable, "-m", "tests.servers.lag", str(port), str(delay)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.stdin.close()
