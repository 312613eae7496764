"""How a mailbox can fail. The reasons are for people and logs: no passwords, no tokens."""

from collections.abc import Iterable

LONGEST = 200


class MailboxFailed(Exception):
    """It can't be read just now; `str()` says why."""


class Cut(MailboxFailed):
    """The connection is of no use any more: lost, silent for too long, or what came makes no sense."""


class Refused(MailboxFailed):
    """The server has said no to one command; the connection goes on."""


class LoginRefused(MailboxFailed):
    """The server doesn't let us in: trying again soon won't help and may lock the account."""


class NotKept(MailboxFailed):
    """The mailbox is well, but the desk could not keep what was in it."""


def said(what: object, secrets: Iterable[str] = ()) -> str:
    """A foreign server's words: one short line of printable ASCII, in which no secret of ours comes back."""
    text = what.decode("ascii", "replace") if isinstance(what, bytes) else str(what)
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return " ".join("".join(c if " " <= c <= "~" else " " for c in text).split())[:LONGEST]
