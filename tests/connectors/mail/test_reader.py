import pickle
from uuid import uuid4

from bot.keyring import KeyRing
from bot.model import Identity, Inbound, Kind
from connectors.mail.reader import MailReader
from connectors.mail.threads import ADDRESS, MESSAGE_ID, Ours, message_id, reply_address
from tests.connectors.mail.letters import ANN, arrival, letter

READER = MailReader(Ours(frozenset({"desk.example"})))
RING = KeyRing({"a": b"k" * 32}, "a")


def read(
    head: str = "", body: str = "Please help me.\n", *, envelope: dict[str, object] | None = None, sender: str = ANN
) -> Inbound:
    return READER(arrival(letter(head, body, sender=sender), envelope))


def test_a_reader_can_be_sent_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(READER)) == READER


def test_the_author_is_known_by_the_address_in_lower_case() -> None:
    assert read(sender="From: Ann <Ann@Example.org>\n").author == Identity("mail", "ann@example.org", "Ann")


def test_nobody_is_the_author_of_a_mail_that_names_none() -> None:
    assert read(sender="From: <>\n").author is None


def test_keys_come_nearest_first_and_once() -> None:
    found = read("Message-ID: <m@x>\nIn-Reply-To: <c@x>\nReferences: <a@x> <b@x>\n <c@x>\n")
    assert (found.key, found.refers) == ("m@x", ("c@x", "b@x", "a@x"))
    assert found.address["references"] == ["a@x", "b@x", "c@x"]


def test_a_flood_of_references_is_cut_to_the_newest() -> None:
    found = read("References: " + "\n ".join(f"<r{i}@x>" for i in range(500)) + "\n")
    assert found.refers[0] == "r499@x"
    assert len(found.refers) == len(found.address["references"]) == 20


def test_the_address_says_how_to_answer() -> None:
    found = read(
        "Subject: Help\nMessage-ID: <m@x>\n", envelope={"from": "ann@example.org", "to": ["Sales+tag@desk.example"]}
    )
    assert found.address == {
        "to": {"name": "Ann", "address": "ann@example.org"},
        "cc": [],
        "mailbox": "sales@desk.example",
        "subject": "Help",
        "message_id": "m@x",
        "references": [],
    }


def test_without_an_envelope_the_headers_name_the_mailbox() -> None:
    assert read("To: Bo <bo@example.org>\nCc: help@desk.example\n").address["mailbox"] == "help@desk.example"


def test_tokens_are_found_in_recipients_and_references() -> None:
    token = RING.sign(uuid4(), ADDRESS)
    ours = message_id(uuid4(), RING.sign(uuid4(), MESSAGE_ID), "desk.example")
    tagged = reply_address("support@desk.example", token)
    for head, envelope in ((f"Cc: {tagged}\n", {}), (f"Delivered-To: {tagged}\n", {}), ("", {"to": [tagged]})):
        assert (ADDRESS, token) in read(head, envelope=envelope).tokens
    assert MESSAGE_ID in dict(read(f"References: <{ours}>\n").tokens)


def test_tokens_at_other_peoples_domains_are_not_ours() -> None:
    assert read(f"To: {reply_address('support@other.example', RING.sign(uuid4(), ADDRESS))}\n").tokens == ()


def test_the_same_mail_by_another_road_has_the_same_content_key() -> None:
    one = read("Message-ID: <m@x>\n")
    assert one.content_key
    assert read("Received: elsewhere\nMessage-ID: <m@x>\n").content_key == one.content_key
    assert read("Message-ID: <m@x>\n", "Other words.\n").content_key != one.content_key
    assert read("Message-ID: <m@x>\n", sender="From: bo@example.org\n").content_key != one.content_key
    assert read().content_key is None


def test_others_are_those_who_are_not_ours() -> None:
    found = read("To: Bo <bo@example.org>, support@desk.example\nCc: BO@example.org, cy@example.org\n")
    assert [one.value for one in found.others] == ["bo@example.org", "cy@example.org"]


def test_our_own_marks_are_signs() -> None:
    own = message_id(uuid4(), RING.sign(uuid4(), MESSAGE_ID), "desk.example")
    assert read(f"Message-ID: <{own}>\n", sender="From: support@desk.example\n").signs == (
        "own-message-id",
        "own-address",
    )


def test_the_envelope_without_a_sender_is_believed_over_the_header() -> None:
    assert "null-return-path" in read("Return-Path: <ann@example.org>\n", envelope={"from": ""}).signs


def test_salvage_files_what_is_sure() -> None:
    raw = letter("Subject: Help\nMessage-ID: <m@x>\nAuto-Submitted: auto-replied\n", "Please help me.\n")
    found = READER.salvage(arrival(raw), "it hung")
    assert found.author == Identity("mail", "ann@example.org")
    assert (found.subject, found.key, found.text, found.kind) == ("Help", "m@x", "Please help me.", Kind.MESSAGE)
    assert found.partly
    assert "auto-submitted" in found.signs
    assert any("it hung" in problem for problem in found.problems)
