"""Several desks on one PostgreSQL: one takes the mail, two others work the lanes."""

import contextlib
import os
import re
import subprocess
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import aiosmtplib

from tests.crash.desk import KNOWLEDGE, PROGRAM
from tests.fakes import FakeRelay
from tests.waiting import until

MAILS = 12


class Host:
    def __init__(self, folder: Path, environ: dict[str, str], *only: str) -> None:
        self.log = folder / f"{'-'.join(only)}.{len(list(folder.glob('*.log')))}.log"
        named = [word for name in only for word in ("--only", name)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "serve", *named], env=environ, cwd=folder, stdin=subprocess.DEVNULL, stderr=log
            )

    def ready(self) -> re.Match[str] | None:
        assert self.process.poll() is None, self.log.read_text()
        return re.search(r"^ready (?:smtp=127\.0\.0\.1:(\d+) )?http=", self.log.read_text(), re.MULTILINE)


def command(folder: Path, environ: dict[str, str], name: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([PROGRAM, name], env=environ, cwd=folder, capture_output=True, check=False)


@contextlib.contextmanager
def ended(hosts: list[Host]) -> Iterator[None]:
    try:
        yield
    finally:
        for host in hosts:
            host.process.terminate()
        codes = [host.process.wait(35) for host in hosts]
    assert codes == [0] * len(hosts)


async def test_several_desks_share_the_work_and_each_mail_is_answered_once(postgresql_url: str, tmp_path: Path) -> None:
    async with FakeRelay() as relay:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTLINE")} | {
            "FIRSTLINE__DATABASE__URL": postgresql_url,
            "FIRSTLINE__SMTP__LISTEN": "127.0.0.1:0",
            "FIRSTLINE__HTTP__LISTEN": "127.0.0.1:0",
            "FIRSTLINE__RELAY__URL": f"smtp://127.0.0.1:{relay.port}",
            "FIRSTLINE__TRIAGE__LEVEL": "automatic",
            "FIRSTLINE__KNOWLEDGE__FOLDER": str(KNOWLEDGE),
        }
        refused = command(tmp_path, environ, "serve")
        assert refused.returncode == 3
        assert b"run `firstline migrate` first" in refused.stderr
        assert command(tmp_path, environ, "migrate").returncode == 0
        door = Host(tmp_path, environ, "smtp")
        hands = [Host(tmp_path, environ, "read", "triage", "deliver") for _ in range(2)]
        with ended([door, *hands]):
            for host in (door, *hands):
                await until(host.ready, 30)
            match = door.ready()
            assert match
            await send(int(match[1]))
            await until(lambda: len(relay.mails) >= MAILS, 30)
        answered = sorted(message_from_bytes(mail.raw)["To"] for mail in relay.mails)
        assert answered == sorted(f"c{number}@example.org" for number in range(MAILS))
        assert all("Traceback" not in host.log.read_text() for host in (door, *hands))


async def send(port: int) -> None:
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False)
    async with client:
        for number in range(MAILS):
            sender = f"c{number}@example.org"
            mail = (
                f"From: {sender}\r\nSubject: Help\r\nMessage-ID: <{number}@example.org>\r\n\r\nWhere is my order?\r\n"
            )
            await client.sendmail(sender, ["support@firstline.localhost"], mail)
