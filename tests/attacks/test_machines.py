"""Machines that answer machines, and senders whose names are forged so that others get our mail."""

from pathlib import Path

import pytest

from bot.model import ConversationState, DeliveryState, Kind, Lane
from tests.attacks.upstream import letter
from tests.fakes import SmtpClient
from tests.waiting import until
from tests.walks.desk import SUPPORT, Story, story
from tests.walks.test_mail_walks import DEED, QUESTION, bounce

DAEMON = "mailer-daemon@mx.example.net"

# ------------------------------------------------------------------ T-NULL


async def test_t_null_a_mail_without_a_sender_is_kept_and_never_answered(attacked: Story) -> None:
    await attacked.mail(QUESTION, envelope_from="")
    (conversation,) = await until(attacked.conversations)
    await attacked.quiet()
    assert "null-return-path" in conversation.messages[0].signs
    assert await attacked.outbox() == []


async def test_t_null_a_bounce_is_bound_to_the_delivery_it_speaks_of(attacked: Story) -> None:
    await attacked.mail(QUESTION)
    await attacked.replies(1)
    back = attacked.relay.mails[0].sender
    await attacked.raw(bounce(DAEMON, back, "failed"), DAEMON, to=back, envelope_from="")
    (ticket,) = await until(attacked.tickets)
    await attacked.quiet()
    (conversation,) = await attacked.conversations()
    (delivery,) = await attacked.outbox()
    assert ticket.conversation == conversation.id
    assert conversation.messages[-1].kind is Kind.BOUNCE
    assert delivery.state is DeliveryState.UNDELIVERABLE
    assert "came back" in delivery.error
    assert len(attacked.relay.mails) == 1


# ------------------------------------------------------------------ T-LOOP

MACHINES = {
    "auto-submitted": ["Auto-Submitted: auto-replied"],
    "auto-generated": ["Auto-Submitted: auto-generated; owner-email=x"],
    "precedence": ["Precedence: bulk"],
    "precedence list": ["Precedence: list"],
    "precedence junk": ["Precedence: junk"],
    "precedence auto": ["Precedence: auto_reply"],
    "list": ["List-Id: <news.example.org>"],
    "unsubscribe": ["List-Unsubscribe: <mailto:x@example.org>"],
    "autoreply": ["X-Autoreply: yes"],
    "autorespond": ["X-Autorespond: vacation"],
    "suppress": ["X-Auto-Response-Suppress: All"],
    "own loop header": ["X-Firstline-Loop: firstline.localhost"],
    "hops": ["Received: from a by b; Mon, 2 Mar 2026 09:00:00 +0000"] * 51,
    "out of office": ["Subject: Out of office: How can I reset my password?"],
    "away, in German": ["Subject: =?utf-8?q?Abwesenheitsnotiz=3A_gr=C3=BC=C3=9Fe?="],
    "null return path": ["Return-Path: <>"],
}
SENDERS = {
    "mailer-daemon": DAEMON,
    "postmaster": "postmaster@mx.example.net",
    "no-reply": "no-reply@service.example",
    "do-not-reply": "Do_Not_Reply@service.example",
    "ourselves": "sales@firstline.localhost",
}


async def test_t_loop_no_machine_is_answered(attacked: Story) -> None:
    for number, headers in enumerate(MACHINES.values()):
        sender = f"m{number}@example.org"
        await attacked.raw(letter(f"From: {sender}", *headers, text=QUESTION), sender)
    for sender in SENDERS.values():
        subject = "Delivery failed" if sender.startswith("postmaster") else "hello"
        await attacked.raw(letter(f"From: {sender}", f"Subject: {subject}", text=QUESTION), sender)
    # The desk's own mail comes back to it, as it left.
    await attacked.mail(QUESTION, sender="person@example.org")
    await attacked.replies(1)
    await attacked.raw(attacked.relay.mails[0].raw, "m@example.org")
    await until(lambda: _filed(attacked, len(MACHINES) + len(SENDERS) + 2), 30)
    await attacked.quiet(30)
    answered = [mail.recipients for mail in attacked.relay.mails]
    assert answered == [("person@example.org",)]
    said = [one for conversation in await attacked.conversations() for one in conversation.messages]
    unmarked = [one.subject for one in said if one.arrival and not one.signs and one.kind is Kind.MESSAGE]
    assert unmarked == ["A question"]


async def test_t_loop_an_automatic_mail_opens_nothing_again(attacked: Story) -> None:
    asked = await attacked.mail(DEED)
    await attacked.replies(1)
    (ticket,) = await attacked.tickets()
    await attacked.agent()
    await attacked.command("ticket", "close", str(ticket.number), "--as", "bea")
    headers = {"In-Reply-To": f"<{asked}>", "Auto-Submitted": "auto-replied"}
    await attacked.mail("I am away. How can I reset my password?", headers=headers)
    await until(lambda: _filed(attacked, 2))
    await attacked.quiet()
    (conversation,) = await attacked.conversations()
    assert conversation.state is ConversationState.CLOSED
    assert len(conversation.messages) == 3
    assert len(attacked.relay.mails) == 1


# ------------------------------------------------------------------ T-BACKSCATTER

MOST = 20
CANARY = "Buy the canary now at https://canary.example/"


@pytest.mark.parametrize("forged", [60, pytest.param(1000, marks=pytest.mark.slow)])
async def test_t_backscatter_forged_senders(sqlite_desk: str, tmp_path: Path, forged: int) -> None:
    """Each gets one mail at most, all of them together no more than the desk may send, and none of it is what the
    forger wrote."""
    async with story(sqlite_desk, tmp_path, desk_replies=MOST) as desk:
        async with SmtpClient.to(desk.endpoint) as client:
            await client.greet()
            for number in range(forged):
                sender = f"victim{number % (forged // 2)}@example.org"
                raw = letter(f"From: {CANARY} <{sender}>", f"Subject: {CANARY} {number}", text=f"{CANARY} {QUESTION}")
                assert (await client.mail(SUPPORT, raw, sender)).startswith("250")
        await until(lambda: _worked_off(desk), 60)
        mails = desk.relay.mails
        assert await _filed(desk, forged)
    recipients = [address for mail in mails for address in mail.recipients]
    assert len(recipients) == MOST
    assert len(set(recipients)) == MOST
    assert not [mail for mail in mails if b"canary" in mail.raw.partition(b"\r\n\r\n")[2].lower()]


async def test_t_backscatter_one_forged_sender_over_and_over(attacked: Story) -> None:
    for number in range(25):
        await attacked.raw(letter("From: victim@example.org", f"Subject: {number}", text=QUESTION), "x@example.net")
    await until(lambda: _filed(attacked, 25), 30)
    await attacked.quiet(30)
    assert [mail.recipients for mail in attacked.relay.mails] == [("victim@example.org",)]


async def test_t_backscatter_an_answer_that_goes_elsewhere_counts_where_it_goes(attacked: Story) -> None:
    """Reply-To is a way to aim at somebody from any number of addresses."""
    for number in range(5):
        raw = letter(f"From: m{number}@example.net", "Reply-To: victim@example.org", text=QUESTION)
        await attacked.raw(raw, f"m{number}@example.net")
    await until(lambda: _filed(attacked, 5))
    await attacked.quiet()
    victims = [mail for mail in attacked.relay.mails if "victim@example.org" in mail.recipients]
    assert len(victims) <= 1


async def _worked_off(desk: Story) -> bool:
    """Asked often while thousands wait, so that it must not look at each."""
    counts = await desk.store.read(lambda look: look.jobs.counts())
    return not any(counts.get(lane) for lane in (Lane.READ, Lane.TRIAGE, Lane.DELIVER))


async def _filed(desk: Story, number: int) -> bool:
    rows = await desk.store.read(lambda look: look.arrivals.since(None, state=None, limit=2000))
    return sum(row.state != "kept" for row in rows) == number
