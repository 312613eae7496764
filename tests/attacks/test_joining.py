"""Strangers who want into a matter: to read it, to be copied, to have others' mail delivered into their own."""

from email.utils import parseaddr

import pytest

from bot.agents import tickets
from bot.model import Conversation, Identity, Verdict
from connectors.mail.threads import Ours, tokens_in_addresses
from tests.attacks.upstream import ELSEWHERE, TRUSTED, hand_over, letter, passed
from tests.waiting import until
from tests.walks.desk import SUPPORT, Story

ANN = "ann@example.org"
MALLORY = "mallory@example.net"
SECRET = "My delivery note has the number 4711-ANN."


async def opened(desk: Story, **more: str) -> tuple[str, str, str]:
    """Ann's matter: her Message-ID, ours, and the address that she is to answer to."""
    theirs = await desk.mail(f"please change my address. {SECRET}", sender=ANN, **more)
    (reply,) = await desk.replies(1)
    return f"<{theirs}>", reply["Message-ID"], parseaddr(reply["Reply-To"])[1]


async def strange(desk: Story, number: int = 2) -> list[Conversation]:
    """All Conversations, once there are so many and nothing is left to do."""

    async def there() -> bool:
        return len(await desk.conversations()) == number

    await until(there)
    await desk.quiet()
    return await desk.conversations()


def sent_to(desk: Story, address: str) -> bytes:
    return b"".join(mail.raw for mail in desk.relay.mails if address in mail.recipients)


@pytest.mark.parametrize("stolen", ["our message-id", "her message-id", "references", "address", "subject", "all"])
async def test_t_threadjoin_a_stranger_joins_nothing_whatever_was_stolen(attacked: Story, stolen: str) -> None:
    theirs, ours, address = await opened(attacked)
    (ticket,) = await attacked.tickets()
    headers, to = [f"From: {MALLORY}"], SUPPORT
    headers += [f"In-Reply-To: {ours}"] if stolen in ("our message-id", "all") else []
    headers += [f"In-Reply-To: {theirs}"] if stolen == "her message-id" else []
    headers += [f"References: {theirs} {ours}"] if stolen in ("references", "all") else []
    headers += [f"Subject: Re: [#{ticket.number}] A question"] if stolen in ("subject", "all") else []
    to = address if stolen in ("address", "all") else SUPPORT
    await hand_over(attacked.endpoint, letter(*headers, text="And what was said?"), to=to, sender=MALLORY)
    hers, strange_one = await strange(attacked)
    assert len(hers.messages) == 2
    assert strange_one.possible_reply_to == hers.id
    assert strange_one.customer == Identity("mail", MALLORY)
    assert strange_one.messages[0].verdict is Verdict.UNVERIFIED
    assert SECRET.encode() not in sent_to(attacked, MALLORY)


async def test_t_threadjoin_a_stranger_does_not_watch_either(attacked: Story) -> None:
    _, ours, address = await opened(attacked)
    await hand_over(attacked.endpoint, letter(f"From: {MALLORY}", f"In-Reply-To: {ours}"), to=address, sender=MALLORY)
    hers, _ = await strange(attacked)
    agent = await attacked.agent()
    number = next(one.number for one in await attacked.tickets() if one.conversation == hers.id)
    await attacked.store.write(lambda tx: tickets.reply(tx, agent, number, "We have changed it."))
    await until(lambda: b"We have changed it." in sent_to(attacked, ANN))
    await attacked.quiet()
    assert b"We have changed it." not in sent_to(attacked, MALLORY)


@pytest.mark.parametrize("stolen", ["message-id", "subject"])
@pytest.mark.parametrize("results", ["", passed(ANN), "failed"], ids=["nobody", "forged", "failed"])
async def test_t_threadjoin_where_an_upstream_vouches_a_forged_author_does_not_join(
    believing: Story, stolen: str, results: str
) -> None:
    """Her own Message-ID and the number are known to others too; what we signed has gone to her alone."""
    theirs, _, _ = await opened(believing)
    (ticket,) = await believing.tickets()
    known = f"In-Reply-To: {theirs}" if stolen == "message-id" else f"Subject: [#{ticket.number}] A question"
    peer = ELSEWHERE if results == passed(ANN) else TRUSTED
    results = passed(ANN).replace("=pass", "=fail") if results == "failed" else results
    await hand_over(believing.endpoint, letter(*filter(None, [results]), f"From: {ANN}", known), sender=ANN, peer=peer)
    hers, forged = await strange(believing)
    assert len(hers.messages) == 2
    assert forged.possible_reply_to == hers.id


async def test_t_threadjoin_what_failed_joins_not_even_by_the_signed_address(believing: Story) -> None:
    _, ours, address = await opened(believing)
    raw = letter(passed(ANN).replace("=pass", "=fail"), f"From: {ANN}", f"In-Reply-To: {ours}")
    await hand_over(believing.endpoint, raw, to=address, sender=ANN, peer=TRUSTED)
    hers, _ = await strange(believing)
    assert len(hers.messages) == 2


async def test_t_threadjoin_who_is_vouched_for_does(believing: Story) -> None:
    """Without it the tests above would hold for a desk that nobody can join."""
    theirs, _, _ = await opened(believing)
    raw = letter(passed(ANN), f"From: {ANN}", f"In-Reply-To: {theirs}")
    await hand_over(believing.endpoint, raw, sender=ANN, peer=TRUSTED)

    async def joined() -> bool:
        (hers,) = await believing.conversations()
        return len(hers.messages) == 3

    await until(joined)


# ------------------------------------------------------------------ T-TICKETTRICK

CODE = "Your sign-in code is 193-755"


@pytest.mark.parametrize("way", ["address", "subject", "both"])
async def test_t_tickettrick_a_sign_in_mail_never_reaches_who_ordered_it(attacked: Story, way: str) -> None:
    """Mallory has a matter of his own, and gives its address or number to a service that mails codes."""
    await attacked.mail("please help me", sender=MALLORY)
    (reply,) = await attacked.replies(1)
    (ticket,) = await attacked.tickets()
    to = SUPPORT if way == "subject" else parseaddr(reply["Reply-To"])[1]
    subject = f"[#{ticket.number}] Sign in" if way != "address" else "Sign in"
    raw = letter("From: Login <no-reply@service.example>", f"Subject: {subject}", text=CODE)
    await hand_over(attacked.endpoint, raw, to=to, sender="no-reply@service.example")
    his, code = await strange(attacked)
    assert len(his.messages) == 2
    assert CODE in code.messages[0].text
    agent = await attacked.agent()
    await attacked.store.write(lambda tx: tickets.reply(tx, agent, ticket.number, "How can we help?"))
    await until(lambda: b"How can we help?" in sent_to(attacked, MALLORY))
    await attacked.quiet()
    assert CODE.encode() not in sent_to(attacked, MALLORY)
    assert sent_to(attacked, "no-reply@service.example") == b""


async def test_t_tickettrick_who_is_copied_in_sees_no_history(attacked: Story) -> None:
    """A forged mail of Ann's copies Mallory in; what she had written before stays hers."""
    _, ours, _ = await opened(attacked)
    raw = letter(f"From: {ANN}", f"Cc: {MALLORY}", f"In-Reply-To: {ours}", "Message-ID: <two@example.org>")
    await hand_over(attacked.endpoint, raw, sender=ANN)
    await until(lambda: _messages(attacked, 3))
    raw = letter(f"From: {MALLORY}", "In-Reply-To: <two@example.org>", text="And what was said before?")
    await hand_over(attacked.endpoint, raw, sender=MALLORY)
    await until(lambda: _filed(attacked, 3))
    await attacked.quiet()
    agent = await attacked.agent()
    number = (await attacked.tickets())[0].number
    await attacked.store.write(lambda tx: tickets.reply(tx, agent, number, "It is done."))
    await until(lambda: b"It is done." in sent_to(attacked, ANN))
    await attacked.quiet()
    assert SECRET.encode() not in sent_to(attacked, MALLORY)
    assert b"It is done." not in sent_to(attacked, MALLORY)


async def test_t_tickettrick_what_opens_a_matter_cannot_be_guessed(attacked: Story) -> None:
    _, _, address = await opened(attacked)
    (token,) = {token for _, token in tokens_in_addresses([address], Ours(frozenset({"firstline.localhost"})))}
    assert len(token) * 5 >= 128, "base32: 5 bits a letter"


async def _messages(desk: Story, number: int) -> bool:
    return len((await desk.conversations())[0].messages) >= number


async def _filed(desk: Story, number: int) -> bool:
    rows = await desk.store.read(lambda look: look.arrivals.since(None, state="read", limit=99))
    return len(rows) == number
