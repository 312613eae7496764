"""What SMTP clients may take of us: connections, mails a minute, memory, time."""

import ipaddress
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class SmtpLimits:
    """Sizes in bytes, times in seconds."""

    size: int = 25_000_000
    recipients: int = 100
    connections: int = 1000
    connections_per_client: int = 50
    mails_per_minute: int = 30_000
    """From one client; as many may come at once."""
    in_flight: int = 128_000_000
    """Bytes of mail in memory over all sessions, from DATA until the commit."""
    idle: float = 300
    session: float = 900
    """How long a session may last without a mail being kept."""
    commands: int = 1000
    """How many commands a session may send without a mail being kept."""
    bytes_per_second: int = 500
    """The least that DATA must bring, after the first `grace` seconds."""
    grace: float = 20
    keep: float = 300
    drain: float = 20
    linger: float = 5
    """How long a client that we have left may take to read our last words."""


def client_of(peername: object) -> str:
    """The client's address, or nothing when it has gone already."""
    return str(peername[0]) if isinstance(peername, tuple) and peername else ""


def _neighbourhood(client: str) -> str:
    """Whose limit it is: an IPv6 customer commands a whole /64."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))


class Crowd:
    """Who is connected."""

    def __init__(self, limits: SmtpLimits) -> None:
        self.limits = limits
        self._here: Counter[str] = Counter()
        self._all = 0

    def enter(self, client: str) -> bool:
        """False when there is no place; else the client must `leave`."""
        key = _neighbourhood(client)
        if self._all >= self.limits.connections or self._here[key] >= self.limits.connections_per_client:
            return False
        self._here[key] += 1
        self._all += 1
        return True

    def leave(self, client: str) -> None:
        key = _neighbourhood(client)
        self._all -= 1
        self._here[key] -= 1
        if not self._here[key]:
            del self._here[key]


class Pace:
    """How many mails each client may still send: a bucket that fills again within a minute."""

    _remembered = 10_000

    def __init__(self, limits: SmtpLimits, now: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> bool:
        key, now, full = _neighbourhood(client), self._now(), self.limits.mails_per_minute
        left, since = self._buckets.pop(key, (float(full), now))
        left = min(full, left + (now - since) * full / 60)
        allowed = left >= 1
        self._buckets[key] = (left - allowed, now)
        if len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        return allowed


class Hold:
    """The memory that one mail takes up."""

    def __init__(self, room: "Room") -> None:
        self._room = room
        self.taken = 0

    def take(self, size: int) -> bool:
        if self._room.used + size > self._room.size:
            return False
        self._room.used += size
        self.taken += size
        return True

    def give_back(self) -> None:
        self._room.used -= self.taken
        self.taken = 0


class Room:
    """The memory for mails that are on their way in."""

    def __init__(self, limits: SmtpLimits) -> None:
        self.used = 0
        self.obey(limits)

    def obey(self, limits: SmtpLimits) -> None:
        # One mail of the largest size always fits, with what may come in one piece with its end.
        self.size = max(limits.in_flight, limits.size + 2**20)

    @property
    def is_full(self) -> bool:
        return self.used >= self.size

    @contextmanager
    def hold(self) -> Iterator[Hold]:
        hold = Hold(self)
        try:
            yield hold
        finally:
            hold.give_back()
