"""What a mail means to the desk."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from bot.model import Arrival, Identity, Inbound
from connectors.mail.addresses import Address
from connectors.mail.parse import Mail, parse
from connectors.mail.salvage import salvage
from connectors.mail.threads import tokens_in_addresses, tokens_in_message_ids

REFERS = 20
OTHERS = 40
ADDRESS = 320


@dataclass(frozen=True)
class MailReader:
    """Turns a mail into an Inbound; `domains` are ours, in lower case.

    What an SMTP envelope says (`from`, `to`) is believed over the headers; without one the headers are all there is.
    """

    domains: frozenset[str]
    isolated: bool = True

    def __call__(self, arrival: Arrival) -> Inbound:
        return self._inbound(parse(arrival.raw, null_return_path=arrival.envelope.get("from") == ""), arrival)

    def salvage(self, arrival: Arrival, reason: str) -> Inbound:
        """What little is sure when reading itself failed; cheap and safe enough for the desk's own process."""
        return self._inbound(salvage(arrival.raw, reason), arrival)

    def _inbound(self, mail: Mail, arrival: Arrival) -> Inbound:
        author = _identity(mail.authors[0]) if mail.authors else None
        refers = _refers(mail)
        envelope_to = [str(one) for one in arrival.envelope.get("to") or ()]
        recipients = [*envelope_to, *mail.delivered_to, *(one.address for one in (*mail.to, *mail.cc))]
        returned = [mail.bounce.original_message_id or ""] if mail.bounce else []
        tokens = [*tokens_in_addresses(recipients, self.domains), *tokens_in_message_ids([*refers, *returned])]
        return Inbound(
            kind=mail.kind,
            author=author,
            subject=mail.subject,
            text=mail.text,
            reply=mail.reply,
            elided=mail.elided,
            html=mail.html,
            attachments=mail.attachments,
            problems=mail.problems,
            signs=(*mail.signs, *self._own_signs(mail, author)),
            key=mail.message_id or "",
            refers=refers,
            tokens=tuple(dict.fromkeys(tokens)),
            content_key=_content_key(mail, author),
            address={
                "to": {"name": author.name, "address": mail.authors[0].address} if author else None,
                "mailbox": self._mailbox(recipients),
                "subject": mail.subject,
                "message_id": mail.message_id,
                "references": list(mail.references)[-REFERS:],
            },
            others=self._others(mail),
            partly=mail.partly,
            undelivered=mail.bounce is not None and mail.bounce.failed,
        )

    def _own_signs(self, mail: Mail, author: Identity | None) -> list[str]:
        signs = []
        if mail.message_id and tokens_in_message_ids([mail.message_id]):
            signs.append("own-message-id")
        if author and self._is_ours(author.value):
            signs.append("own-address")
        return signs

    def _mailbox(self, recipients: Iterable[str]) -> str:
        """The address of ours that it was sent to, without a tag; "" when none is named."""
        ours = next((one.lower() for one in recipients if self._is_ours(one)), "")
        local, _, domain = ours.rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" if ours else ""

    def _others(self, mail: Mail) -> tuple[Identity, ...]:
        found = (identity for one in (*mail.to, *mail.cc) if (identity := _identity(one)))
        unique = {identity.value: identity for identity in found if not self._is_ours(identity.value)}
        return tuple(unique.values())[:OTHERS]

    def _is_ours(self, address: str) -> bool:
        return address.rpartition("@")[2].lower() in self.domains


def _identity(one: Address) -> Identity | None:
    """None when it has no address that could be a person's."""
    local, _, domain = one.address.rpartition("@")
    if not local or not domain or len(one.address) > ADDRESS:
        return None
    return Identity("mail", one.address.lower(), one.name)


def _refers(mail: Mail) -> tuple[str, ...]:
    """The mails it says that it follows, the nearest first."""
    ids = ([mail.in_reply_to] if mail.in_reply_to else []) + list(reversed(mail.references))
    return tuple(dict.fromkeys(ids))[:REFERS]


def _content_key(mail: Mail, author: Identity | None) -> str | None:
    """The same for the same mail by another road; None when nothing in it sets it apart from its like."""
    if not mail.message_id:
        return None
    parts = (author.value if author else "", mail.message_id, mail.body_hash)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
