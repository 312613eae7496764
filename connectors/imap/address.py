"""Where a mailbox is."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit


@dataclass(frozen=True)
class ImapAddress:
    """`tls`: from the first byte. Without it STARTTLS must follow, unless the connection never leaves this machine."""

    host: str
    port: int
    tls: bool = True

    @staticmethod
    def parse(url: str) -> "ImapAddress":
        """From `imap[s]://host[:port]`. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in ("imap", "imaps") or not parts.hostname:
            raise ValueError("a mailbox is at imaps://host[:port] or imap://host[:port]")
        tls = parts.scheme == "imaps"
        return ImapAddress(parts.hostname, parts.port or (993 if tls else 143), tls)

    @property
    def is_here(self) -> bool:
        """On this machine, by its number or the one name that can't be another's (RFC 6761)."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
