import time

import pytest

from connectors.mail.form.addresses import MOST, addresses


def read(text: str) -> list[tuple[str, str]]:
    return [(one.name, one.address) for one in addresses(text.encode())[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ann@example.org", [("", "ann@example.org")]),
        ("Ann Lee <ann@example.org>", [("Ann Lee", "ann@example.org")]),
        ('"Lee, Ann" <ann@example.org>, bo@example.org', [("Lee, Ann", "ann@example.org"), ("", "bo@example.org")]),
        ("ann@example.org (Ann)", [("Ann", "ann@example.org")]),
        ("=?utf-8?q?Lee=2C_Zo=C3=AB?= <zoe@example.org>", [("Lee, Zoë", "zoe@example.org")]),
        ("Team: ann@example.org, Bo <bo@example.org>;", [("", "ann@example.org"), ("Bo", "bo@example.org")]),
        ("undisclosed-recipients:;", []),
        ("Max | [e.com] <k@e.com>", [("Max | [e.com]", "k@e.com")]),
        ('"boss@corp.example" <mallory@evil.example>', [("boss@corp.example", "mallory@evil.example")]),
        ("<@a.example,@b.example:ann@example.org>", [("", "ann@example.org")]),
        ("Ann <ann @ example.org>", [("Ann", "ann@example.org")]),
        ("((((ann@example.org", [("", "ann@example.org")]),
        ("(" * 3000 + ")" * 3000 + " ann@example.org", [("", "ann@example.org")]),
        ("Ann", [("Ann", "")]),
        ("", []),
    ],
)
def test_addresses_as_people_write_them(text: str, expected: list[tuple[str, str]]) -> None:
    assert read(text) == expected


def test_an_address_hidden_in_an_encoded_word_is_only_a_name() -> None:
    assert read("=?utf-8?q?boss=40corp.example?= <mallory@evil.example>") == [
        ("boss@corp.example", "mallory@evil.example")
    ]


def test_more_addresses_than_can_be_read_are_cut() -> None:
    found, more = addresses(b", ".join(b"u%d@example.org" % i for i in range(MOST + 5)))
    assert len(found) == MOST
    assert more


@pytest.mark.parametrize("piece", ["a@:", '"\\', "(", "<", "@", "a@b ", "g:;", ",", '"<', "(\\"])
def test_time_grows_with_the_length_only(piece: str) -> None:
    began = time.process_time()
    addresses((piece * 65536)[:65536].encode())
    assert time.process_time() - began < 0.5
