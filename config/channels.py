"""The desk's channels: one line each. A new channel is a connector and a line here."""

import sys
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from bot.calling import Place
from bot.connector import Connector
from bot.keyring import KeyRing
from bot.model import Channel
from config.errors import Refused
from config.settings import Settings

if TYPE_CHECKING:
    from connectors.mail.out import MailOut

AGENTS = "agents"


def channels(settings: Settings, ring: KeyRing) -> Mapping[str, Connector]:
    """Every configured channel by name; whether it listens is for the caller to say."""
    made = [
        smtp(settings, ring),
        agents(settings, ring),
    ]
    return {connector.channel.name: connector for connector in made}


def mailbox(settings: Settings) -> str:
    """The address that is written to when none is known better."""
    return f"support@{settings.smtp.domains[0]}"


def place(settings: Settings) -> Place:
    """Where the Agents are called."""
    mail = settings.agents.mail
    return Place(
        AGENTS, {"to": {"address": mail or "terminal"}, "mailbox": mailbox(settings)}, answers=mail is not None
    )


def smtp(settings: Settings, ring: KeyRing) -> Connector:
    from connectors.mail.reader import MailReader
    from connectors.smtp import CertificateUnusable, SmtpConnector, SmtpSettings
    from connectors.smtp_limits import SmtpLimits

    limits = SmtpLimits(
        size=settings.smtp.max_size,
        connections=settings.smtp.max_connections,
        connections_per_client=settings.smtp.max_connections_per_client,
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
            reader=MailReader(frozenset(settings.smtp.domains)),
            out=mail_out(settings, ring),
            resend_unknown=settings.relay.unknown == "resend",
        )
    except CertificateUnusable as error:
        raise Refused(f"SMTP__CERTIFICATE: {error}; name a PEM file with the chain, and SMTP__KEY its key") from error


def agents(settings: Settings, ring: KeyRing) -> Connector:
    """The place where people are called: a mail address, or the terminal that the desk runs in."""
    from connectors.outgoing import Outgoing
    from connectors.screen import Screen

    if settings.agents.mail is None:
        return Outgoing(Channel(AGENTS, "terminal"), Screen(sys.stderr))
    resend = settings.relay.unknown == "resend"
    return Outgoing(Channel(AGENTS, "mail"), mail_out(settings, ring), resend_unknown=resend)


def mail_out(settings: Settings, ring: KeyRing) -> "MailOut":
    """The relay, or files where none is set."""
    from connectors.mail.compose import compose
    from connectors.outbox_folder import OutboxFolder
    from connectors.relay import Relay, RelayAddress

    name = settings.relay.sender_name or settings.desk.name
    render = partial(compose, ring=ring, sender_name=name, mailbox=mailbox(settings))
    if not settings.relay.url:
        return OutboxFolder(settings.relay.outbox, render)
    return Relay(RelayAddress.parse(settings.relay.url), render, hostname=settings.smtp.domains[0])
