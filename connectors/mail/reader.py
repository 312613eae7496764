"""What a mail means to the desk."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from bot.model import Arrival, Identity, Inbound, Verdict
from connectors.mail.form.addresses import Address
from connectors.mail.form.files import with_safe_names
from connectors.mail.html.safe import safe_html
from connectors.mail.parse import Mail, parse
from connectors.mail.salvage import salvage
from connectors.mail.senders.authentication import Believed
from connectors.mail.threads import Ours, ticket_numbers, tokens_in_addresses, tokens_in_message_ids

REFERS = 20
OTHERS = 40
ADDRESS = 320

_FOR_OTHERS = frozenset({"no-reply", "own-address"})


@dataclass(frozen=True)
class MailReader:
    """Turns a mail into an Inbound. `believed` upstreams may say who sent it.

    What an SMTP envelope says (`from`, `to`) is believed over the headers; without one the headers are all there is.
    """

    ours: Ours
    believed: tuple[Believed, ...] = ()
    isolated: bool = True

    def __call__(self, arrival: Arrival) -> Inbound:
        envelope = arrival.envelope
        peer = str(envelope["peer"]) if "peer" in envelope else None
        mail = parse(arrival.raw, null_return_path=envelope.get("from") == "", believed=self.believed, peer=peer)
        return self._inbound(mail, arrival)

    def salvage(self, arrival: Arrival, reason: str) -> Inbound:
        """What little is sure when reading itself failed; cheap and safe enough for the desk's own process."""
        return self._inbound(salvage(arrival.raw, reason), arrival)

    def _inbound(self, mail: Mail, arrival: Arrival) -> Inbound:
        signs = (*mail.signs, *self._own_signs(mail))
        author, verdict = self._author(mail, signs)
        refers = _refers(mail)
        envelope_to = [str(one) for one in arrival.envelope.get("to") or ()]
        recipients = [*envelope_to, *mail.delivered_to, *(one.address for one in (*mail.to, *mail.cc))]
        bounce = mail.bounce
        mentioned = bounce.mentioned if bounce else ()
        about = (bounce.original_message_id or "") if bounce else ""
        tokens = [*tokens_in_addresses([*recipients, *mentioned], self.ours), *tokens_in_message_ids([*refers, about])]
        others = self._others(mail, author)
        missing = _missing(arrival)
        return Inbound(
            kind=mail.kind,
            author=author,
            subject=mail.subject,
            text=_with_invitation(mail, mail.text),
            reply=_with_invitation(mail, mail.reply),
            elided=mail.elided,
            html=safe_html(mail.html) if mail.html else None,
            attachments=with_safe_names(mail.attachments),
            problems=(*mail.problems, *missing),
            signs=signs,
            key=mail.message_id or "",
            refers=refers,
            tokens=tuple(dict.fromkeys(tokens)),
            content_key=_content_key(mail, author, arrival),
            address={
                "to": self._answer_to(mail, author),
                "cc": [{"name": one.name, "address": one.value} for one in others],
                "mailbox": self._mailbox(recipients),
                "subject": mail.subject,
                "message_id": mail.message_id,
                "references": list(mail.references)[-REFERS:],
            },
            others=others,
            partly=mail.partly or bool(missing),
            verdict=verdict,
            numbers=ticket_numbers(mail.subject),
            forwarded=mail.forwarded,
            about=about,
            undelivered=bounce is not None and bounce.failed,
            outcome=bounce.reason if bounce else "",
        )

    # -------------------------------------------------------------- who

    def _own_signs(self, mail: Mail) -> list[str]:
        signs = []
        if mail.message_id and tokens_in_message_ids([mail.message_id]):
            signs.append("own-message-id")
        if mail.authors and mail.authors[0].address in self.ours:
            signs.append("own-address")
        return signs

    def _author(self, mail: Mail, signs: Iterable[str]) -> tuple[Identity | None, Verdict]:
        """A form that writes as no-reply or as ourselves names the person in Reply-To, whom nobody vouches for."""
        author = _identity(mail.authors[0]) if mail.authors else None
        person = _identity(mail.reply_to[0]) if len(mail.reply_to) == 1 else None
        if person and person.value not in self.ours and not _FOR_OTHERS.isdisjoint(signs):
            return person, Verdict.UNVERIFIED
        return author, mail.verdict

    def _answer_to(self, mail: Mail, author: Identity | None) -> dict[str, str] | None:
        """The author; or where the author asks answers to go, if that is in the same house: mail that has them go to
        strangers would have us write to whomever it likes."""
        if author is None:
            return None
        wanted = _identity(mail.reply_to[0]) if len(mail.reply_to) == 1 else None
        if wanted and wanted.value not in self.ours and _same_house(wanted.value, author.value):
            return {"name": wanted.name or author.name, "address": mail.reply_to[0].address}
        spelt = (one.address for one in (*mail.authors, *mail.reply_to))
        return {"name": author.name, "address": next(one for one in spelt if one.lower() == author.value)}

    def _others(self, mail: Mail, author: Identity | None) -> tuple[Identity, ...]:
        found = (identity for one in (*mail.to, *mail.cc) if (identity := _identity(one)))
        known = author.value if author else ""
        unique = {one.value: one for one in found if one.value not in self.ours and one.value != known}
        return tuple(unique.values())[:OTHERS]

    # -------------------------------------------------------------- whom of us

    def _mailbox(self, recipients: Iterable[str]) -> str:
        """The address of ours that it was sent to, without a tag; "" when none is named."""
        ours = next((one.lower() for one in recipients if one in self.ours), "")
        local, _, domain = ours.rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" if ours else ""


def _identity(one: Address) -> Identity | None:
    """None when it has no address that could be a person's."""
    local, _, domain = one.address.rpartition("@")
    if not local or not domain or len(one.address) > ADDRESS:
        return None
    return Identity("mail", one.address.lower(), one.name)


def _same_house(one: str, other: str) -> bool:
    """At the same domain, or at one beneath the other's."""
    first, second = one.rpartition("@")[2], other.rpartition("@")[2]
    return first == second or first.endswith(f".{second}") or second.endswith(f".{first}")


def _refers(mail: Mail) -> tuple[str, ...]:
    """The mails it says that it follows, the nearest first."""
    ids = ([mail.in_reply_to] if mail.in_reply_to else []) + list(reversed(mail.references))
    return tuple(dict.fromkeys(ids))[:REFERS]


def _with_invitation(mail: Mail, text: str) -> str:
    """What a calendar part asks for is among the sender's words: many invitations have no others."""
    if not mail.invitation or mail.invitation in text:
        return text
    return f"{text}\n\n{mail.invitation}".strip("\n")


def _missing(arrival: Arrival) -> list[str]:
    """What a mailbox did not give us."""
    if reason := arrival.envelope.get("unfetched"):
        return [f"it could not be fetched from the mailbox: {reason}"]
    if arrival.envelope.get("whole") is False:
        return [f"it is too large ({arrival.envelope.get('size', '?')} bytes): only its headers were fetched"]
    return []


def _content_key(mail: Mail, author: Identity | None, arrival: Arrival) -> str | None:
    """The same for the same mail by another road; None when nothing in it sets it apart from its like. A mailbox keeps
    the time of a mail's arrival, also when it numbers its mails anew."""
    there = arrival.envelope.get("internal_date")
    name = mail.message_id or (f"{there}\0{mail.subject}" if there else None)
    if not name:
        return None
    parts = (author.value if author else "", name, mail.body_hash)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
