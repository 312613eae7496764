"""SIGHUP on a real desk: it takes its settings anew, loses nobody, and stays as it was when they can't be used."""

import asyncio
import os
import re
import signal
import ssl
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from config import keys
from connectors.smtp import SmtpConnector
from connectors.smtp_limits import SmtpLimits
from tests.config.certificates import make
from tests.connectors.smtp_desk import BODY, NoWayOut, desk, settings
from tests.crash.desk import PROGRAM
from tests.fakes import FakeRelay, PlainReader, SmtpClient
from tests.waiting import until

SUPPORT = "support@desk.example"
ARTICLE = "---\ntitle: Opening hours\n---\nOur office is open from nine to five on weekdays.\n"
QUESTION = (
    b"Subject: Opening hours\r\nMessage-ID: <%d@cust.example>\r\nFrom: ann%d@cust.example\r\n\r\n"
    b"When is your office open on weekdays?\r\n"
)


@dataclass
class Served:
    """`firstline serve` in a folder of its own, with what it has said."""

    folder: Path
    process: subprocess.Popen[bytes]
    endpoint: tuple[str, int]

    @property
    def said(self) -> str:
        return (self.folder / "log").read_text()

    def settings(self, text: str) -> None:
        (self.folder / "firstline.toml").write_text(text)

    async def reload(self, says: str = '"event": "reloaded"') -> str:
        """SIGHUP; returns what was said up to the words that end it."""
        begin = len(self.said)
        self.process.send_signal(signal.SIGHUP)
        await until(lambda: says in self.said[begin:], 30, says)
        return self.said[begin:]


def launch(folder: Path, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTLINE")}
    with (folder / "log").open("wb") as log:
        return subprocess.Popen([PROGRAM, "serve"], cwd=folder, env={**bare, **environ}, stdout=log, stderr=log)


@asynccontextmanager
async def served(folder: Path, text: str, **environ: str) -> AsyncIterator[Served]:
    (folder / "firstline.toml").write_text(text)
    process = launch(folder, environ)
    run = Served(folder, process, ("", 0))
    try:
        ready = await until(lambda: re.search(r"^ready smtp=([\d.]+):(\d+) ", run.said, re.MULTILINE), 60)
        run.endpoint = (ready[1], int(ready[2]))
        yield run
        process.terminate()
        assert await asyncio.to_thread(process.wait, 30) == 0, run.said
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(tmp_path, "old", "old.desk.example")
    make(tmp_path, "new", "new.desk.example")
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "hours.md").write_text(ARTICLE)
    return tmp_path


def toml(relay: int, *, level: str = "draft", certificate: str = "old", more: str = "") -> str:
    return f"""
[smtp]
domains = ["desk.example"]
listen = "127.0.0.1:0"
certificate = "{certificate}.pem"
key = "{certificate}.key"
[http]
listen = "127.0.0.1:0"
[relay]
url = "smtp://127.0.0.1:{relay}"
[triage]
level = "{level}"
[knowledge]
folder = "knowledge"
{more}
"""


async def shown(endpoint: tuple[str, int]) -> str:
    """The name in the certificate that a new connection sees."""
    async with SmtpClient.to(endpoint) as client:
        await client.greet()
        assert (await client.say("STARTTLS")).startswith("220")
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        await client.writer.start_tls(trusting)
        der = client.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        return "new" if b"new.desk.example" in der else "old"


async def ask(endpoint: tuple[str, int], number: int) -> None:
    async with SmtpClient.to(endpoint) as client:
        await client.greet()
        assert (await client.mail(SUPPORT, QUESTION % (number, number))).startswith("250")


async def sent(relay: FakeRelay, number: int) -> list[str]:
    """The Reply-To of each mail that has left, once there are so many."""
    await until(lambda: len(relay.mails) >= number, 30, f"{number} mails have left")
    return [str(message_from_bytes(mail.raw, policy=default)["Reply-To"]) for mail in relay.mails]


async def test_level_and_certificate_change_and_an_open_session_goes_on(folder: Path) -> None:
    async with FakeRelay() as relay, served(folder, toml(relay.port)) as run:
        async with SmtpClient.to(run.endpoint) as old:
            await old.greet()
            assert (await old.begin(SUPPORT, "ann1@cust.example")).startswith("354")
            assert await shown(run.endpoint) == "old"
            run.settings(toml(relay.port, level="automatic", certificate="new"))
            told = await run.reload()
            assert "SMTP__CERTIFICATE" in told
            assert "TRIAGE__LEVEL" in told
            assert await shown(run.endpoint) == "new"
            old.send(QUESTION % (1, 1) + b".\r\n")
            assert (await old.reply()).startswith("250")
            assert (await old.say("NOOP")).startswith("250")
        await sent(relay, 1)
        assert b"nine to five" in relay.mails[0].raw


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[triage]\nlevel = "sometimes"\n', "level in [triage] of firstline.toml"),
        ('[smtp]\ndomains = ["other.example"]\ncertificate = "nowhere.pem"\n', "SMTP__CERTIFICATE: nowhere.pem"),
        ('[smtp]\ndomains = ["other.example"]\n[desk]\nkeys = "nowhere"\n', "nowhere: No such file"),
        ('[smtp]\ndomains = ["other.example"]\n[knowledge]\nfolder = "nowhere"\n', "nowhere"),
        ('[smtp]\ndomains = ["other.example"]\n[triage]\ntriager = "openai"\n', "OPENAI__MODEL"),
        ("[smtp", "firstline.toml can't be read"),
    ],
)
async def test_settings_that_cant_be_used_change_nothing(folder: Path, text: str, named: str) -> None:
    async with FakeRelay() as relay, served(folder, toml(relay.port)) as run:
        run.settings(text)
        told = await run.reload("not reloaded")
        assert '"level": "error"' in told
        assert named in told
        assert await shown(run.endpoint) == "old"
        await ask(run.endpoint, 1)


async def test_limits_hold_for_those_who_come_and_nobody_is_sent_away() -> None:
    limits = SmtpLimits(connections_per_client=1, drain=1, linger=1)
    async with desk() as here:
        async with SmtpClient.to(here.endpoint) as old:
            await old.greet()
            here.connector.adopt(SmtpConnector(settings(limits), reader=PlainReader(), out=NoWayOut()))
            async with SmtpClient.to(here.endpoint) as other:
                assert (await other.reply()).startswith("421 4.7.0")
            assert (await old.mail("help@desk.example", BODY)).startswith("250")
        await until(lambda: not here.house.sessions)
        async with SmtpClient.to(here.endpoint) as next_one:
            assert "250" in await next_one.greet()


async def test_what_needs_a_restart_is_named_and_the_rest_is_taken(folder: Path) -> None:
    """The environment of the start still wins, and what it held is not left to child processes."""
    more = '[database]\nurl = "sqlite:///other.db"\n[log]\nlevel = "debug"\n'
    async with FakeRelay() as relay:
        environ = {"FIRSTLINE__TRIAGE__LEVEL": "automatic"}
        async with served(folder, toml(relay.port), **environ) as run:
            run.settings(toml(relay.port, level="off", more=more))
            told = await run.reload()
            assert '"part": "DATABASE__URL"' in told
            assert "TRIAGE__LEVEL" not in told
            assert '"part": "LOG__LEVEL"' in told
            await ask(run.endpoint, 1)
            await sent(relay, 1)
        assert not (folder / "other.db").exists()


async def test_new_articles_and_domains_are_known(folder: Path) -> None:
    async with FakeRelay() as relay, served(folder, toml(relay.port, level="automatic")) as run:
        (folder / "knowledge" / "hours.md").write_text(ARTICLE.replace("nine to five", "ten to six"))
        run.settings(toml(relay.port, level="automatic").replace('"desk.example"', '"desk.example", "more.example"'))
        await run.reload()
        async with SmtpClient.to(run.endpoint) as client:
            await client.greet()
            assert (await client.mail("help@more.example", QUESTION % (1, 1))).startswith("250")
        await sent(relay, 1)
        assert b"ten to six" in relay.mails[0].raw


async def test_a_new_key_signs_and_answers_to_all_mail_come_home(folder: Path) -> None:
    async with FakeRelay() as relay, served(folder, toml(relay.port, level="automatic")) as run:
        await ask(run.endpoint, 1)
        (before,) = await sent(relay, 1)
        assert tag(before)[0] == "a"
        assert keys.rotate(folder / "var" / "keys") == "b"
        await run.reload()
        await ask(run.endpoint, 2)
        _, after = await sent(relay, 2)
        assert tag(after)[0] == "b"
        await answer(run.endpoint, before, 1)
        await answer(run.endpoint, after, 2)
        await until(lambda: len(conversations(run.said)) == 4, 30, "both answers are decided about")
        assert len(set(conversations(run.said))) == 2


async def answer(endpoint: tuple[str, int], address: str, number: int) -> None:
    reply = b"Subject: Re: Opening hours\r\nFrom: ann%d@cust.example\r\n\r\nAnd on Sundays, do you open then?\r\n"
    async with SmtpClient.to(endpoint) as client:
        await client.greet()
        back = re.sub(r".*<|>.*", "", address)
        assert (await client.mail(back, reply % number, f"ann{number}@cust.example")).startswith("250")


def tag(address: str) -> str:
    found = re.search(r"\+([a-z2-7]{43})@", address)
    assert found, address
    return found[1]


def conversations(said: str) -> list[str]:
    return re.findall(r'"event": "decided", "conversation": "([^"]+)"', said)
