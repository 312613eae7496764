"""What stands in a certificate: whom it names and how long it is valid."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.smtp import CertificateUnusable, tls_context

# X509_V_FLAG_NO_CHECK_TIME of OpenSSL's x509_vfy.h, which Python has no name for: the dates are what is asked about.
_NO_CHECK_TIME = 0x200000


@dataclass(frozen=True)
class Certificate:
    """`names`: DNS names in lower case, with `*.` where it stands for all of one level."""

    names: tuple[str, ...]
    begins: datetime
    ends: datetime

    def covers(self, host: str) -> bool:
        """RFC 6125 (section 6.4.3)."""
        _, _, above = host.partition(".")
        return host in self.names or f"*.{above}" in self.names


def read(certificate: Path, key: Path | None) -> Certificate:
    """Raises CertificateUnusable when it, or its key, can't be used by a server."""
    server = tls_context(certificate, key)
    # Python decodes only a certificate that it has been shown and has trusted: so we show it to ourselves.
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME
    try:
        client.load_verify_locations(certificate)
        shown = _shown(server, client)
    except ssl.SSLError as error:
        raise CertificateUnusable(f"{certificate} can't be used by a server ({error.reason})") from error
    names = tuple(value.lower() for kind, value in shown.get("subjectAltName", ()) if kind == "DNS")
    return Certificate(names, _instant(shown["notBefore"]), _instant(shown["notAfter"]))


def _shown(server: ssl.SSLContext, client: ssl.SSLContext) -> Mapping[str, Any]:
    """A handshake between two ends in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(to_client, to_server)
    there = server.wrap_bio(to_server, to_client, server_side=True)
    for end in (here, there, here, there):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return here.getpeercert() or {}


def _instant(text: str) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
