"""The kinds of value that settings have. What each refuses, it refuses with the words for what is allowed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from bot.model import Level

UNITS = {None: 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to listen. Port 0 lets the system choose one."""

    host: str
    port: int

    @property
    def reachable(self) -> str:
        """The host by which a program on this machine gets there: what is listened on everywhere is here too."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 (not to be bound to)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def endpoint(value: Any) -> Endpoint:
    if isinstance(value, Endpoint):
        return value
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+)):([0-9]{1,5})", str(value), re.ASCII)
    if not match or int(match[3]) > 65_535:
        raise ValueError("must be host:port, such as 127.0.0.1:2525 or [::1]:2525")
    return Endpoint(match[1] or match[2], int(match[3]))


def listed(value: Any) -> Any:
    """The environment separates by commas; the file has a list."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def domain(value: str) -> str:
    name = value.lower().removesuffix(".")
    if len(name) > 253 or not re.fullmatch(rf"{LABEL}(\.{LABEL})*", name):
        raise ValueError("must be domain names such as example.org, international ones as xn--…")
    return name


def some(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise ValueError("must name at least one")
    return tuple(dict.fromkeys(value))


def levels(value: Any) -> Any:
    """The environment has category=level,…; the file a table."""
    if not isinstance(value, str):
        return value
    pairs = [pair.partition("=") for pair in listed(value)]
    if not all(slug.strip() and level.strip() for slug, _, level in pairs):
        raise ValueError("must be category=level,category=level…")
    return {slug.strip(): level.strip() for slug, _, level in pairs}


def database(value: str) -> str:
    """A path for SQLite, a server for PostgreSQL; a database in memory would keep nothing."""
    kind, _, rest = value.partition("://")
    if kind == "sqlite" and rest.startswith("/") and rest.strip("/") not in ("", ":memory:"):
        return value
    if kind in ("postgresql", "postgres") and urlsplit(value).path.strip("/"):
        return value
    raise ValueError("must be sqlite:///FILE or postgresql://[USER[:PASSWORD]@]HOST[:PORT]/NAME")


def relay(value: str) -> str:
    if value and not _is_url(value, "smtp", "smtps"):
        raise ValueError("must be smtp://[USER:PASSWORD@]HOST[:PORT] or smtps://…, or empty to write files")
    return value


def imap(value: str) -> str:
    if value and (not _is_url(value, "imap", "imaps") or urlsplit(value).username or urlsplit(value).path.strip("/")):
        raise ValueError("must be imaps://HOST[:PORT] or imap://HOST[:PORT]; the user has a setting of its own")
    return value


def network(value: str) -> str:
    try:
        return str(ip_network(value, strict=False))
    except ValueError as error:
        raise ValueError("must be addresses or networks such as 10.0.0.0/8 or 2001:db8::/32") from error


def web(value: str) -> str:
    if not _is_url(value, "http", "https"):
        raise ValueError("must be an address that begins with http:// or https://")
    return value


def web_folder(value: str) -> str:
    if not web(value).endswith("/"):
        raise ValueError("must end in /")
    return value


def socket_address(value: str) -> str:
    if not _is_url(value, "ws", "wss", "http", "https"):
        raise ValueError("must be an address that begins with ws://, wss://, http:// or https://")
    return value


def mail_address(value: str) -> str:
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", value):
        raise ValueError("must be one plain mail address, such as oncall@example.org")
    return value


def size(value: Any) -> int:
    match = re.fullmatch(r"([0-9]{1,12}) ?(kB|MB|GB|KiB|MiB|GiB)?", str(value), re.ASCII)
    number = int(match[1]) * UNITS[match[2]] if match else 0
    if number < 1024:
        raise ValueError("must be a number of bytes of at least 1024, such as 25000000, 25MB or 24MiB")
    return number


def failpoint(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9_.]+:(kill|fail|hang|count)@[1-9][0-9]*", value, re.ASCII):
        raise ValueError("must be name:action@N with the action kill, fail or hang")
    return value


def _is_url(value: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def empty_is_none(value: Any) -> Any:
    return None if value == "" else value


Listen = Annotated[Endpoint, BeforeValidator(endpoint)]
Names = Annotated[tuple[str, ...], BeforeValidator(listed)]
Domains = Annotated[tuple[Annotated[str, AfterValidator(domain)], ...], AfterValidator(some), BeforeValidator(listed)]
Levels = Annotated[Mapping[str, Level], BeforeValidator(levels)]
DatabaseUrl = Annotated[str, AfterValidator(database), Field(repr=False)]
RelayUrl = Annotated[str, AfterValidator(relay), Field(repr=False)]
ImapUrl = Annotated[str, AfterValidator(imap)]
Networks = Annotated[tuple[Annotated[str, AfterValidator(network)], ...], BeforeValidator(listed)]
WebUrl = Annotated[str, AfterValidator(web)]
WebFolder = Annotated[str, AfterValidator(web_folder)]
SocketUrl = Annotated[str, AfterValidator(socket_address)]
Address = Annotated[str, AfterValidator(mail_address)]
Failpoint = Annotated[str, AfterValidator(failpoint)]
Size = Annotated[int, BeforeValidator(size)]
Count = Annotated[int, Field(ge=1)]
Secret = Annotated[SecretStr | None, BeforeValidator(empty_is_none), Field(repr=False)]
File = Annotated[Path | None, BeforeValidator(empty_is_none)]
