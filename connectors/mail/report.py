"""A mail as `firstline mail read` prints it."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from connectors.mail.parse import Mail, parse
from connectors.mail.salvage import salvage


def report(raw: bytes) -> dict[str, Any]:
    return _sheet(parse(raw))


def salvaged(raw: bytes, reason: str) -> dict[str, Any]:
    return _sheet(salvage(raw, reason))


def nothing(problem: str) -> dict[str, Any]:
    """For a mail that isn't there."""
    return _sheet(Mail(problems=(problem,), partly=True))


def _sheet(mail: Mail) -> dict[str, Any]:
    return {
        "kind": str(mail.kind),
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "from": asdict(mail.authors[0]) if mail.authors else None,
        "reply_to": _all(mail.reply_to),
        "to": _all(mail.to),
        "cc": _all(mail.cc),
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "reply": mail.reply,
        "elided": mail.elided,
        "attachments": _all(mail.attachments),
        "forwarded": asdict(mail.forwarded) if mail.forwarded else None,
        "bounce": asdict(mail.bounce) | {"reason": mail.bounce.reason} if mail.bounce else None,
        "invitation": mail.invitation,
        "sent": mail.sent.isoformat() if mail.sent else None,
        "written_over": asdict(mail.written_over) if mail.written_over else None,
        "signs": list(mail.signs),
        "problems": list(mail.problems),
        "partly": mail.partly,
    }


def _all(values: Iterable[Any]) -> list[dict[str, Any]]:
    return [asdict(value) for value in values]
