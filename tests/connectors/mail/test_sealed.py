"""Mail in wrappings of S/MIME, OpenPGP and Outlook."""

import base64

import pytest

from connectors.mail.form.sealed import signed_content
from connectors.mail.parse import parse
from tests.connectors.mail.letters import letter, multipart, part

DATA = bytes.fromhex("06092a864886f70d010701")
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
ENVELOPED_DATA = bytes.fromhex("06092a864886f70d010703")


def element(tag: int, *inside: bytes) -> bytes:
    content = b"".join(inside)
    return bytes([tag, 0x82]) + len(content).to_bytes(2, "big") + content


def endless(tag: int, *inside: bytes) -> bytes:
    return bytes([tag, 0x80]) + b"".join(inside) + b"\0\0"


def cms(octets: bytes, kind: bytes = SIGNED_DATA) -> bytes:
    """RFC 5652, section 3 and 5, without signers."""
    holder = element(0x30, DATA, element(0xA0, octets))
    return element(0x30, kind, element(0xA0, element(0x30, b"\x02\x01\x01", element(0x31), holder, element(0x31))))


def smime(structure: bytes) -> bytes:
    head = "Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: base64\n"
    return letter(head, base64.encodebytes(structure))


@pytest.mark.parametrize(
    "octets",
    [
        element(0x04, b"Content-Type: text/plain\n\nSigned words.\n"),
        element(0x24, element(0x04, b"Content-Type: text/plain\n\nSigned"), element(0x04, b" words.\n")),
        endless(0x24, element(0x04, b"Content-Type: text/plain\n\n"), element(0x04, b"Signed words.\n")),
    ],
    ids=["whole", "in pieces", "without a length"],
)
def test_words_inside_an_opaque_signature_are_read(octets: bytes) -> None:
    mail = parse(smime(cms(octets)))
    assert mail.text == "Signed words."
    assert mail.problems == ("its words were inside an S/MIME signature, which was not checked",)
    assert [one.name for one in mail.attachments] == ["smime.p7m"]


@pytest.mark.parametrize(
    "raw",
    [
        smime(cms(element(0x04, b"x"), ENVELOPED_DATA)),
        multipart(
            part("application/pgp-encrypted", "Version: 1\n"), part("application/octet-stream", "x"), kind="encrypted"
        ),
        letter(body="-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n"),
    ],
    ids=["S/MIME", "PGP/MIME", "PGP in the text"],
)
def test_what_is_encrypted_is_kept_and_said(raw: bytes) -> None:
    mail = parse(raw)
    assert "it is encrypted; it can't be read here" in mail.problems
    assert mail.attachments or mail.text


def test_a_detached_signature_is_no_trouble() -> None:
    signed = multipart(part("text/plain", "Hi\n"), part("application/pgp-signature", "x"), kind="signed")
    assert (parse(signed).text, parse(signed).problems) == ("Hi", ())


def test_outlooks_own_format_is_kept_and_said() -> None:
    mail = parse(multipart(part("text/plain", "Hi\n"), part("application/ms-tnef; name=winmail.dat", "x")))
    assert "some of its content is in a format of Outlook (winmail.dat)" in mail.problems


def test_a_broken_structure_holds_nothing() -> None:
    whole = cms(endless(0x24, element(0x04, b"words")))
    for length in range(len(whole)):
        assert signed_content(whole[:length]) in (None, b"", *(b"words"[:n] for n in range(6)))
