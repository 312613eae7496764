"""What the domain name system says about a name. Asked by `firstline check` alone; the desk itself needs none of it."""

from collections.abc import Sequence

import dns.asyncresolver
import dns.exception
import dns.resolver
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT


class NoNameServer(Exception):
    """No name server has given an answer, so nothing is known."""


class Names:
    """`servers` are addresses and stand for the system's own; `seconds`: for one answer, all tries included."""

    def __init__(self, servers: Sequence[str] = (), port: int = 53, seconds: float = 3.0) -> None:
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=not servers)
        except dns.resolver.NoResolverConfiguration:
            self._resolver = dns.asyncresolver.Resolver(configure=False)
        if servers:
            self._resolver.nameservers = list(servers)
            self._resolver.port = port
        self._resolver.lifetime = seconds

    async def mail_hosts(self, domain: str) -> list[str]:
        """Whom mail for the domain is brought to, the preferred first; "" for a domain that takes no mail (RFC 7505).
        Raises NoNameServer."""
        found = [record for record in await self._ask(domain, "MX") if isinstance(record, MX)]
        return [
            record.exchange.to_text(omit_final_dot=True).lower().removeprefix(".")
            for record in sorted(found, key=lambda record: record.preference)
        ]

    async def texts(self, name: str) -> list[str]:
        """Its TXT records. Raises NoNameServer."""
        records = await self._ask(name, "TXT")
        return [b"".join(record.strings).decode("utf-8", "replace") for record in records if isinstance(record, TXT)]

    async def _ask(self, name: str, kind: str) -> Sequence[object]:
        try:
            # With the dot at its end: the system's search list would turn it into another name.
            return list(await self._resolver.resolve(f"{name}.", kind))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise NoNameServer(f"no answer about {name} ({type(error).__name__})") from error
