"""T-HDRINJ: whatever stands in a Parcel, one mail goes out, with our headers, to the recipients that we mean."""

import asyncio
import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import compat32, default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.connector import DeliveryFailed
from bot.model import File, Parcel, ParcelKind, Quoted
from connectors.mail.out import envelope
from connectors.mail.writing.compose import compose
from connectors.mail.writing.identities import Identities, MailIdentity
from connectors.relay import Relay, RelayAddress
from tests.connectors.parcels import MAILBOX, RING, parcel, ready

OURS = {"From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Content-Type", "MIME-Version"}
PERHAPS = {"Cc", "In-Reply-To", "References", "Content-Transfer-Encoding"}
OF_MACHINES = {"Auto-Submitted", "X-Auto-Response-Suppress", "X-Firstline-Loop"}
OF_PARTS = {"Content-Type", "Content-Transfer-Encoding", "Content-Disposition"}

NASTY = st.sampled_from(
    ["\r\nBcc: eve@evil.example\r\n", "\r\n\r\n", "\r\n.\r\n", "\n.\n", "\r.\r", "\nRCPT TO:<eve@evil.example>\n", "\0",
     "\u2028", "\x85", "\ud800", "=?utf-8?q?=0D=0ABcc:_x?=", "> SIZE=1", '"', "\\", ",", ";", "<", ">", "@", "(",
     "--=_", "\x1e", "\u202e", "＠", "ä", "=", "%0d%0a", " "]
)  # fmt: skip
HOSTILE = st.lists(st.text(st.characters(), max_size=40) | NASTY, max_size=5).map("".join)
ADDRESSES = st.just("ann@cust.example") | HOSTILE | HOSTILE.map(lambda text: f"{text}@cust.example")
PEOPLE = st.fixed_dictionaries({"name": HOSTILE, "address": ADDRESSES})
FILES = st.lists(st.builds(File, HOSTILE, HOSTILE, st.binary(max_size=80)), max_size=2).map(tuple)


@st.composite
def parcels(draw: st.DrawFn) -> tuple[Parcel, Identities]:
    """Everything that anybody outside has a hand in, and what the settings hold."""
    address: dict[str, Any] = {
        "to": draw(PEOPLE), "cc": draw(st.lists(PEOPLE, max_size=3)), "mailbox": draw(st.just(MAILBOX) | ADDRESSES),
        "subject": draw(HOSTILE), "message_id": draw(HOSTILE), "references": draw(st.lists(HOSTILE, max_size=3)),
    }  # fmt: skip
    one = parcel(
        address,
        text=draw(HOSTILE),
        language=draw(HOSTILE),
        automatic=draw(st.booleans()),
        kind=draw(st.sampled_from(ParcelKind)),
        quoted=Quoted(draw(HOSTILE), datetime(2026, 1, 2, tzinfo=UTC), draw(HOSTILE)),
        files=draw(FILES),
    )
    return one, Identities(MailIdentity(MAILBOX, draw(HOSTILE), draw(HOSTILE), draw(HOSTILE)))


@settings(max_examples=200, deadline=None)
@given(parcels())
def test_one_mail_with_our_headers_and_no_others(made: tuple[Parcel, Identities]) -> None:
    one, identities = made
    rendered = compose(one, ring=RING, identities=identities)
    assert rendered == compose(one, ring=RING, identities=identities)
    _assert_wire_form(rendered.data)
    mail = message_from_bytes(rendered.data, policy=compat32)
    expected = (OURS if rendered.subject else OURS - {"Subject"}) | (OF_MACHINES if one.automatic else set())
    assert expected <= set(mail.keys()) <= expected | PERHAPS
    assert len(mail.keys()) == len(set(mail.keys()))
    _assert_parts(mail, files=len(one.files))
    _assert_addresses(message_from_bytes(rendered.data, policy=default), one)


@settings(max_examples=60, deadline=None)
@given(st.lists(parcels(), min_size=1, max_size=4))
def test_another_server_sees_exactly_these_mails(made: list[tuple[Parcel, Identities]]) -> None:
    """By a real server of other people: bytes as rendered, dots and all, and the envelope that we mean."""
    sent, seen = asyncio.run(_sent([_rendered(*one) for one in made]))
    assert [(one.sender, sorted(to), one.rendered) for one, to in sent] == [
        (seen_one.mail_from, sorted(seen_one.rcpt_tos), seen_one.original_content) for seen_one in seen
    ]


# ------------------------------------------------------------------ parts


def _assert_wire_form(data: bytes) -> None:
    assert data.isascii()
    assert b"\0" not in data
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert data.endswith(b"\r\n")


def _assert_parts(mail: Message, files: int) -> None:
    parts = list(mail.walk())[1:]
    assert [part.get_content_maintype() for part in parts][:1] == ["multipart" if files else "text"]
    assert [part.get_content_type() for part in parts if part.get_content_disposition() is None][-2:] == [
        "text/plain",
        "text/html",
    ]
    assert sum(part.get_content_disposition() == "attachment" for part in parts) == files
    assert all(set(part.keys()) <= OF_PARTS for part in parts)


def _assert_addresses(mail: EmailMessage, one: Parcel) -> None:
    assert len(mail["From"].addresses) == len(mail["Reply-To"].addresses) == 1
    try:
        addressed = envelope(ready(one))
    except DeliveryFailed:
        return
    written = [address.addr_spec for name in ("To", "Cc") if name in mail for address in mail[name].addresses]
    assert written == [one for one in (addressed.recipient, *addressed.copies) if one.isascii()]
    assert not any("evil" in one.rpartition("@")[2] for one in written)


def _rendered(one: Parcel, identities: Identities) -> Parcel:
    rendered = compose(one, ring=RING, identities=identities)
    return Parcel(**{name: getattr(one, name) for name in Parcel.__slots__}
        | {"rendered": rendered.data, "reference": rendered.reference, "sender": rendered.sender})  # fmt: skip


class _Recording:
    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, taken: Envelope) -> str:  # noqa: N802 (aiosmtpd's)
        self.envelopes.append(taken)
        return "250 OK"


async def _sent(parcels: list[Parcel]) -> tuple[list[tuple[Parcel, list[str]]], list[Envelope]]:
    """The Parcels that were sent, with those whom they should reach; and what the server took."""
    recording, sent = _Recording(), []
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(recording, enable_SMTPUTF8=True, hostname="mx.example"), "127.0.0.1", 0
    )
    async with server:
        port = server.sockets[0].getsockname()[1]
        relay = Relay(RelayAddress.parse(f"smtp://127.0.0.1:{port}"), _never, hostname="desk.example")
        for one in parcels:
            try:
                addressed = envelope(one)
            except DeliveryFailed:  # nobody to send it to
                continue
            receipt = await relay.deliver(one)
            assert receipt.refused == ()
            sent.append((one, [addressed.recipient, *addressed.copies]))
    return sent, recording.envelopes


def _never(parcel: Parcel) -> Any:
    raise AssertionError("it is rendered already")
