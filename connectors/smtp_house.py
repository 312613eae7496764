"""What all SMTP clients of one listener meet: its rules for senders and recipients, its limits, and the keeping."""

import asyncio
import hashlib
import json
import logging
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiosmtpd.smtp import Envelope
from aiosmtpd.smtp import Session as Facts

from bot.connector import Keep
from bot.failpoints import failpoint
from bot.ids import new_id
from bot.model import Arrival, Kept
from bot.store import StoreError, StoreFull
from connectors.smtp_limits import Crowd, Pace, Room, SmtpLimits
from connectors.smtp_paths import our_address, sender_address

if TYPE_CHECKING:
    from connectors.smtp_session import Session

log = logging.getLogger("firstline.smtp")

TRY_LATER = "451 4.3.0 that did not work, try again later"
FULL = "452 4.3.1 no room just now, try again later"
GOODBYE = "421 4.3.2 going down, try again later"
_LARGE = 2**20


@dataclass(eq=False)
class House:
    """What the sessions of one listener share, and their rules for senders and recipients (aiosmtpd's hooks)."""

    channel: str
    domains: frozenset[str]
    hostname: str
    limits: SmtpLimits
    keep: Keep
    tls: ssl.SSLContext | None = None
    closing: bool = False
    sessions: set["Session"] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.crowd = Crowd(self.limits)
        self.pace = Pace(self.limits)
        self.room = Room(self.limits)
        self._left = asyncio.Event()

    def change(self, domains: frozenset[str], hostname: str, limits: SmtpLimits, tls: ssl.SSLContext | None) -> None:
        """New rules from now on. Nobody who is in is sent away, and TLS that has begun stays as it is."""
        self.domains, self.hostname, self.tls = domains, hostname, tls
        self.limits = self.crowd.limits = self.pace.limits = limits
        self.room.obey(limits)

    # -------------------------------------------------------------- whose mail we take

    async def handle_EHLO(  # noqa: N802
        self, session: "Session", facts: Facts, envelope: Envelope, name: str, answer: list[str]
    ) -> list[str]:
        facts.host_name = name
        # aiosmtpd offers AUTH as soon as there is TLS, whether wanted or not.
        offered = [line for line in answer if not line.startswith(("250-AUTH", "250 HELP"))]
        return [*offered, "250 PIPELINING"]

    async def handle_MAIL(  # noqa: N802
        self, session: "Session", facts: Facts, envelope: Envelope, path: str, options: list[str]
    ) -> str:
        if not path.isascii() and not envelope.smtp_utf8:
            return "553 5.6.7 an address that is not ASCII needs SMTPUTF8"
        if not self.pace.take(session.client):
            return "451 4.7.1 too many mails from your address, try again later"
        envelope.mail_from = path
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, session: "Session", facts: Facts, envelope: Envelope, path: str, options: list[str]
    ) -> str:
        if not path.isascii() and not envelope.smtp_utf8:
            return "553 5.6.7 an address that is not ASCII needs SMTPUTF8"
        recipient = our_address(path, self.domains)
        if recipient is None:
            return "550 5.7.1 not one of our addresses"
        if recipient in envelope.rcpt_tos:
            return "250 2.1.5 OK"
        if len(envelope.rcpt_tos) >= self.limits.recipients:
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(recipient)
        return "250 2.1.5 OK"

    # -------------------------------------------------------------- keeping

    async def take(self, raw: bytes, client: str, facts: Facts, envelope: Envelope) -> str:
        """Keep the mail, and only then acknowledge it. Of what goes wrong the client learns that it may try again."""
        arrival = await self._arrival(raw, client, facts, envelope)
        about = {"arrival": arrival.id}
        try:
            kept = await self._keep(arrival)
        except StoreFull:
            log.warning("a mail was put off", extra={"error": StoreFull.__name__, **about})
            return FULL
        except (StoreError, TimeoutError) as error:
            log.warning("a mail was put off", extra={"error": type(error).__name__, **about})
            return TRY_LATER
        except Exception as error:
            log.error("a mail could not be kept", exc_info=error, extra=about)
            return TRY_LATER
        return f"250 2.0.0 {kept.id}"

    async def _keep(self, arrival: Arrival) -> Kept:
        failpoint("smtp.data")
        async with asyncio.timeout(self.limits.keep):
            (kept,) = await self.keep([arrival])
        failpoint("smtp.kept")
        return kept

    async def _arrival(self, raw: bytes, client: str, facts: Facts, envelope: Envelope) -> Arrival:
        sender = sender_address(envelope.mail_from or "")
        if len(raw) > _LARGE:
            key = await asyncio.to_thread(_transport_key, sender, envelope.rcpt_tos, raw)
        else:
            key = _transport_key(sender, envelope.rcpt_tos, raw)
        known = {
            "from": sender,
            "to": list(envelope.rcpt_tos),
            "peer": client,
            "helo": (facts.host_name or "").encode("utf-8", "replace").decode(),
            "tls": facts.ssl is not None,
        }
        return Arrival(new_id(), self.channel, key, raw, known)

    # -------------------------------------------------------------- who is in

    def leave(self, session: "Session") -> None:
        self.sessions.discard(session)
        self.crowd.leave(session.client)
        self._left.set()

    async def empty(self) -> None:
        """Returns when the last session has gone."""
        while self.sessions:
            self._left.clear()
            await self._left.wait()


def _transport_key(sender: str, recipients: Sequence[str], raw: bytes) -> str:
    """The same for the same mail sent again, before anybody has added a line to it."""
    digest = hashlib.sha256(json.dumps([sender, sorted(recipients)]).encode())
    digest.update(b"\n")
    digest.update(raw)
    return digest.hexdigest()
