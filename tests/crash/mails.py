"""The customers' mails: each unique, with canaries in its body, its subject and its sender's address."""

import random
from collections.abc import Sequence
from dataclasses import replace

from tests.crash.history import Mail, Taken

# Whatever a customer writes or is called has this in it, and no log may.
CANARY = "kanarek"
DOMAIN = f"{CANARY}.example"
DESK = "support@firstline.localhost"

QUESTIONS = (
    "How do I reset my password?",
    "How much does shipping cost to Austria?",
    "The export button does nothing.\n.\n..and a line that begins with a dot.",
    "Können Sie mir die Rechnung für März noch einmal schicken?",
    "What are your opening hours?",
)
URGENT = "Our production is down and nobody can log in. I want to speak to a human now, or I will call my lawyer."


def load(chance: random.Random, prefix: str, size: int, replies: Sequence[Taken]) -> list[list[Mail]]:
    """About `size` mails in lists; those of one list are sent in their order, the lists side by side.

    `replies` are mails of ours that nobody has answered yet; some are answered now.
    """
    kinds = ["question", "question", "pair", "race", "auto-reply", "repeat", "two roads", "urgent", "follow-up"]
    made: list[list[Mail]] = []
    open_replies = list(replies)
    while sum(map(len, made)) < size:
        key = f"{prefix}-{len(made)}"
        kind = chance.choice(kinds)
        if kind != "follow-up":
            made += _matter(chance, kind, key)
        elif open_replies:
            made.append([follow_up(chance, key, open_replies.pop(chance.randrange(len(open_replies))))])
    return made


def question(chance: random.Random, key: str, kind: str = "question", text: str = "", extra: str = "") -> Mail:
    """With the canary among the words of half of those that are given none; it keeps knowledge from applying."""
    words = text or chance.choice(("", f"{CANARY} {key}\n")) + chance.choice(QUESTIONS)
    return _mail(chance, key, kind, f"{key}@{DOMAIN}", DESK, words, extra)


def follow_up(chance: random.Random, key: str, reply: Taken) -> Mail:
    """What a customer's mail program makes of "Reply"."""
    extra = f"In-Reply-To: <{reply.message_id}>\r\nReferences: <{reply.message_id}>\r\n"
    mail = _mail(chance, key, "follow-up", reply.to, reply.reply_to, "That did not help me. What else?", extra)
    return replace(mail, answers=reply.message_id)


def _matter(chance: random.Random, kind: str, key: str) -> list[list[Mail]]:
    first = question(chance, key, kind)
    match kind:
        case "pair":
            return [[first, _second(chance, first)]]
        case "race":
            return [[first], [_second(chance, first)]]
        case "auto-reply":
            return [[question(chance, key, kind, "I am away until Monday.", "Auto-Submitted: auto-replied\r\n")]]
        case "repeat":
            return [[first, first]]
        case "two roads":
            return [[first], [replace(first, key=f"{key}-again", recipient=DESK.replace("support", "help"))]]
        case "urgent":
            return [[question(chance, key, kind, URGENT)]]
    return [[first]]


def _second(chance: random.Random, first: Mail) -> Mail:
    extra = f"In-Reply-To: <{first.message_id}>\r\nReferences: <{first.message_id}>\r\n"
    mail = _mail(chance, f"{first.key}-second", first.kind, first.sender, DESK, "I forgot: it is urgent to me.", extra)
    return replace(mail, follows=first.key)


def _mail(chance: random.Random, key: str, kind: str, sender: str, recipient: str, text: str, extra: str) -> Mail:
    message_id = f"{key}.{chance.getrandbits(32):08x}@{DOMAIN}"
    subject = text.partition("\n")[0][:60].encode("ascii", "ignore").decode()
    body = f"{text}\n\n-- \n{CANARY} {key}\n" + "x" * chance.choice((10, 200, 5000))
    head = (
        f"From: Customer <{sender}>\r\nTo: {recipient}\r\nSubject: {subject}\r\nMessage-ID: <{message_id}>\r\n"
        f"Date: Mon, 06 Jan 2025 10:00:00 +0000\r\n{extra}MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    return Mail(key, kind, sender, recipient, message_id, (head + _wrapped(body)).encode())


def _wrapped(text: str) -> str:
    """RFC 5322 (2.1.1) allows a line 998 octets."""
    lines = (line[at : at + 400] for line in text.split("\n") for at in range(0, len(line) or 1, 400))
    return "".join(f"{line}\r\n" for line in lines)
