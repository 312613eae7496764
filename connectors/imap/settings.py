"""How one mailbox is read."""

import ssl
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Literal

from connectors.imap.address import ImapAddress
from connectors.imap.link import Patience
from connectors.imap.login import Login


@dataclass(frozen=True)
class ImapSettings:
    """`name` is the channel's. `since`: the first start also takes mail from this day (UTC) on. `poll`: seconds between
    two looks. `max_size`: bytes. `authorities` replaces the system's trusted certificates."""

    name: str
    address: ImapAddress
    login: Login = field(repr=False)
    folder: str = "INBOX"
    since: date | None = None
    after: Literal["leave", "seen", "move"] = "leave"
    move_to: str = ""
    poll: float = 60
    idle: bool = True
    max_size: int = 25_000_000
    patience: Patience = field(default_factory=Patience)
    authorities: ssl.SSLContext | None = None

    @property
    def place(self) -> str:
        """The folder among all folders of the world."""
        return f"{self.login.user}@{self.address.host}/{self.folder}"

    @property
    def begins(self) -> datetime | None:
        return datetime.combine(self.since, time(), UTC) if self.since else None
