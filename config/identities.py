"""How each mailbox of the settings shows itself in mail."""

from config.errors import WrongUse
from config.sections import Mailbox
from config.settings import Settings
from connectors.mail.writing.identities import Identities, MailIdentity
from connectors.mail.writing.wire import wire_address


def identities(settings: Settings, usual: str) -> Identities:
    """The first mailbox of the file speaks where none is known better; without any, the desk does from `usual`. Raises
    WrongUse."""
    name = settings.relay.sender_name or settings.desk.name
    mailboxes = {box.address.lower(): _identity(box, name) for box in settings.mailboxes.values()}
    default = next(iter(mailboxes.values()), MailIdentity(usual, name))
    return Identities(default, mailboxes)


def _identity(box: Mailbox, name: str) -> MailIdentity:
    address = wire_address(box.address)
    if address is None:
        raise WrongUse(f"no mail can come from the mailbox {box.address}: before the @ only plain ASCII is possible")
    return MailIdentity(
        address,
        box.name or name,
        signature=box.signature,
        language=box.language,
        quotes=box.quote == "agents",
        polled=bool(box.url),
    )
