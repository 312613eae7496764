"""The certificate that SMTP clients see."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from config.check.finding import Finding, Problem, Scene, found
from config.check.names import is_special, mail_hosts
from connectors.certificate import Certificate, read
from connectors.smtp import CertificateUnusable

SOON = timedelta(days=14)
RENEW = "renew it, then let the desk take it with SIGHUP (`systemctl reload firstline`)"


async def certificate(scene: Scene) -> Finding:
    smtp = scene.settings.smtp
    if smtp.certificate is None:
        return found(note="none set: mail comes in without TLS")
    try:
        shown = await asyncio.to_thread(read, smtp.certificate, smtp.key)
    except CertificateUnusable as error:
        return found(Problem(str(error), "name a PEM file with the chain in SMTP__CERTIFICATE, its key in SMTP__KEY"))
    domains = [domain for domain in smtp.domains if not is_special(domain)]
    hosts = await asyncio.gather(*(mail_hosts(domain) for domain in domains))
    return found(
        *expiring(shown, datetime.now(UTC)),
        *(uncovered(shown, domain, [domain, *names]) for domain, names in zip(domains, hosts, strict=True)),
        note=f"for {', '.join(shown.names) or 'no name'}, until {shown.ends:%Y-%m-%d}",
    )


def expiring(shown: Certificate, now: datetime) -> Iterator[Problem]:
    if now < shown.begins:
        yield Problem(f"it begins on {shown.begins:%Y-%m-%d %H:%M} UTC only", "use one that is valid, or set the clock")
    elif shown.ends <= now:
        yield Problem(f"it expired on {shown.ends:%Y-%m-%d %H:%M} UTC", RENEW)
    elif shown.ends - now < SOON:
        yield Problem(f"it expires on {shown.ends:%Y-%m-%d %H:%M} UTC", RENEW)


def uncovered(shown: Certificate, domain: str, hosts: Sequence[str]) -> Problem | None:
    """Covered by the name of any host that takes mail for the domain, or of one inside it."""
    if any(shown.covers(host) for host in hosts) or any(name.endswith(f".{domain}") for name in shown.names):
        return None
    text = f"it names {', '.join(shown.names) or 'nothing'}, which is no host that takes mail for {domain}"
    return Problem(text, f"get one for {hosts[-1]}; servers that check names send their mail without TLS or not at all")
