"""The desk's channels: one line each. A new channel is a connector and a line here."""

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING

from bot.calling import Place
from bot.connector import Connector
from bot.keyring import KeyRing
from bot.model import Channel, Parcel, Rendered
from config import slack
from config.errors import Refused, WrongUse
from config.settings import Settings

if TYPE_CHECKING:
    from connectors.mail.out import MailOut
    from connectors.mail.threads import Ours
    from connectors.relay_pace import Pace

AGENTS = "agents"


def channels(settings: Settings, ring: KeyRing) -> Mapping[str, Connector]:
    """Every configured channel by name; whether it listens is for the caller to say."""
    made = [
        smtp(settings, ring),
        agents(settings, ring),
        *mailboxes(settings, ring),
        *slack.connectors(settings),
    ]
    return {connector.channel.name: connector for connector in made}


def mailbox(settings: Settings) -> str:
    """The address that is written to when none is known better."""
    return f"support@{settings.smtp.domains[0]}"


def ours(settings: Settings) -> "Ours":
    """All addresses of the desk."""
    from connectors.mail.threads import Ours

    elsewhere = frozenset(one.address.lower() for one in settings.mailboxes.values())
    return Ours(frozenset(settings.smtp.domains), elsewhere)


def verifying(settings: Settings) -> frozenset[str]:
    """The channels whose upstream says who sent a mail."""
    fetched = {name for name, box in settings.mailboxes.items() if box.url and box.authserv_id}
    return frozenset(fetched | ({"smtp"} if settings.smtp.authserv_id else set()))


def place(settings: Settings) -> Place:
    """Where the Agents are called."""
    from config.identities import identities

    mail = settings.agents.mail
    speaking = identities(settings, mailbox(settings)).default.address
    to = {"to": {"address": mail or "terminal"}, "mailbox": speaking}
    return Place(AGENTS, to, answers=mail is not None, by_mail=settings.agents.by_mail)


def smtp(settings: Settings, ring: KeyRing) -> Connector:
    from connectors.mail.reader import MailReader
    from connectors.mail.senders.authentication import Believed
    from connectors.smtp import CertificateUnusable, SmtpConnector, SmtpSettings
    from connectors.smtp_limits import SmtpLimits

    limits = SmtpLimits(
        size=settings.smtp.max_size,
        connections=settings.smtp.max_connections,
        connections_per_client=settings.smtp.max_connections_per_client,
        recipients=settings.smtp.max_recipients,
        mails_per_minute=settings.smtp.max_mails_per_minute,
        in_flight=settings.smtp.max_in_flight,
    )
    listening = SmtpSettings(
        domains=frozenset(settings.smtp.domains),
        host=settings.smtp.listen.host,
        port=settings.smtp.listen.port,
        certificate=settings.smtp.certificate,
        key=settings.smtp.key,
        limits=limits,
    )
    try:
        return SmtpConnector(
            listening,
            reader=MailReader(ours(settings), (Believed(settings.smtp.authserv_id, settings.smtp.upstreams),)),
            out=mail_out(settings, ring),
            resend_unknown=settings.relay.unknown == "resend",
        )
    except CertificateUnusable as error:
        raise Refused(f"SMTP__CERTIFICATE: {error}; name a PEM file with the chain, and SMTP__KEY its key") from error


def mailboxes(settings: Settings, ring: KeyRing) -> Iterator[Connector]:
    """Those that the desk fetches itself, each a channel by the name of its table."""
    from config.mailboxes import connectors

    return connectors(settings, ours(settings), mail_out(settings, ring))


def agents(settings: Settings, ring: KeyRing) -> Connector:
    """The place where people are called: a mail address, or the terminal that the desk runs in."""
    from connectors.outgoing import Outgoing
    from connectors.screen import Screen

    if settings.agents.mail is None:
        return Outgoing(Channel(AGENTS, "terminal"), Screen(sys.stderr))
    resend = settings.relay.unknown == "resend"
    return Outgoing(Channel(AGENTS, "mail"), mail_out(settings, ring), resend_unknown=resend)


def mail_out(settings: Settings, ring: KeyRing) -> "MailOut":
    """The relay, or files where none is set; mailboxes with a relay of their own use that one."""
    from config.identities import identities
    from connectors.mail.out import ByMailbox
    from connectors.mail.writing.compose import compose
    from connectors.outbox_folder import OutboxFolder

    render = partial(compose, ring=ring, identities=identities(settings, mailbox(settings)))
    relay = settings.relay.url
    usual = _relay(settings, relay, render) if relay else OutboxFolder(settings.relay.outbox, render)
    boxes = [box for box in settings.mailboxes.values() if box.relay]
    own = {box.address.lower(): _relay(settings, box.relay, render) for box in boxes}
    return ByMailbox(usual, own) if own else usual


def _relay(settings: Settings, url: str, render: Callable[[Parcel], Rendered]) -> "MailOut":
    from connectors.relay import Relay, RelayAddress

    try:
        address = RelayAddress.parse(url, required=settings.relay.tls == "required")
    except ValueError as error:
        raise WrongUse(f"RELAY__URL or a mailbox's relay: {error}") from error
    return Relay(address, render, hostname=settings.smtp.domains[0], pace=_pace(str(address), settings.relay.pace))


@cache
def _pace(relay: str, mails_a_minute: int) -> "Pace":
    """One for each relay, through how many channels it is used and however often settings are reloaded."""
    from connectors.relay_pace import Pace

    return Pace(mails_a_minute)
