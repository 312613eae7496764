"""The desk's channels: one line each. A new channel is a connector and a line here."""

from collections.abc import Mapping
from functools import partial

from bot.connector import Connector
from bot.keyring import KeyRing
from config.errors import Refused
from config.settings import Settings


def channels(settings: Settings, ring: KeyRing) -> Mapping[str, Connector]:
    """Every configured channel by name; whether it listens is for the caller to say."""
    made = [
        smtp(settings, ring),
    ]
    return {connector.channel.name: connector for connector in made}


def mailbox(settings: Settings) -> str:
    """The address that is written to when none is known better."""
    return f"support@{settings.smtp.domains[0]}"


def smtp(settings: Settings, ring: KeyRing) -> Connector:
    from connectors.mail.compose import compose
    from connectors.mail.reader import MailReader
    from connectors.outbox_folder import OutboxFolder
    from connectors.relay import Relay, RelayAddress
    from connectors.smtp import CertificateUnusable, SmtpConnector, SmtpSettings
    from connectors.smtp_limits import SmtpLimits

    name = settings.relay.sender_name or settings.desk.name
    render = partial(compose, ring=ring, sender_name=name, mailbox=mailbox(settings))
    out = (
        Relay(RelayAddress.parse(settings.relay.url), render, hostname=settings.smtp.domains[0])
        if settings.relay.url
        else OutboxFolder(settings.relay.outbox, render)
    )
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
            out=out,
            resend_unknown=settings.relay.unknown == "resend",
        )
    except CertificateUnusable as error:
        raise Refused(f"SMTP__CERTIFICATE: {error}; name a PEM file with the chain, and SMTP__KEY its key") from error
