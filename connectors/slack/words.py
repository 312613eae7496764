"""Slack's way of writing (docs.slack.dev/messaging/formatting-message-text) as plain words, and plain words its way."""

import re

LONGEST = 40_000
"""Characters of a message's text, by Slack (docs.slack.dev/reference/methods/chat.postMessage#truncating)."""

# What stands in angle brackets was put there by Slack: what people type as such comes as &lt; and &gt;.
_MARKED = re.compile(r"<([^<>]++)>")


def plain(text: str, ours: str = "") -> str:
    """What was said. Our own mention goes, and with it the blanks around it."""
    readable = _MARKED.sub(lambda found: _read(found[1], ours), clean(text)[:LONGEST])
    return unescape(readable).strip()


def escape(text: str) -> str:
    """Nothing in it can ping, link or refer to anything: only these three letters begin what Slack reads."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def clean(text: str) -> str:
    """Without NUL and lone surrogates, which a database refuses."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def mentions(text: str, user: str) -> bool:
    return bool(user) and (f"<@{user}>" in text or f"<@{user}|" in text)


def _read(marked: str, ours: str) -> str:
    target, _, label = marked.partition("|")
    if target.startswith("@"):
        return "" if target == f"@{ours}" else f"@{label or target[1:]}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return _special(target[1:], label)
    address = target.removeprefix("mailto:").removeprefix("tel:")
    return address if label in ("", target, address) or address.endswith(f"//{label}") else f"{label} ({address})"


def _special(target: str, label: str) -> str:
    """`!here`, `!subteam^S1|@support`, `!date^…|the fallback that every client can show`."""
    if target.startswith("date^"):
        return label
    return label or f"@{target.rpartition('^')[2]}"
