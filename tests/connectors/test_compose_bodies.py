"""What a mail of ours says: two bodies, a signature, the customer's words, files."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.keyring import KeyRing
from bot.model import File, Parcel, ParcelKind, Quoted
from connectors.mail.parse import parse
from connectors.mail.writing.compose import compose
from connectors.mail.writing.identities import Identities, MailIdentity
from connectors.mail.writing.letter import LONGEST_IN_HTML, safe_name, safe_type
from connectors.mail.writing.quoting import MOST_LETTERS, MOST_LINES
from tests.connectors.parcels import ADDRESS, DESK, MAILBOX, RING, parcel, render

SAID = Quoted("Ann", datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "Where is it?\n\n> You said Monday.\n")
ARRIVED = "It has arrived, hasn't it?\n\nBea"


def _agents(text: str = ARRIVED, **more: Any) -> Parcel:
    return parcel(**({"text": text, "kind": ParcelKind.AGENT, "automatic": False, "quoted": SAID} | more))


def _mail(one: Parcel, identities: Identities = DESK) -> EmailMessage:
    return message_from_bytes(compose(one, ring=RING, identities=identities).data, policy=default)


def _body(mail: EmailMessage, subtype: str = "plain") -> str:
    part = mail.get_body((subtype,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


# ------------------------------------------------------------------ two bodies


def test_a_mail_has_its_words_twice_plain_first() -> None:
    mail = _mail(parcel(text="Hallo,\n\n- eins\n- zwei\n", language="de"))
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert _body(mail).startswith("Hallo,\n\n- eins\n- zwei\n")
    assert '<html lang="de">' in _body(mail, "html")
    assert '<li dir="auto">zwei</li>' in _body(mail, "html")


def test_the_html_of_an_agents_words_says_the_language_that_they_are_in() -> None:
    german = _agents("Guten Tag, Ihr Paket ist noch nicht da, aber es kommt morgen mit der Post.")
    assert '<html lang="de">' in _body(_mail(german), "html")
    boxes = Identities(MailIdentity(MAILBOX, "Desk", language="fr"))
    assert '<html lang="fr">' in _body(_mail(_agents("OK"), boxes), "html")


def test_a_very_long_text_goes_without_html() -> None:
    mail = _mail(parcel(text="x" * (LONGEST_IN_HTML + 1)))
    assert mail.get_content_type() == "text/plain"


# ------------------------------------------------------------------ who speaks


BILLING = MailIdentity("billing@desk.example", "Billing", "The billing team\nhttps://desk.example", quotes=False)
GMAIL = MailIdentity("help.desk@gmail.example", "Help", polled=True)
LONG = MailIdentity("all-the-help-there-is.ever@gmail.example", "Help", polled=True)
BOXES = Identities(MailIdentity(MAILBOX, "Desk", "Desk team"), {one.address: one for one in (BILLING, GMAIL, LONG)})


@pytest.mark.parametrize(
    ("mailbox", "sender"),
    [
        ("billing@desk.example", "Billing <billing@desk.example>"),
        ("BILLING@desk.example", "Billing <billing@desk.example>"),
        ("help.desk@gmail.example", "Help <help.desk@gmail.example>"),
        ("sales@desk.example", "Desk <sales@desk.example>"),
        ("", "Desk <support@desk.example>"),
    ],
)
def test_a_mail_comes_from_the_mailbox_that_was_written_to(mailbox: str, sender: str) -> None:
    assert _mail(parcel({"mailbox": mailbox}), BOXES)["From"] == sender


def test_a_signature_stands_under_the_words_and_is_trimmed_by_others() -> None:
    mail = _mail(_agents(address=ADDRESS | {"mailbox": BILLING.address}), BOXES)
    assert _body(mail) == f"{ARRIVED}\n\n-- \nThe billing team\nhttps://desk.example\n"
    assert '<div class="signature" dir="auto">-- <br>\nThe billing team<br>\n' in _body(mail, "html")
    assert parse(mail.as_bytes()).reply.strip() == ARRIVED


@pytest.mark.parametrize("kind", [ParcelKind.ESCALATION, ParcelKind.ALERT, ParcelKind.NOTICE])
def test_what_is_for_agents_has_no_signature(kind: ParcelKind) -> None:
    assert "-- " not in _body(_mail(parcel(kind=kind), BOXES))


def test_a_polled_mailbox_is_answered_with_the_token_and_sends_as_itself() -> None:
    rendered = compose(parcel({"mailbox": GMAIL.address}), ring=RING, identities=BOXES)
    mail = message_from_bytes(rendered.data, policy=default)
    assert mail["Reply-To"].startswith("help.desk+")
    assert mail["Reply-To"].endswith("@gmail.example")
    assert rendered.sender == GMAIL.address
    assert _mail(parcel({"mailbox": LONG.address}), BOXES)["Reply-To"] == LONG.address


# ------------------------------------------------------------------ the customer's words


def test_an_agents_reply_quotes_what_it_answers_and_others_trim_it() -> None:
    mail = _mail(_agents())
    head = "On 2026-01-02 at 03:04 UTC, Ann wrote:"
    assert _body(mail) == f"{ARRIVED}\n\n{head}\n> Where is it?\n>\n>> You said Monday.\n"
    assert f'<p dir="auto">{head}</p>\n<blockquote type="cite" dir="auto">Where is it?' in _body(mail, "html")
    assert parse(mail.as_bytes()).reply.strip() == ARRIVED


@pytest.mark.parametrize(
    ("words", "head"),
    [
        ("Wo ist mein Paket? Ich warte schon seit einer Woche.", "Am 2026-01-02 um 03:04 UTC schrieb Ann:"),
        ("Où est mon colis ? Je vous ai écrit, merci.", "Le 2026-01-02 à 03:04 UTC, Ann a écrit :"),
        ("¿Dónde está mi paquete? Gracias por la ayuda.", "El 2026-01-02 a las 03:04 UTC, Ann escribió:"),
        ("Dove è il mio pacco? Grazie, vorrei una risposta.", "On 2026-01-02 at 03:04 UTC, Ann wrote:"),
    ],
)
def test_the_line_above_is_in_the_customers_language_and_known_to_our_own_reader(words: str, head: str) -> None:
    mail = _mail(_agents(quoted=Quoted("Ann", SAID.said_at, words)))
    assert head in _body(mail).splitlines()
    assert parse(mail.as_bytes()).reply.strip() == ARRIVED


@pytest.mark.parametrize("change", [{"automatic": True}, {"kind": ParcelKind.ANSWER}, {"quoted": None}])
def test_nothing_but_an_agents_reply_quotes_anybody(change: dict[str, Any]) -> None:
    """T-BACKSCATTER: whoever forges a sender would have us carry words to a stranger."""
    assert "Where is it?" not in render(_agents(**change)).data.decode()


def test_a_mailbox_may_never_quote() -> None:
    never = Identities(MailIdentity(MAILBOX, "Desk", quotes=False))
    assert "Where is it?" not in _body(_mail(_agents(), never))


@pytest.mark.parametrize("text", ["\n".join(map(str, range(500))), "\n".join(["x" * 500] * 90), "y" * 20_000])
def test_of_many_words_the_last_are_quoted(text: str) -> None:
    quoted = _body(_mail(_agents(quoted=Quoted("Ann", SAID.said_at, text)))).partition("wrote:\n")[2].splitlines()
    assert quoted[0] == "> […]"
    assert len(quoted) <= MOST_LINES + 1
    assert sum(map(len, quoted)) <= MOST_LETTERS + 3 * len(quoted)
    assert [line.removeprefix("> ") for line in quoted[1:]] == text.splitlines()[
        len(text.splitlines()) + 1 - len(quoted) :
    ]


def test_a_name_can_end_no_line() -> None:
    mail = _mail(_agents(quoted=Quoted("Ann\r\nBcc: x@y.example\n" + "z" * 500, SAID.said_at, "Hello?")))
    (line,) = [line for line in _body(mail).splitlines() if line.startswith("On ")]
    assert line.startswith("On 2026-01-02 at 03:04 UTC, Ann Bcc: x@y.example zzz")
    assert len(line) < 120


# ------------------------------------------------------------------ files

PDF = File("Rechnung März.pdf", "application/pdf", b"%PDF\r\n\n\r\0\xff")


def test_files_arrive_byte_for_byte_beside_both_bodies() -> None:
    log = File("log.txt", "text/plain", b"a\nb\r\n.\n\xe4")
    mail = _mail(_agents(files=(PDF, log)))
    assert mail.get_content_type() == "multipart/mixed"
    assert _body(mail).startswith(ARRIVED)
    assert _body(mail, "html")
    found = list(mail.iter_attachments())
    assert [(one.get_filename(), one.get_content_type()) for one in found] == [
        ("Rechnung März.pdf", "application/pdf"),
        ("log.txt", "text/plain"),
    ]
    assert [one.get_payload(decode=True) for one in found] == [PDF.data, log.data]
    assert [one["Content-Transfer-Encoding"] for one in found] == ["base64", "base64"]
    assert {one.get_content_disposition() for one in found} == {"attachment"}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\bea\\bill.pdf", "bill.pdf"),
        ("=??Q?=00", "=_?Q?=00"),
        ("a\r\nContent-Type: text/html\r\n\r\nx.pdf", "html x.pdf"),
        ('a"; filename="b.exe', 'a"; filename="b.exe'),
        ("gpj\u202eexe.pdf", "gpjexe.pdf"),
        (".hidden ", "hidden"),
        ("", "file"),
        ("..", "file"),
        ("a/", "file"),
        ("x" * 500 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_of_files(name: str, safe: str) -> None:
    assert safe_name(name) == safe
    (found,) = _mail(_agents(files=(File(name, "application/pdf", b"x"),))).iter_attachments()
    assert found.get_filename() == safe


@pytest.mark.parametrize(
    ("type_", "safe"),
    [
        ("Image/SVG+XML", "image/svg+xml"),
        ("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
        ("multipart/mixed", "application/octet-stream"),
        ("message/rfc822", "application/octet-stream"),
        ("text/plain; charset=x\r\nBcc: y", "application/octet-stream"),
        ("text", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_types_of_files(type_: str, safe: str) -> None:
    assert safe_type(type_) == safe
    (found,) = _mail(_agents(files=(File("a", type_, b"x"),))).iter_attachments()
    assert found.get_content_type() == safe


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_no_words_and_no_file_can_end_a_part(data: bytes) -> None:
    closing = "".join(
        f"--{part.get_boundary()}--\r\n" for part in _mail(_agents(files=(PDF,))).walk() if part.is_multipart()
    )
    assert closing.count("--\r\n") == 2
    file = File(closing, closing, closing.encode() + data)
    mail = _mail(_agents(closing + data.decode("latin-1"), quoted=None, files=(file,)))
    assert [part.get_content_type() for part in mail.iter_parts()] == [
        "multipart/alternative",
        "application/octet-stream",
    ]
    (found,) = mail.iter_attachments()
    assert found.get_payload(decode=True) == file.data
    assert _body(mail).startswith(closing.replace("\r\n", "\n"))


def test_another_key_ring_changes_no_boundary() -> None:
    other = KeyRing({"b": b"x" * 32}, "b")
    one = _agents(files=(PDF,))
    first, second = (
        compose(one, ring=ring, identities=DESK).data.partition(b"MIME-Version")[2] for ring in (RING, other)
    )
    assert first == second
