"""Whom to believe: Authentication-Results count from a believed upstream alone, and only as it surely meant them."""

import pickle
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import FORGED, Verdict
from connectors.mail.form.addresses import addresses
from connectors.mail.form.headers import HEADER, split
from connectors.mail.form.problems import Problems
from connectors.mail.senders.authentication import SPAM, Authentication, Believed, authenticated
from connectors.mail.senders.authentication_results import Result, results_of

MX = "mx.desk.example"
EDGE = Believed(MX, ("192.0.2.0/24", "2001:db8::1"))
MAILBOX = Believed(MX)
PASS = "dmarc=pass (p=none dis=none) header.from=cust.example"
ANN = "From: Ann <ann@cust.example>\n"
HOP = "Received: from a by b; Mon, 2 Mar 2026 09:00:00 +0000\n"


def judged(head: str, *believed: Believed, peer: str | None = "192.0.2.7") -> Authentication:
    headers, _ = split(head.encode("utf-8", "surrogateescape") + b"\n", 0, Problems())
    authors = [one for value in headers.every("from") for one in addresses(value)[0]]
    return authenticated(headers, authors, believed or (EDGE,), peer)


def said(results: str, sender: str = ANN) -> Authentication:
    """What the upstream says of a mail, by SMTP."""
    return judged(f"Authentication-Results: {MX}; {results}\n{sender}")


# ------------------------------------------------------------------ who says it


@pytest.mark.parametrize("peer", ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1"])
def test_an_upstream_is_believed_from_its_networks(peer: str) -> None:
    assert judged(f"Authentication-Results: {MX}; {PASS}\n{ANN}", peer=peer) == (Verdict.VERIFIED, (), ())


@pytest.mark.parametrize("peer", ["198.51.100.7", "2001:db8::2", "", "nonsense", None])
def test_the_same_words_from_elsewhere_count_for_nothing(peer: str | None) -> None:
    head = f"Authentication-Results: {MX}; {PASS}\nX-Spam-Flag: YES\n{ANN}"
    assert judged(head, peer=peer) == (Verdict.UNVERIFIED, (), ())


@pytest.mark.parametrize(
    "server",
    ["mx.evil.example", "x.mx.desk.example", f"{MX}.evil.example", '""', "", f'"{MX}"', f"(a) {MX}", f"{MX}(a)"],
)
def test_results_of_others_count_for_nothing(server: str) -> None:
    assert judged(f"Authentication-Results: {server}; {PASS}\n{ANN}").verdict is Verdict.UNVERIFIED
    nobody = Believed("", ("192.0.2.0/24",))
    assert judged(f"Authentication-Results: {server}; {PASS}\n{ANN}", nobody).verdict is Verdict.UNVERIFIED


@pytest.mark.parametrize("server", [MX.upper(), f"{MX} 1", f"{MX} (our edge)", f"\n {MX}"])
def test_its_id_may_be_written_in_other_ways(server: str) -> None:
    assert judged(f"Authentication-Results: {server}; {PASS}\n{ANN}").verdict is Verdict.VERIFIED


@pytest.mark.parametrize("name", ["ARC-Authentication-Results", "X-Authentication-Results", "Received-SPF"])
def test_other_headers_are_not_believed(name: str) -> None:
    assert judged(f"{name}: {MX}; {PASS}\n{ANN}").verdict is Verdict.UNVERIFIED


def test_only_its_topmost_results_count() -> None:
    forged = f"Authentication-Results: {MX}; {PASS}\n"
    for above in ("dmarc=fail header.from=cust.example", "none", "spf=none smtp.mailfrom=cust.example", "(unreadable"):
        head = f"Authentication-Results: {MX}; {above}\n{forged}{ANN}"
        assert judged(head).verdict is Verdict.UNVERIFIED
        assert judged(head, MAILBOX, peer=None).verdict is Verdict.UNVERIFIED
    of_another = "Authentication-Results: mx.evil.example; dmarc=fail header.from=cust.example\n"
    assert judged(of_another + forged + ANN) == (Verdict.VERIFIED, (), ())


def test_what_came_back_with_an_older_mail_is_not_its_work() -> None:
    results = f"Authentication-Results: {MX}; {PASS}\n"
    assert judged(HOP + results + HOP + ANN).verdict is Verdict.VERIFIED
    assert judged(HOP + HOP + results + ANN).verdict is Verdict.UNVERIFIED
    # A provider's own hops lie between its door and the mailbox.
    assert judged(HOP + HOP + results + ANN, MAILBOX, peer=None).verdict is Verdict.VERIFIED


def test_a_spam_mark_counts_from_a_believed_upstream_alone() -> None:
    for mark in (
        "X-Spam-Flag: YES\n",
        "X-Spam-Status: Yes, score=9.1 required=5\n",
        "X-Bogosity: Spam, tests=bogofilter\n",
        "X-MS-Exchange-Organization-SCL: 9\n",
    ):
        assert judged(mark + ANN) == (Verdict.UNVERIFIED, (SPAM,), ())
        assert judged(mark + ANN, peer="198.51.100.7").signs == ()
    clean = "X-Spam-Flag: NO\nX-Spam-Status: No, score=-1\nX-MS-Exchange-Organization-SCL: -1\n"
    assert judged(clean + ANN).signs == ()


def test_whom_to_believe_can_be_handed_to_a_reading_child() -> None:
    assert pickle.loads(pickle.dumps(EDGE)) == EDGE


# ------------------------------------------------------------------ what it says


@pytest.mark.parametrize(
    "results",
    [
        "dmarc=pass header.from=CUST.example",
        "DMARC=Pass header.from=ann@cust.example",
        'dmarc=pass (p="none" (nested)) header.from="cust.example"',
        "dmarc/1=pass header.from = cust.example",
        "spf=fail smtp.mailfrom=list.example; dkim=none; dmarc=pass header.from=cust.example",
        "dmarc=pass action=none header.from=cust.example; compauth=pass reason=100",
        'spf=pass smtp.mailfrom="a; b"@bounces.example; dmarc=pass reason="a; b" header.from=cust.example',
        "dkim=pass header.d=cust.example header.s=s1 header.b=Ab/c+d==",
        "dkim=fail header.d=a.example; dkim=pass (2048-bit key) header.i=@cust.example",
        "spf=pass (192.0.2.9 is permitted) smtp.mailfrom=ann+tag@cust.example; dkim=none (no signature)",
    ],
)
def test_an_authenticated_domain_verifies_its_mail(results: str) -> None:
    assert said(results) == (Verdict.VERIFIED, (), ())


@pytest.mark.parametrize(
    "results",
    [
        "none",
        "dmarc=none header.from=cust.example",
        "dmarc=temperror header.from=cust.example",
        "dmarc=bestguesspass header.from=cust.example",
        "dmarc=pass",
        "dmarc=pass header.from=evil.example",
        "dmarc=pass header.from=sub.cust.example",
        "dmarc=pass header.from=cust.example.",
        "dmarc=pass header.from=cust.example header.from=evil.example",
        "dmarc=pass header.from=evil.example header.from=cust.example",
        "dmarc=pass header.from=evil.example; dmarc=pass header.from=cust.example",
        "dmarc=pass header.from=cust.example; dmarc=pass header.from=evil.example",
        "dmarc=none; dkim=pass header.d=cust.example",
        "dkim=pass header.d=evil.example",
        "dkim=pass header.d=sub.cust.example",
        "dkim=pass header.d=example",
        "dkim=pass",
        "spf=pass smtp.helo=cust.example",
        "spf=pass smtp.mailfrom=bounces.cust.example",
        "arc=pass header.d=cust.example",
        "x-dmarc=pass header.from=cust.example",
        "dmarc/2=pass header.from=cust.example",
    ],
)
def test_anything_less_does_not(results: str) -> None:
    assert said(results) == (Verdict.UNVERIFIED, (), ())


def test_who_owns_a_domain_answers_for_those_below_it() -> None:
    below = "From: ann@shop.cust.example\n"
    assert said("dkim=pass header.d=cust.example", below).verdict is Verdict.VERIFIED
    assert said("dkim=pass header.d=example", below).verdict is Verdict.UNVERIFIED
    assert said("dkim=pass header.d=ust.example", ANN).verdict is Verdict.UNVERIFIED


@pytest.mark.parametrize(
    ("results", "signs"),
    [
        ("dmarc=fail (p=reject) header.from=cust.example", (FORGED,)),
        ("dkim=fail header.d=cust.example; spf=softfail smtp.mailfrom=ann@cust.example", (FORGED,)),
        ("dkim=fail header.d=cust.example; spf=pass smtp.mailfrom=list.example", ()),
        ("dkim=none; spf=fail smtp.mailfrom=ann@cust.example", ()),
        ("dkim=fail; spf=fail; dmarc=none header.from=cust.example", ()),
    ],
)
def test_a_failure_is_a_sign(results: str, signs: tuple[str, ...]) -> None:
    assert said(results) == (Verdict.UNVERIFIED, signs, ())


@pytest.mark.parametrize(
    "results",
    [
        "dmarc=pass (never closed header.from=cust.example",
        "dmarc=pass ) header.from=cust.example",
        'dmarc=pass header.from="cust.example',
        "spf=pass smtp.mailfrom=x@cust.example(.evil.example",
        "spf=pass smtp.mailfrom=x@cust.example(x).evil.example",
        'dmarc=pass (a ") ; dmarc=pass header.from=cust.example; spf=pass (") header.from=cust.example',
        "dmarc=pass header.from=cust.example\\",
        "dmarc=pass header.from=cust.example; spf=pass smtp.mailfrom=\0x",
        "dmarc=pass header.from=cust.example; spf=pass\rsmtp.mailfrom=x",
    ],
)
def test_what_can_be_read_in_two_ways_is_not_read_and_that_is_told(results: str) -> None:
    verdict, signs, problems = said(results)
    assert (verdict, signs) == (Verdict.UNVERIFIED, ())
    assert problems == (f"what {MX} says about its sender can't be read",)


def test_a_version_that_is_not_known_is_not_read() -> None:
    assert judged(f"Authentication-Results: {MX} 2; {PASS}\n{ANN}").problems
    assert results_of(b"a.example; b=c d.e=f d.g=h").results == (Result("b", "c", {"d.e": "f", "d.g": "h"}),)


# ------------------------------------------------------------------ about whom


@pytest.mark.parametrize(
    "sender",
    [
        "ann@cust.example",
        "<ANN@Cust.Example>",
        '"Lee, Ann: sales" <ann@cust.example>',
        "=?utf-8?q?Zo=C3=AB?= <ann@cust.example>",
        "Zoë <ann@cust.example>",
        '"ann@cust.example" <ann@cust.example>',
        "Ann\n\t<ann@cust.example>",
    ],
)
def test_an_author_that_everybody_reads_alike(sender: str) -> None:
    assert said(PASS, f"From: {sender}\n").verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "Ann",
        "ann@cust.example, bo@cust.example",
        "Team: ann@cust.example;",
        "ann@cust.example (Ann)",
        "(x) ann@cust.example",
        "Ann <ann(x)@cust.example>",
        "Ann <ann@cust.example> bo@evil.example",
        '"bo@evil.example" <ann@cust.example>',
        "=?utf-8?q?bo=40evil.example?= <ann@cust.example>",
        "<@evil.example:ann@cust.example>",
        '"ann"@cust.example',
        "ann\\@x@cust.example",
        "=?utf-8?q?ann?=@cust.example",
        "ann@cust.example.",
        "ann@cust_x.example",
        "ann@[192.0.2.1]",
        "ann@cust.example\0.evil.example",
        "ann@cust.example\r.evil.example",
        "ann@cüst.example",
        "ann@evil.example@cust.example",
    ],
)
def test_an_author_that_somebody_may_read_otherwise(sender: str) -> None:
    assert said(PASS, f"From: {sender}\n").verdict is Verdict.UNVERIFIED


def test_two_from_are_nobody_and_an_account_is_not_its_neighbour() -> None:
    assert said(PASS, ANN + ANN).verdict is Verdict.UNVERIFIED
    assert said(PASS, "To: x@y.example\n").verdict is Verdict.UNVERIFIED
    neighbour = f"spf=pass smtp.mailfrom=mallory@cust.example; {PASS}"
    assert said(neighbour).verdict is Verdict.UNVERIFIED


# ------------------------------------------------------------------ whatever it is


@pytest.mark.parametrize(
    "piece", ["(", ")", "()", '"', '\\"', "; ", "a=b ", "=", " ", "dmarc=pass;", "(a ", '"" ', "\\", "(\\", ".a"]
)
def test_time_grows_with_the_length_only(piece: str) -> None:
    began = time.process_time()
    for text in (f"{MX}; dmarc=pass " + piece * HEADER, f'{MX}; dmarc=pass x="' + piece * HEADER):
        results_of(text[:HEADER].encode())
        judged(f"From: {text[:HEADER]}\n")
    assert time.process_time() - began < 1


@given(
    st.lists(st.sampled_from(["(", ")", '"', "\\", ";", "=", " ", "\t", "\n ", "\0", "é", "dmarc", "pass", MX, "."]))
)
def test_reading_never_fails(pieces: list[str]) -> None:
    results_of("".join(pieces).encode())
    assert said("".join(pieces)).verdict is Verdict.UNVERIFIED


# ------------------------------------------------------------------ a server without a name

MICROSOFT = (
    "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=cust.example; dkim=pass (signature was verified)"
    " header.d=cust.example;dmarc=pass action=none header.from=cust.example;compauth=pass reason=100"
)
NAMELESS = Believed("-")


def test_a_server_that_gives_no_name_is_believed_where_that_is_said() -> None:
    mail = f"Authentication-Results: {MICROSOFT}\n{ANN}"
    assert judged(mail, NAMELESS, peer=None).verdict is Verdict.VERIFIED
    assert judged(mail, MAILBOX, peer=None).verdict is Verdict.UNVERIFIED


def test_of_two_without_a_name_the_upper_one_counts() -> None:
    failed = MICROSOFT.replace("pass", "fail")
    mail = f"Authentication-Results: {failed}\nAuthentication-Results: {MICROSOFT}\n{ANN}"
    assert judged(mail, NAMELESS, peer=None).signs == (FORGED,)


def test_who_has_a_name_is_not_nameless() -> None:
    assert judged(f"Authentication-Results: {MX}; {PASS}\n{ANN}", NAMELESS, peer=None).verdict is Verdict.UNVERIFIED
