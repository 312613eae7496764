"""Small mails that want much: time, memory, or the reader's life. Each is filed, and the mail behind it answered."""

import asyncio
import gzip
import io
import time
import zipfile
from base64 import encodebytes

import pytest

from bot.model import Kind
from tests.attacks.upstream import hand_over
from tests.waiting import until
from tests.walks.desk import Story
from tests.walks.test_mail_walks import QUESTION

FILED = 10.0
"""Seconds until a mail of either sort is filed (the notes' figure), on a machine that does little else."""

HEAD = b"From: mallory@example.net\r\nSubject: hello\r\n"


def nested(depth: int) -> bytes:
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return HEAD + head + b"Content-Type: text/plain\r\n\r\nthe words\r\n"


def parts(number: int) -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\nthe words\r\n" + b"--b\r\n\r\n\r\n" * number


def zipped() -> bytes:
    """Ten megabytes of nothing, in a zip, in a zip: it is an attachment, which nobody unpacks."""
    data = bytes(10**7)
    for name in ("inner.zip", "outer.zip"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(name, data)
        data = packed.getvalue()
    return attached(data, b"application/zip") + attached(gzip.compress(bytes(10**7)), b"application/gzip")


def attached(data: bytes, kind: bytes) -> bytes:
    encoded = encodebytes(data).replace(b"\n", b"\r\n")
    return b"--b\r\nContent-Type: %b\r\nContent-Transfer-Encoding: base64\r\n\r\n%b" % (kind, encoded)


def plain(text: str, *headers: bytes) -> bytes:
    return HEAD + b"".join(one + b"\r\n" for one in headers) + b"\r\n" + text.encode() + b"\r\n"


def html(markup: str) -> bytes:
    return plain(markup, b"Content-Type: text/html; charset=utf-8")


BOMBS = {
    "1,000 nested parts": nested(1000),
    "100,000 parts": parts(100_000),
    "20,000 addresses": plain("words", b"To: " + b", ".join(b"u%d@example.org" % n for n in range(20_000))),
    "a zip in a zip": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + zipped() + b"--b--\r\n",
    "a charset that is none": plain("w\u00f6rds", b"Content-Type: text/plain; charset=punycode"),
    "a charset that decodes to more": plain("+AAA-" * 100_000, b"Content-Type: text/plain; charset=utf-7"),
    "the year 1900": plain("words", b"Date: Mon, 1 Jan 1900 00:00:00 +0000"),
    "the year 2100": plain("words", b"Date: Fri, 1 Jan 2100 00:00:00 +9999"),
    "a date without end": plain("words", b"Date: " + b"1" * 60_000),
}

# The inputs of the notes on mail (sections 5 to 7), ten times as large.
SLOW = {
    "parentheses in From": b"From: " + b"(" * 5000 + b"\r\nSubject: hello\r\n\r\nwords\r\n",
    "10,000 nested parts": nested(10_000),
    "200,000 encoded words": plain("words", b"Subject: " + b" ".join([b"=?utf-8?q?a?="] * 200_000)),
    "200,000 addresses": plain("words", b"Cc: " + b", ".join(b"u%d@example.org" % n for n in range(200_000))),
    "200,000 parts": parts(200_000),
    "20 MB of text": plain("the same line again and again, and nothing else in it\r\n" * 380_000),
    "200,000 elements deep": html("<div>" * 200_000 + "words"),
    "1,000,000 elements deep": html("<b>" * 1_000_000 + "words"),
    "attributions without end": plain("On " * 200_000),
    "an attribution that never says who wrote": plain(
        "On Mon, 2 Mar 2026 at 09:00, Ann <ann@example.org>\r\n" * 12_000
    ),
    "half a million spaces": plain("words" + " " * 500_000 + "words"),
    "quotes in quotes": plain(">" * 600_000 + "\r\n" + "> " * 300_000),
    "lines of nothing": plain("\r\n" * 600_000 + "words"),
    "rules": plain("-" * 300_000 + "\r\n" + "_" * 300_000 + "\r\n" + "-- \r\n" * 100_000),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_t_mimebomb_is_filed_and_nobody_waits_for_it(attacked: Story, name: str) -> None:
    await filed_beside_others(attacked, BOMBS[name])


@pytest.mark.parametrize("name", SLOW)
async def test_t_redos_is_filed_and_nobody_waits_for_it(attacked: Story, name: str) -> None:
    await filed_beside_others(attacked, SLOW[name])


async def filed_beside_others(desk: Story, hostile: bytes) -> None:
    await hand_over(desk.endpoint, hostile)
    began = time.monotonic()
    others = {f"customer{number}@example.org" for number in range(3)}
    await asyncio.gather(*(desk.mail(QUESTION, sender=one) for one in others))
    await until(lambda: others <= answered(desk), FILED, "the others are answered")
    await until(lambda: _filed(desk, 4), began + 2 * FILED - time.monotonic(), "it is filed")
    said = {one.customer and one.customer.value: one for one in await desk.conversations()}
    (hostile_one,) = said.keys() - others
    assert said[hostile_one].messages[0].kind is Kind.MESSAGE


def answered(desk: Story) -> set[str]:
    return {address for mail in desk.relay.mails for address in mail.recipients}


async def test_t_mimebomb_the_same_message_id_is_not_the_same_mail(attacked: Story) -> None:
    for number in range(3):
        await hand_over(attacked.endpoint, plain(f"words {number}", b"Message-ID: <same@example.net>"))
    await until(lambda: _filed(attacked, 3))
    said = [one.text for conversation in await attacked.conversations() for one in conversation.messages if one.arrival]
    assert sorted(text.strip() for text in said) == ["words 0", "words 1", "words 2"]


async def _filed(desk: Story, number: int) -> bool:
    rows = await desk.store.read(lambda look: look.arrivals.since(None, state=None, limit=99))
    return sum(row.state != "kept" for row in rows) == number
