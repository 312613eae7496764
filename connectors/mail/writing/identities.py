"""How the desk shows itself in mail: a name, an address and a signature for each mailbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from connectors.mail.writing.wire import wire_address


@dataclass(frozen=True, slots=True)
class MailIdentity:
    """`language` is what Agents of this mailbox write when their words don't show it. `quotes`: the customer's words
    stand under an Agent's. `polled`: its mail is fetched from a server that is not ours, and so are its bounces."""

    address: str
    name: str
    signature: str = ""
    language: str = ""
    quotes: bool = True
    polled: bool = False


@dataclass(frozen=True)
class Identities:
    """`mailboxes` by address, in lower case."""

    default: MailIdentity
    mailboxes: Mapping[str, MailIdentity] = field(default_factory=dict)

    def of(self, mailbox: str) -> MailIdentity:
        """Of the mailbox that the customer wrote to; an unknown one at a domain of ours shows itself as the default."""
        known, address = self.mailboxes.get(mailbox.lower()), wire_address(mailbox)
        if known or not address:
            return known or self.default
        return replace(self.default, address=address, polled=False)
