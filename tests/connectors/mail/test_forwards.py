import pytest

from bot.model import Forwarded, Identity
from connectors.mail.parse import parse
from tests.connectors.mail.letters import letter, multipart, part

KIM = Identity("mail", "kim@acme.example", "Kim Roe")
FORWARD = "Subject: Fwd: Export\n"
WORDS = "The export is broken.\n\nKim\n"

GMAIL = """---------- Forwarded message ---------
From: Kim Roe <kim@acme.example>
Date: Sun, Feb 1, 2026 at 6:32 PM
Subject: Export
To: <jo@acme.example>


"""
GMAIL_ES = """---------- Mensaje reenviado ---------
De: Kim Roe <kim@acme.example>
Fecha: Sun, Feb 1, 2026 at 6:32 PM
Asunto: Export
Para: <jo@acme.example>

"""
OUTLOOK = """From: Kim Roe <kim@acme.example>
Sent: Sun, Feb 1, 2026 at 6:32 PM
To: Jo Park <jo@acme.example>
Subject: Export

"""
OUTLOOK_DE = """________________________________
Von: Kim Roe <kim@acme.example>
Gesendet: Sun, Feb 1, 2026 at 6:32 PM
An: Jo Park <jo@acme.example>
Betreff: Export

"""
OUTLOOK_DA = """Fra: Kim Roe [mailto:kim@acme.example]
Sendt: Sun, Feb 1, 2026 at 6:32 PM
Til: Jo Park
Emne: Export

"""
OUTLOOK_FR_TWICE = """De : Kim Roe <kim@acme.example<mailto:kim@acme.example>>
Envoyé : Sun, Feb 1, 2026 at 6:32 PM
À : Jo
Objet : Export

"""
THUNDERBIRD_DE = """-------- Weitergeleitete Nachricht --------
Betreff: \tExport
Datum: \tSun, Feb 1, 2026 at 6:32 PM
Von: \tKim Roe <kim@acme.example>
An: \tjo@acme.example


"""
INLINE = {
    "gmail": ("Fwd: Export", GMAIL),
    "gmail in Spanish, with a subject of its own": ("Ayuda", GMAIL_ES),
    "outlook": ("FW: Export", OUTLOOK),
    "outlook in German": ("WG: Export", OUTLOOK_DE),
    "outlook 2010 in Danish": ("VS: Export", OUTLOOK_DA),
    "an address written twice": ("TR: Export", OUTLOOK_FR_TWICE),
    "thunderbird": ("Fwd: Export", THUNDERBIRD_DE),
}
APPLE = """See below.

Begin forwarded message:

> From: Kim Roe <kim@acme.example>
> Subject: Export
> Date: 1 February 2026 at 18:32:10 CET
> To: jo@acme.example
>
> The export is broken.
> > since May
"""


@pytest.mark.parametrize("client", INLINE)
@pytest.mark.parametrize("comment", ["", "Please help them.\n\n"])
def test_the_author_of_what_is_forwarded_is_found(client: str, comment: str) -> None:
    subject, above = INLINE[client]
    mail = parse(letter(f"Subject: {subject}\n", f"{comment}{above}{WORDS}"))
    assert mail.forwarded == Forwarded(KIM, "Export", "The export is broken.\n\nKim", "Sun, Feb 1, 2026 at 6:32 PM")
    assert mail.reply == (comment.strip() or WORDS.strip())


def test_apple_quotes_what_it_forwards() -> None:
    mail = parse(letter(FORWARD, APPLE))
    assert mail.forwarded == Forwarded(KIM, "Export", "The export is broken.", "1 February 2026 at 18:32:10 CET")
    assert mail.reply == "See below."


def test_the_forwarded_words_are_without_their_own_history() -> None:
    history = "\nOn Sat, Jan 31, 2026 at 9:00 AM Lee <lee@acme.example> wrote:\n> Try it.\n"
    assert _forwarded(letter(FORWARD, GMAIL + WORDS + history)).text == WORDS.strip()


def test_of_a_forward_in_a_forward_the_outer_one_counts() -> None:
    mail = _forwarded(letter(FORWARD, f"{GMAIL}See this.\n\n{GMAIL.replace('kim@', 'lee@')}Inner words.\n"))
    assert mail.author == KIM
    assert mail.text == "See this."


def test_a_forward_in_html_alone() -> None:
    html = (
        '<div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>'
        "Van: <b>Kim Roe</b> &lt;kim@acme.example&gt;<br>Date: Sunday<br>Subject: Export<br>To: Jo<br></div>"
        "<p>The export is broken.</p></div>"
    )
    mail = parse(letter("Subject: Fwd: Export\nContent-Type: text/html\n", html))
    assert mail.forwarded == Forwarded(KIM, "Export", "The export is broken.", "Sunday")
    assert mail.reply.strip() == "The export is broken."


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Re: Export", "Thanks!\n\nFrom: Kim Roe <kim@acme.example>\nSent: Sunday\nTo: Jo\nSubject: Export\n\nWords\n"),
        ("Re: Export", f"Thanks!\n\nOn Sun, 1 Feb 2026 at 18:32, Lee <l@x.example> wrote:\n\n{GMAIL}x\n"),
        ("Re: Export", "Thanks!\n\n> ---------- Forwarded message ---------\n> From: Kim <kim@acme.example>\n> x\n"),
        (
            "VS: Export",
            "Kiitos\n\nLähettäjä: Kim <kim@acme.example>\nLähetetty: su\nVastaanottaja: Jo\nAihe: x\n\nHei\n",
        ),
        ("Fwd: Export", "I forward you nothing.\n"),
    ],
    ids=["an answer", "in its history", "in a quote", "a Finnish answer", "no headers"],
)
def test_what_is_no_forward(subject: str, body: str) -> None:
    assert parse(letter(f"Subject: {subject}\n", body)).forwarded is None


@pytest.mark.parametrize("author", ["Kim Roe", "kim@", "<>", "Kim <kim at acme>"])
def test_an_author_without_an_address_is_nobody(author: str) -> None:
    mail = _forwarded(letter(FORWARD, GMAIL.replace("Kim Roe <kim@acme.example>", author) + WORDS))
    assert mail.author is None
    assert mail.text == WORDS.strip()


INNER = b"From: Kim Roe <kim@acme.example>\nSubject: Export\nDate: Sun, 1 Feb 2026 18:32:10 +0100\n\n" + WORDS.encode()
ATTACHED = part("message/rfc822", INNER)


@pytest.mark.parametrize(
    ("subject", "words"), [("Fwd: Export", "Please help them, as I can't do it myself today.\n"), ("Export", "FYI\n")]
)
def test_an_attached_mail_is_what_is_forwarded(subject: str, words: str) -> None:
    mail = parse(multipart(part("text/plain", words), ATTACHED, head=f"Subject: {subject}\n"))
    assert mail.forwarded == Forwarded(KIM, "Export", WORDS.strip(), "Sun, 1 Feb 2026 18:32:10 +0100")


def test_a_mail_attached_to_a_message_of_its_own_is_a_file() -> None:
    words = part("text/plain", "The attached mail of yours has a wrong address in it, please change that.\n")
    assert parse(multipart(words, ATTACHED)).forwarded is None


def test_of_several_attached_mails_none_is_chosen() -> None:
    assert parse(multipart(part("text/plain", "FYI\n"), ATTACHED, ATTACHED, head="Subject: Fwd: x\n")).forwarded is None


def _forwarded(raw: bytes) -> Forwarded:
    found = parse(raw).forwarded
    assert found is not None
    return found
