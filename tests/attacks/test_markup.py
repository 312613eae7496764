"""Text that wants to be more than text: a header, a command, a script, a request to somebody's server."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses

import pytest

from bot.agents import tickets
from bot.model import Inbound
from connectors.mail.html.safe import safe_html
from connectors.mail.reader import MailReader
from connectors.mail.threads import Ours
from tests.attacks.upstream import hand_over, letter
from tests.connectors.smtp_desk import SUPPORT as OURS
from tests.connectors.smtp_desk import desk as door
from tests.waiting import until
from tests.walks.desk import Story

# ------------------------------------------------------------------ T-HDRINJ

VICTIM = "victim@example.org"
INJECTED = {
    "subject": ["From: ann@example.org", f"Subject: =?utf-8?q?Hi=0D=0ABcc:_{VICTIM}?="],
    "subject, bare": ["From: ann@example.org", f"Subject: Hi\rBcc: {VICTIM}\r"],
    "subject, a separator": ["From: ann@example.org", f"Subject: =?utf-8?q?Hi=E2=80=A8Bcc:_{VICTIM}=C2=85Bcc:_x?="],
    "name": [f"From: =?utf-8?q?Ann=0D=0ABcc:_{VICTIM}=0D=0A=0D=0Abody?= <ann@example.org>"],
    "name, quoted": [f'From: "Ann\\\r\n Bcc: {VICTIM}" <ann@example.org>'],
    "name of two": [f"From: =?utf-8?q?=22Ann=22_=3C{VICTIM}=3E=2C?= <ann@example.org>"],
    "message-id": ["From: ann@example.org", f"Message-ID: <a@b>\r\n\tBcc: {VICTIM}"],
    "message-id, bare": ["From: ann@example.org", f"Message-ID: <a\rBcc: {VICTIM}\r@b>"],
    "references": ["From: ann@example.org", f"References: <a\nBcc:{VICTIM}\n@b> <c@d>", f"In-Reply-To: <x\r {VICTIM}>"],
    "reply-to": ["From: ann@example.org", f"Reply-To: =?utf-8?q?ann=40example.org=0ABcc:_{VICTIM}?= <ann@example.org>"],
    "address": [f'From: "ann\\\r\n RCPT TO:<{VICTIM}>"@example.org'],
    "address, encoded": [f"From: <=?utf-8?q?ann=40example.org=3E=0D=0ARCPT_TO:=3C{VICTIM}?=>"],
}


@pytest.mark.parametrize("place", INJECTED)
async def test_t_hdrinj_nothing_that_was_written_becomes_a_header_or_a_command(attacked: Story, place: str) -> None:
    """In the automatic reply, and in an Agent's, which has the customer's words in it."""
    text = f"please change my address\r\nBcc: {VICTIM}"
    await hand_over(attacked.endpoint, letter(*INJECTED[place], text=text), sender="ann@example.org")
    (ticket,) = await until(attacked.tickets)
    agent = await attacked.agent()
    said = f"Done.\r\nBcc: {VICTIM}\r\n.\r\nRCPT TO:<{VICTIM}>"
    if (await attacked.conversation()).customer:
        await attacked.store.write(lambda tx: tickets.reply(tx, agent, ticket.number, said))
    await attacked.quiet()
    for sent in attacked.relay.mails:
        assert VICTIM not in sent.recipients
        mail = message_from_bytes(sent.raw, policy=default)
        assert set(map(str.lower, mail.keys())) <= HEADERS
        assert len(set(map(str.lower, mail.keys()))) == len(mail.keys())
        assert [one for _, one in getaddresses([str(mail["To"])])] == list(sent.recipients)
    assert not [one for one in attacked.relay.commands if VICTIM in one]
    assert {one.partition(" ")[0] for one in attacked.relay.commands} <= COMMANDS


COMMANDS = {"EHLO", "MAIL", "RCPT", "DATA", "QUIT", "RSET"}
HEADERS = {
    *("from", "to", "subject", "date", "message-id", "in-reply-to", "references", "reply-to", "auto-submitted"),
    *("x-auto-response-suppress", "x-firstline-loop", "mime-version", "content-type", "content-transfer-encoding"),
    *("precedence", "content-language"),
}

# ------------------------------------------------------------------ T-XSS

CANARY = "https://canary.example/"
HOSTILE = {
    "script": f"<script src={CANARY}x.js>alert(1)</script>",
    "handler": "<img src=x onerror=alert(1)><body onload=alert(1)><p onclick='alert(1)'>a",
    "svg": "<svg><script>alert(1)</script><animate onbegin=alert(1) attributeName=x></svg>",
    "javascript": "<a href='java\tscript:alert(1)'>a</a><a href=' JaVaScRiPt:alert(1)'>b</a>",
    "data": "<a href='data:text/html;base64,PHNjcmlwdD4='>a</a><object data='data:text/html,x'></object>",
    "frame": f"<iframe src={CANARY}></iframe><frame src={CANARY}><embed src={CANARY}><portal src={CANARY}></portal>",
    "form": f"<form action={CANARY}><button formaction={CANARY}>a</button><input name=p></form>",
    "base": f"<base href={CANARY}><link rel=stylesheet href={CANARY}x.css><meta http-equiv=refresh content=0;{CANARY}>",
    "style": f"<style>@import '{CANARY}'; b{{background:url({CANARY})}}</style><b style='background:url({CANARY})'>",
    "image": f"<img src={CANARY}p.gif><img srcset='{CANARY}a 1x'><picture><source srcset={CANARY}></picture>",
    "media": f"<video poster={CANARY} src={CANARY}></video><audio src={CANARY}></audio><input type=image src={CANARY}>",
    "background": f"<table background={CANARY}><tr><td background={CANARY}>a</td></tr></table>",
    "mutation": f"<math><mtext><table><mglyph><style><img src={CANARY} onerror=alert(1)></style></table>",
    "template": "<template><script>alert(1)</script></template><noscript><p title='</noscript><img onerror=alert(1)>'>",
    "comment": "<!--><script>alert(1)</script--><![CDATA[<script>alert(1)</script>]]>",
    "broken": "<scr<script>ipt>alert(1)</scr</script>ipt><<script>alert(1)//<</script>",
}
# The one meta that we write ourselves names the charset.
_ACTS = re.compile(
    r"<\s*/?\s*(?:script|svg|math|iframe|frame|object|embed|form|input|button|base|link|style|template"
    r"|meta(?! charset))|<[^>]*\son\w+\s*=|javascript:|data:text|srcdoc|formaction",
    re.IGNORECASE,
)
_LOADS = re.compile(r"<[^>]*\b(?:src|srcset|poster|background|data|style)\s*=\s*[\"']?[^>]*canary", re.IGNORECASE)


async def read(raw: bytes) -> Inbound:
    async with door() as here:
        await hand_over(here.endpoint, raw, to=OURS)
    (arrival,) = here.keep.arrivals
    return MailReader(Ours(frozenset()))(arrival)


@pytest.mark.parametrize("name", HOSTILE)
async def test_t_xss_what_is_shown_neither_acts_nor_loads(name: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "mallory@example.net", "hello"
    mail.set_content(f"<p>Before</p>{HOSTILE[name]}<p>after</p>", subtype="html")
    inbound = await read(mail.as_bytes(policy=default.clone(linesep="\r\n")))
    shown = safe_html(inbound.html)
    assert shown
    assert "Before" in shown
    assert not _ACTS.search(shown)
    assert not _LOADS.search(shown)
    assert "Before" in inbound.text


async def test_t_xss_what_goes_out_shows_markup_as_words(attacked: Story) -> None:
    """A customer's, quoted under an Agent's, and the Agent's own."""
    hostile = f"<script>alert(1)</script><img src={CANARY}>"
    await hand_over(attacked.endpoint, letter("From: ann@example.org", f"Subject: {hostile}", text=f"change {hostile}"))
    (ticket,) = await until(attacked.tickets)
    agent = await attacked.agent()
    await attacked.store.write(lambda tx: tickets.reply(tx, agent, ticket.number, f"As you wrote: {hostile}"))
    await attacked.replies(2)
    for sent in attacked.relay.mails:
        mail = message_from_bytes(sent.raw, policy=default)
        shown = mail.get_body(("html",))
        if shown is not None:
            assert not _ACTS.search(shown.get_content())
            assert not _LOADS.search(shown.get_content())
