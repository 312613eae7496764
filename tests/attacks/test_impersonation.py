"""Mails that claim to be an Agent's. An address and a Message-ID prove nobody: it takes the address that was signed for
this Agent and an upstream that vouches for the sender."""

from email.message import Message
from email.utils import parseaddr

import pytest

from bot.model import Author, Identity, Role, Visibility
from tests.attacks.upstream import BEA, ELSEWHERE, TRUSTED, hand_over, letter, passed
from tests.waiting import until
from tests.walks.desk import SUPPORT, Story

ANN = "ann@example.org"
URGENT = "I want to talk to a human, not to a bot."
WORDS = "Please send the money to another account."


async def calls(desk: Story) -> tuple[Message, Message]:
    """Ann wants a person: what she was told, and the call that went to Bea alone, with Bea's own address in it."""
    await desk.store.write(lambda tx: tx.people.add_agent("bea", Role.AGENT, [Identity("mail", BEA)]))
    await desk.mail(URGENT, sender=ANN)
    mails = {parseaddr(one["To"])[1]: one for one in await desk.replies(3)}
    return mails[ANN], mails[BEA]


async def reach(desk: Story, *headers: str, to: str, peer: str, sender: str = BEA) -> None:
    """One more mail in the matter, filed."""
    await hand_over(desk.endpoint, letter(*headers, text=WORDS), to=to, sender=sender, peer=peer)
    await until(lambda: _filed(desk))
    await desk.quiet()


async def _filed(desk: Story) -> bool:
    rows = await desk.store.read(lambda look: look.arrivals.since(None, state=None, limit=9))
    return [row.state for row in rows] == ["read", "read"]


def to_ann(desk: Story) -> list[bytes]:
    return [mail.raw for mail in desk.relay.mails if ANN in mail.recipients]


def address_of(mail: Message) -> str:
    return parseaddr(mail["Reply-To"])[1]


async def test_t_agentspoof_an_agent_who_is_vouched_for_may_answer_at_the_signed_address(believing: Story) -> None:
    """Without it the tests below would hold for a desk where nobody answers by mail."""
    _, call = await calls(believing)
    await reach(believing, passed(BEA), f"From: {BEA}", to=address_of(call), peer=TRUSTED)
    assert len(to_ann(believing)) == 2
    assert WORDS.encode() in to_ann(believing)[1]


@pytest.mark.parametrize("stolen", ["call", "customer"])
@pytest.mark.parametrize(
    ("results", "peer"),
    [("", TRUSTED), (passed(BEA), ELSEWHERE), (passed("mallory@example.net"), TRUSTED)],
    ids=["nobody vouches", "forged results", "somebody else is vouched for"],
)
async def test_t_agentspoof_a_stolen_address_alone_sends_nothing(
    believing: Story, stolen: str, results: str, peer: str
) -> None:
    told, call = await calls(believing)
    to = address_of(call if stolen == "call" else told)
    await reach(believing, *filter(None, [results]), f"From: {BEA}", to=to, peer=peer)
    await says_nothing_for_an_agent(believing)


@pytest.mark.parametrize("results", ["", passed(BEA)], ids=["unverified", "verified"])
@pytest.mark.parametrize("stolen", ["call", "customer"])
async def test_t_agentspoof_a_stolen_message_id_sends_nothing_even_from_the_agent(
    believing: Story, stolen: str, results: str
) -> None:
    """Message-IDs stand in what is quoted and passed on; only the address is the Agent's own."""
    told, call = await calls(believing)
    reference = f"In-Reply-To: {(call if stolen == 'call' else told)['Message-ID']}"
    await reach(believing, *filter(None, [results]), f"From: {BEA}", reference, to=SUPPORT, peer=TRUSTED)
    await says_nothing_for_an_agent(believing)


@pytest.mark.parametrize(
    "headers",
    [
        (f"From: {BEA}", "From: mallory@example.net"),
        (f"From: mallory@example.net, {BEA}",),
        ("From: mallory@example.net", f"Sender: {BEA}", f"Reply-To: {BEA}"),
        (f'From: "{BEA}" <mallory@example.net>',),
        (f"From: {BEA}", "Auto-Submitted: auto-replied"),
    ],
    ids=["two From", "two addresses", "Sender and Reply-To", "the name beside the address", "a machine"],
)
async def test_t_agentspoof_who_is_not_plainly_the_agent_is_not(believing: Story, headers: tuple[str, ...]) -> None:
    _, call = await calls(believing)
    await reach(believing, passed(BEA), *headers, to=address_of(call), peer=TRUSTED)
    await says_nothing_for_an_agent(believing)


async def says_nothing_for_an_agent(desk: Story) -> None:
    assert not any(WORDS.encode() in raw for raw in to_ann(desk))
    said = [message for one in await desk.conversations() for message in one.messages]
    assert not [one for one in said if one.author is Author.AGENT and one.visibility is Visibility.PUBLIC]
    assert [one for one in said if WORDS in one.text], "kept, for people to see"
