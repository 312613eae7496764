"""A whole desk for the stories: real sockets, a real database, a clock that the story moves."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parseaddr
from pathlib import Path
from uuid import UUID

import aiosmtplib

from bot.clock import SetClock
from bot.connector import Reader
from bot.model import Agent, Conversation, Lane, Role, Ticket
from bot.rows import DeliveryRow
from bot.triagers import Triager
from bot.triagers.openai import OpenAITriager
from bot.worker import Worker
from config import app
from config.channels import channels
from config.desk import Desk
from config.keys import load_or_make
from config.knowledge import load_folder
from config.settings import Settings
from connectors.child import Child
from storage import migrate
from storage.store import SqlStore
from tests.crash.desk import PROGRAM
from tests.fakes import FakeRelay
from tests.waiting import until

SUPPORT = "support@firstline.localhost"
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KNOWLEDGE = Path(__file__).with_name("knowledge")


@dataclass
class Story:
    """What a story can do, and what it can see."""

    store: SqlStore
    relay: FakeRelay
    clock: SetClock
    endpoint: tuple[str, int]
    desk: Desk
    url: str
    folder: Path
    sent: int = 0

    # -------------------------------------------------------------- doing

    async def mail(
        self,
        text: str,
        *,
        sender: str = "ann@example.org",
        to: str = SUPPORT,
        subject: str = "A question",
        headers: Mapping[str, str] | None = None,
        envelope_from: str | None = None,
    ) -> str:
        """Send a mail and return its Message-ID once it is acknowledged."""
        self.sent += 1
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, to, subject
        message["Message-ID"] = f"<m{self.sent}.{sender}>"
        for name, value in (headers or {}).items():
            message[name] = value
        message.set_content(text)
        # Unfolded: the stdlib makes an encoded word of a Message-ID over 76 characters (python/cpython#100792).
        wire = default.clone(linesep="\r\n", max_line_length=998)
        await self.raw(message.as_bytes(policy=wire), sender, to, envelope_from)
        return f"m{self.sent}.{sender}"

    async def raw(self, data: bytes, sender: str, to: str = SUPPORT, envelope_from: str | None = None) -> None:
        host, port = self.endpoint
        client = aiosmtplib.SMTP(hostname=host, port=port, use_tls=False, start_tls=False)
        async with client:
            await client.sendmail(sender if envelope_from is None else envelope_from, [to], data)

    async def answer(
        self,
        reply: Message,
        text: str,
        *,
        sender: str = "ann@example.org",
        to: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Answer a mail of ours as a mail program does."""
        theirs = reply["Message-ID"]
        headers = {"In-Reply-To": theirs, "References": f"{reply.get('References', '')} {theirs}".strip()} | dict(
            headers or {}
        )
        back = parseaddr(to or reply["Reply-To"])[1]
        return await self.mail(text, sender=sender, to=back, subject=f"Re: {reply['Subject']}", headers=headers)

    async def later(self, **by: float) -> None:
        """Move the clock. The lanes look at it several times a second."""
        self.clock.instant += timedelta(**by)

    async def agent(self, name: str = "bea") -> Agent:
        def add(tx: object) -> Agent:
            return tx.people.add_agent(name, Role.AGENT, [])

        return await self.store.write(add)

    async def command(self, *words: str) -> str:
        """Run `firstline` beside the desk, as a process of its own, and return what it prints."""
        time = self.folder / "clock"
        time.write_text(self.clock.now().isoformat(), encoding="ascii")
        environ = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTLINE")}
        environ |= {"FIRSTLINE__DATABASE__URL": self.url, "FIRSTLINE_CLOCK": str(time)}
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *words, env=environ, cwd=self.folder, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
        )
        said, complained = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 0, complained.decode()
        return said.decode()

    # -------------------------------------------------------------- seeing

    async def replies(self, number: int, deadline: float = 10) -> list[Message]:
        """What customers got, once there are so many."""
        await until(lambda: len(self.relay.mails) >= number, deadline, f"{number} replies")
        assert len(self.relay.mails) == number
        return [message_from_bytes(mail.raw, policy=default) for mail in self.relay.mails]

    async def quiet(self, deadline: float = 10) -> None:
        """Nothing is left to do but what is set aside or waits for a later hour."""

        async def done() -> bool:
            jobs = await self.store.read(lambda look: look.jobs.rows())
            return all(job.state == "buried" or job.run_at > self.clock.now() for job in jobs)

        await until(done, deadline, "the queue is worked off")

    async def conversations(self) -> list[Conversation]:
        """Oldest first."""

        def look(look: object) -> list[Conversation]:
            rows = look.arrivals.since(None, state=None, limit=1000)
            messages = [look.conversations.of_arrival(row.id) for row in rows]
            ids = dict.fromkeys(message.conversation for message in messages if message)
            return [look.conversations.get(one) for one in ids]

        return await self.store.read(look)

    async def conversation(self) -> Conversation:
        (only,) = await self.conversations()
        return only

    async def actions(self, conversation: UUID) -> list[str]:
        rows = await self.store.read(lambda look: look.conversations.decisions(conversation))
        return [row.action for row in rows]

    async def tickets(self) -> list[Ticket]:
        return await self.store.read(lambda look: look.tickets.rows())

    async def outbox(self) -> list[DeliveryRow]:
        return await self.store.read(lambda look: look.outbox.rows())


def words_of(mail: Message) -> str:
    """The plain text of a mail of ours."""
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


@asynccontextmanager
async def story(
    url: str,
    folder: Path,
    *,
    triager: Triager | None = None,
    relay: FakeRelay | None = None,
    reader: Reader | None = None,
    patience: float = 0,
    sections: Mapping[str, Mapping[str, object]] | None = None,
    **triage: object,
) -> AsyncIterator[Story]:
    """A desk at level automatic on a fresh database, its relay and its clock. `sections`: further settings."""
    if migrate.state(url) is not migrate.State.CURRENT:
        migrate.upgrade(url)
    clock = SetClock(MONDAY)
    async with relay or FakeRelay() as relay, SqlStore(url, clock) as store:
        wanted = {
            "smtp": {"listen": "127.0.0.1:0"},
            "relay": {"url": f"smtp://127.0.0.1:{relay.port}"},
            "triage": {"level": "automatic"} | triage,
            "desk": {"keys": folder / "keys"},
        }
        for name, section in (sections or {}).items():
            wanted[name] = wanted.get(name, {}) | section
        settings = Settings.model_validate(wanted)
        await load_folder(store, KNOWLEDGE)
        ring = load_or_make(settings.desk.keys)
        connectors = channels(settings, ring)
        smtp = connectors["smtp"]
        smtp.channel = replace(smtp.channel, patience=timedelta(seconds=patience))
        smtp.reader = reader or smtp.reader
        child = Child()
        lanes = app.workers(settings, store, connectors, ring, child.read, list(Lane))
        desk = Desk(store, connectors, [_on(clock, worker, triager) for worker in lanes], listening=list(connectors))
        ready = asyncio.Event()
        running = asyncio.create_task(desk.run(ready.set))
        await asyncio.wait([asyncio.create_task(ready.wait()), running], return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        try:
            yield Story(store, relay, clock, smtp.endpoint, desk, url, folder)
        finally:
            desk.stop()
            await asyncio.wait_for(running, 30)


def _on(clock: SetClock, worker: Worker, triager: Triager | None) -> Worker:
    """The lane on the story's clock, and with the story's Triager if it has one."""
    worker.clock = clock
    worker.poll = 0.05
    if worker.step.lane is Lane.TRIAGE:
        worker.step.triager = triager or worker.step.triager
        if isinstance(worker.step.triager, OpenAITriager):
            worker.step.triager.clock = clock
    return worker
