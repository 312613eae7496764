"""What a mailbox says when it is asked, without changing anything in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.imap.folder import Folder
from connectors.imap.link import Link
from connectors.imap.mark import Mark
from connectors.imap.plug import Plug
from connectors.imap.settings import ImapSettings


@dataclass(frozen=True)
class Probe:
    """`mails`: in the folder; `waiting`: of them still to be fetched, None before the first start. `idle`: the server
    says when there is mail; `move`: it can move mails; `missing`: the folder to move to isn't there yet."""

    mails: int
    waiting: int | None
    idle: bool
    move: bool
    missing: str = ""


def probe(settings: ImapSettings, stored: Mapping[str, Any] | None) -> Probe:
    """`stored`: the mailbox's mark. Blocks. Raises a MailboxFailed."""
    plug = Plug()
    link = Link(settings.address, plug, patience=settings.patience, authorities=settings.authorities)
    try:
        settings.login(link)
        folder = Folder(link, settings.folder, read_only=True)
        return Probe(
            mails=folder.exists,
            waiting=len(folder.above(Mark.of(stored))) if stored else None,
            idle=folder.can("IDLE"),
            move=folder.can("MOVE") or folder.can("UIDPLUS"),
            missing="" if settings.after != "move" or folder.has(settings.move_to) else settings.move_to,
        )
    finally:
        link.abandon()
        plug.release()
