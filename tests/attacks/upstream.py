"""An upstream that the desk believes, and one that it doesn't: they differ by where they connect from."""

from collections.abc import Mapping

from tests.fakes import SmtpClient
from tests.walks.desk import SUPPORT

MX = "mx.firstline.localhost"
TRUSTED = "127.0.0.1"
ELSEWHERE = "127.0.0.2"

BEA = "bea@team.example"
ONCALL = "oncall@team.example"
BELIEVING: Mapping[str, Mapping[str, object]] = {
    "smtp": {"listen": "127.0.0.1:0", "authserv_id": MX, "upstreams": [f"{TRUSTED}/32"]},
    "agents": {"mail": ONCALL, "by_mail": True},
}


def passed(address: str) -> str:
    """What an upstream writes above a mail whose author's domain it has authenticated."""
    domain = address.rpartition("@")[2]
    return f"Authentication-Results: {MX}; spf=pass smtp.mailfrom={address}; dmarc=pass header.from={domain}"


def letter(*headers: str, text: str = "please change my address") -> bytes:
    return "\r\n".join((*headers, "", text, "")).encode("utf-8", "surrogateescape")


async def hand_over(
    endpoint: tuple[str, int] | None,
    raw: bytes,
    *,
    to: str = SUPPORT,
    sender: str = "mallory@example.net",
    peer: str = ELSEWHERE,
) -> None:
    """One mail, as its bytes are, by SMTP from the peer's address. `sender` is the envelope's; empty: the null one."""
    async with SmtpClient.to(endpoint, peer) as client:
        await client.greet()
        assert (await client.mail(to, raw.replace(b"\r\n.", b"\r\n.."), sender)).startswith("250")
