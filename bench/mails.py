"""Mails as customers write them, each by another customer: so many bytes, of words that differ from mail to mail."""

import random

WORDS = (
    *("the", "parcel", "arrived", "lamp", "order", "invoice", "please", "when", "could", "you", "return", "label"),
    *("broken", "address", "number", "yesterday", "again", "customer", "payment", "refund", "week", "delivery"),
    *("shipped", "colour", "shade", "switch", "cable", "receipt", "Tuesday", "window", "street", "Wednesday"),
)
DOMAIN = "firstline.localhost"
SIZE = 10_000


def mail(run: str, number: int) -> tuple[str, bytes]:
    """(sender, mail): no two of a run are alike, and no two runs of different names have a mail in common."""
    sender = f"customer{number}@{run}.example.org"
    head = (
        f"From: Customer {number} <{sender}>\r\nTo: support@{DOMAIN}\r\nSubject: Question {number} of {run}\r\n"
        f"Message-ID: <{number}.{run}@example.org>\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\n\r\n"
    )
    return sender, (head + _body(random.Random(f"{run} {number}"), SIZE - len(head))).encode("ascii")


def _body(chance: random.Random, size: int) -> str:
    lines = []
    while size > 0:
        line = " ".join(chance.choices(WORDS, k=10))[: max(0, size - 2)] + "\r\n"
        lines.append(line)
        size -= len(line)
    return "".join(lines)
