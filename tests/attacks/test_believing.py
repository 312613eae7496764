"""Whom to believe: forged Authentication-Results, and a From that two programs read differently."""

from collections.abc import Sequence

import pytest

from bot.model import Inbound, Verdict
from connectors.mail.reader import MailReader
from connectors.mail.senders.authentication import Believed
from connectors.mail.threads import Ours
from tests.attacks.upstream import ELSEWHERE, MX, TRUSTED, hand_over, letter, passed
from tests.connectors.smtp_desk import SUPPORT as OURS
from tests.connectors.smtp_desk import desk as door
from tests.waiting import until
from tests.walks.desk import Story

EDGE = Believed(MX, (f"{TRUSTED}/32",))
ANN = "ann@legit.example"
MALLORY = "mallory@evil.example"


async def read(raw: bytes, *, peer: str, believed: Sequence[Believed] = (EDGE,)) -> Inbound:
    """Through the door, and then read as it was kept."""
    async with door() as here:
        await hand_over(here.endpoint, raw, to=OURS, peer=peer)
    (arrival,) = here.keep.arrivals
    return MailReader(Ours(frozenset()), tuple(believed))(arrival)


# ------------------------------------------------------------------ T-AR

FORGED = {
    "from a peer that is no upstream": (ELSEWHERE, [passed(ANN)]),
    "under another name": (TRUSTED, [passed(ANN).replace(MX, "mx.evil.example")]),
    "under a name that begins with ours": (TRUSTED, [passed(ANN).replace(MX, f"{MX}.evil.example")]),
    "under our name in a comment": (TRUSTED, [passed(ANN).replace(MX, f"mx.evil.example ({MX})")]),
    "as a chain's": (TRUSTED, [passed(ANN).replace("Auth", "ARC-Auth", 1)]),
    "below what the upstream wrote": (TRUSTED, [f"Authentication-Results: {MX}; dmarc=none", passed(ANN)]),
    "below two hops": (TRUSTED, ["Received: from a by b", "Received: from b by c", passed(ANN)]),
    "in the text": (TRUSTED, ["Subject: x", "", passed(ANN)]),
    "in a fold of another header": (TRUSTED, ["Subject: x", f" {passed(ANN)}"]),
    "for another author": (TRUSTED, [passed(MALLORY)]),
    "with a bare carriage return": (TRUSTED, [f"Subject: x\r{passed(ANN)}"]),
}


@pytest.mark.parametrize("way", FORGED)
async def test_t_ar_forged_results_are_not_believed(way: str) -> None:
    peer, headers = FORGED[way]
    raw = letter(f"From: {ANN}", *headers) if way == "in the text" else letter(*headers, f"From: {ANN}")
    assert (await read(raw, peer=peer)).verdict is Verdict.UNVERIFIED


async def test_t_ar_those_of_the_upstream_are() -> None:
    """Without it the tests around it would hold for a desk that believes nobody."""
    raw = letter(passed(ANN), f"From: {ANN}")
    assert (await read(raw, peer=TRUSTED)).verdict is Verdict.VERIFIED
    assert (await read(raw, peer=TRUSTED, believed=[])).verdict is Verdict.UNVERIFIED


async def test_t_ar_a_whole_desk_believes_its_upstream_alone(believing: Story) -> None:
    for peer in (ELSEWHERE, TRUSTED):
        await hand_over(believing.endpoint, letter(passed(ANN), f"From: {ANN}", f"Subject: {peer}"), peer=peer)
    await until(lambda: both(believing))
    verdicts = {one.subject: one.messages[0].verdict for one in await believing.conversations()}
    assert verdicts == {ELSEWHERE: Verdict.UNVERIFIED, TRUSTED: Verdict.VERIFIED}


async def both(desk: Story) -> bool:
    return len(await desk.conversations()) == 2


# ------------------------------------------------------------------ T-DMARC

# The ideas of chenjj/espoofer (Chen, Paxson, Jiang: "Composition Kills", USENIX Security 2020), written anew: what the
# attacker sends, under what an upstream writes that is taken in by it or reads the other half of it.

GOOD = "dmarc=pass header.from=legit.example"
NEIGHBOUR = "spf=pass smtp.mailfrom=mallory@legit.example; dmarc=pass header.from=legit.example"
EVIL = "spf=pass smtp.mailfrom=mallory@evil.example; dmarc=pass header.from=evil.example"
SPOOFED = f"From: <{ANN}>"

SPOOFS = {
    "a1: a subdomain that doesn't exist": ["spf=none smtp.mailfrom=any@no.legit.example; dmarc=none", SPOOFED],
    "a2: an empty MAIL FROM": ["spf=pass smtp.helo=legit.example", SPOOFED],
    "a3: NUL in a selector": [
        "dkim=pass header.d=legit.example",
        "DKIM-Signature: v=1; d=legit.example; s=k._domainkey.evil.example.\0.any; b=x",
        SPOOFED,
    ],
    "a4: a quote in the signature's domain": ["dkim=pass header.d=legit.example'a.evil.example", SPOOFED],
    "a5: a parenthesis in MAIL FROM": ["spf=pass smtp.mailfrom=any@legit.example(.evil.example", SPOOFED],
    "a6: a quote in MAIL FROM": ["spf=pass smtp.mailfrom=any@legit.example'@any.evil.example", SPOOFED],
    "a7: a route in MAIL FROM": ["spf=pass smtp.mailfrom=@legit.example,@any.example:any@evil.example", SPOOFED],
    "a8: two From": [EVIL, f"From: <{MALLORY}>", SPOOFED],
    "a9: two From, a space before the first": [EVIL, "X: y", f" From: <{MALLORY}>", SPOOFED],
    "a10: two From, a space after the second": [EVIL, f"From: <{MALLORY}>", f"From : <{ANN}>"],
    "a11: two From, the first folded": [EVIL, "From", f" : <{MALLORY}>", SPOOFED],
    "a12: Sender for a From that isn't seen": [EVIL, "From", f" : <{MALLORY}>", f"Sender: <{ANN}>"],
    "a13: Resent-From for a From that isn't seen": [EVIL, "From", f" : <{MALLORY}>", f"Resent-From: <{ANN}>"],
    "a14: two addresses": [EVIL, f"From: <{MALLORY}>, <{ANN}>"],
    "a15: an address in an encoded word": [EVIL, f"From: =?utf-8?b?PGFubkBsZWdpdC5leGFtcGxlPg==?=,<{MALLORY}>"],
    "a16: a route in From": [EVIL, f"From: <@evil.example,@any.example:{ANN}>"],
    "a17: a quoted pair": [EVIL, f"From: <{ANN}>\\,<{MALLORY}>"],
    "a18: a bare address before one in brackets": [EVIL, f"From: {ANN},<{MALLORY}>"],
    "a19: an address behind one in brackets": [EVIL, f"From: <{MALLORY}>{ANN}"],
    "c1: an account's mail with two From": [
        NEIGHBOUR,
        f"From: <mallory@{'legit.example'}>",
        SPOOFED,
    ],
    "c2: an account's mail with two addresses": [NEIGHBOUR, f"From: <m@legit.example>, <{ANN}>"],
    "c3: an account's mail as another's": [NEIGHBOUR, SPOOFED],
    "a group": [GOOD, f"From: Team: {ANN};"],
    "an address as the name": [EVIL, f'From: "{ANN}" <{MALLORY}>'],
    "another address as the name": [GOOD, f'From: "{MALLORY}" <{ANN}>'],
    "NUL in the domain": [GOOD, "From: <ann@legit.example\0.evil.example>"],
    "a letter that looks alike": [GOOD, "From: <ann@l\u0435git.example>"],
    "a dot at the end": [f"{GOOD}.", f"{SPOOFED[:-1]}.>"],
}


@pytest.mark.parametrize("name", SPOOFS)
async def test_t_dmarc_a_spoofed_author_is_unverified(name: str) -> None:
    results, *headers = SPOOFS[name]
    raw = letter(f"Authentication-Results: {MX}; {results}", *headers, f"Subject: {name}")
    assert (await read(raw, peer=TRUSTED)).verdict is Verdict.UNVERIFIED


@pytest.mark.parametrize("sign", ["dmarc=fail (p=reject) header.from=legit.example", "dkim=fail; spf=fail"])
async def test_t_dmarc_what_failed_is_kept_marked_and_not_answered(believing: Story, sign: str) -> None:
    raw = letter(f"Authentication-Results: {MX}; {sign}", f"From: {ANN}", text="How can I reset my password?")
    await hand_over(believing.endpoint, raw, peer=TRUSTED)
    (ticket,) = await until(believing.tickets)
    await believing.quiet()
    (conversation,) = await believing.conversations()
    assert ticket.conversation == conversation.id
    assert "failed-authentication" in conversation.messages[0].signs
    assert [mail.recipients for mail in believing.relay.mails if ANN in mail.recipients] == []
