"""Amazon SES tells of bounces and complaints through SNS, as JSON in the text of a mail.

Shape: docs.aws.amazon.com/ses/latest/dg/notification-contents.html
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST = 256 * 1024
RECIPIENTS = 100


@dataclass(frozen=True, slots=True)
class Notice:
    """`recipients` are (address, status, action, diagnostic), each "" where it isn't said."""

    complaint: bool
    recipients: tuple[tuple[str, str, str, str], ...]
    message_id: str | None


def notice_of(text: str) -> Notice | None:
    """None when the text is anything else."""
    text = text[:MOST].lstrip()
    if not text.startswith("{") or "Type" not in text[:400]:
        return None
    try:
        # Not strict: long lines are broken on their way, also within strings.
        found, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return None
    kind = str(found.get("notificationType") or found.get("eventType") or "").lower()
    if kind not in ("bounce", "complaint", "delivery", "deliverydelay") or not isinstance(found.get("mail"), dict):
        return None
    return Notice(kind == "complaint", tuple(_recipients(found, kind)), _message_id(found["mail"]))


def _recipients(found: dict[str, Any], kind: str) -> Iterator[tuple[str, str, str, str]]:
    about = found.get("deliveryDelay" if kind == "deliverydelay" else kind)
    if not isinstance(about, dict):
        return
    named = about.get("bouncedRecipients") or about.get("delayedRecipients") or about.get("recipients")
    action = {"bounce": "failed", "delivery": "delivered", "deliverydelay": "delayed"}.get(kind, "")
    for one in named[:RECIPIENTS] if isinstance(named, list) else ():
        if isinstance(one, dict):
            fields = (
                one.get("emailAddress"),
                one.get("status"),
                one.get("action") or action,
                one.get("diagnosticCode"),
            )
            yield tuple(str(field or "") for field in fields)  # type: ignore[misc]  # four of them
        elif isinstance(one, str):
            yield (one, "", action, "")


def _message_id(mail: dict[str, Any]) -> str | None:
    """The mail's own Message-ID where the headers are included; SES's `messageId` is another id."""
    common = mail.get("commonHeaders")
    value = common.get("messageId") if isinstance(common, dict) else None
    return value.strip("<> ") if isinstance(value, str) and value else None
