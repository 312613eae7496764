"""Mailboxes that the desk fetches itself: the tables [mailboxes.NAME] that have a `url`."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.connector import Connector
from config.errors import NotDone
from config.sections import Mailbox
from config.settings import Settings

if TYPE_CHECKING:
    from connectors.imap.login import Login
    from connectors.imap.settings import ImapSettings
    from connectors.mail.out import MailOut
    from connectors.mail.threads import Ours
    from connectors.oauth.provider import Provider
    from connectors.oauth.tokens import Tokens

TOKENS = Path("var/tokens")


def fetched(settings: Settings) -> Mapping[str, Mailbox]:
    """By name; those whose mail comes by SMTP are left out."""
    return {name: box for name, box in settings.mailboxes.items() if box.url}


def silence(settings: Settings) -> Mapping[str, timedelta]:
    """How long each may go unread before people are told: some are looked at less often than that."""
    away = timedelta(seconds=settings.health.away)
    return {name: max(away, 2 * timedelta(seconds=box.poll)) for name, box in fetched(settings).items()}


def connectors(settings: Settings, ours: "Ours", out: "MailOut") -> Iterator[Connector]:
    """A channel each, by the name of its table."""
    if not fetched(settings):
        return  # nobody who has no mailbox waits for imapclient
    from connectors.imap.connector import ImapConnector
    from connectors.mail.reader import MailReader
    from connectors.mail.senders.authentication import Believed

    resend = settings.relay.unknown == "resend"
    for name, box in fetched(settings).items():
        reader = MailReader(ours, (Believed(box.authserv_id),))
        yield ImapConnector(imap(name, box), reader=reader, out=out, resend_unknown=resend)


def imap(name: str, box: Mailbox) -> "ImapSettings":
    from connectors.imap.address import ImapAddress
    from connectors.imap.settings import ImapSettings

    return ImapSettings(
        name,
        ImapAddress.parse(box.url),
        login(name, box),
        folder=box.folder,
        since=box.since,
        after=box.after,
        move_to=box.move_to,
        poll=box.poll,
        idle=box.idle,
        max_size=box.max_size,
    )


def login(name: str, box: Mailbox) -> "Login":
    from connectors.imap.login import PasswordLogin, TokenLogin

    user = box.user or box.address
    if box.login == "password":
        return PasswordLogin(user, box.password.get_secret_value() if box.password else "")
    from connectors.oauth.access import Access

    return TokenLogin(user, Access(name, provider(name, box), tokens(name, box)))


def provider(name: str, box: Mailbox) -> "Provider":
    """Who gives out this mailbox's tokens. Raises NotDone when it wants a password."""
    from connectors.oauth import provider

    secret = box.client_secret.get_secret_value() if box.client_secret else ""
    match box.login:
        case "password":
            raise NotDone(f"the mailbox {name} has a password, and no login to give; see `login` in its table")
        case "google":
            made = provider.google(box.client_id, secret)
        case "microsoft":
            made = provider.microsoft(box.client_id, secret, box.tenant)
        case "oauth":
            made = provider.Provider(box.client_id, "", "", client_secret=secret)
    return made.at(
        token_url=box.token_url or "",
        device_url=box.device_url or "",
        authorize_url=box.authorize_url or "",
        scope=box.scope,
    )


def tokens(name: str, box: Mailbox) -> "Tokens":
    from connectors.oauth.tokens import Tokens

    return Tokens(box.tokens or TOKENS / name)
