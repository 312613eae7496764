"""What other mail servers look up about our domains."""

import asyncio
from collections.abc import Sequence

from config.check.finding import Finding, Problem, Scene, found
from connectors.dns import Names, NoNameServer

# RFC 6761 and RFC 2606: names that no public server knows.
SPECIAL = {"localhost", "test", "example", "invalid", "local", "internal", "home.arpa"}
EXAMPLES = {"example.com", "example.net", "example.org"}

ASK_ANOTHER = "look at /etc/resolv.conf; the desk itself needs no name server, mail to it does"


async def names(scene: Scene) -> Finding:
    """MX, without which no mail comes in; SPF and DMARC, without which ours looks forged."""
    asked = [domain for domain in scene.settings.smtp.domains if not is_special(domain)]
    left_out = [domain for domain in scene.settings.smtp.domains if is_special(domain)]
    problems = await of_domains(asked, Names())
    return found(*problems, note=f"{', '.join(left_out)}: for use inside only, not asked about" if left_out else "")


async def of_domains(domains: Sequence[str], ask: Names) -> list[Problem]:
    try:
        each = await asyncio.gather(*(_of_domain(domain, ask) for domain in domains))
    except NoNameServer as error:
        return [Problem(f"no name server could be asked: {error}", ASK_ANOTHER)]
    return [problem for problems in each for problem in problems]


async def mail_hosts(domain: str) -> list[str]:
    """None of them when nobody can be asked."""
    try:
        return await Names().mail_hosts(domain)
    except NoNameServer:
        return []


def is_special(domain: str) -> bool:
    labels = domain.split(".")
    return any(".".join(labels[n:]) in SPECIAL | EXAMPLES for n in range(len(labels)))


# ------------------------------------------------------------------ rules


def mx(domain: str, hosts: Sequence[str]) -> Problem | None:
    if not hosts:
        return Problem(
            f"{domain} has no MX record", f"publish one that names this host: {domain}. MX 10 mail.{domain}."
        )
    if hosts == [""]:
        return Problem(f"{domain} says that it takes no mail (MX 0 .)", "publish an MX record that names this host")
    return None


def spf(domain: str, texts: Sequence[str]) -> Problem | None:
    """RFC 7208 (sections 3.2 and 4.5)."""
    policies = [text for text in texts if text == "v=spf1" or text.startswith("v=spf1 ")]
    if not policies:
        text = f'publish which servers send its mail: {domain}. TXT "v=spf1 mx -all", with the relay\'s own entry'
        return Problem(f"{domain} has no SPF record", text)
    if len(policies) > 1:
        return Problem(f"{domain} has {len(policies)} SPF records, so none counts", "join them into one")
    return None


def dmarc(domain: str, texts: Sequence[str]) -> Problem | None:
    """RFC 7489 (section 6.6.3)."""
    if any(text.replace(" ", "").startswith("v=DMARC1") for text in texts):
        return None
    return Problem(
        f"{domain} has no DMARC record", f'publish a policy: _dmarc.{domain}. TXT "v=DMARC1; p=none; rua=mailto:…"'
    )


async def _of_domain(domain: str, ask: Names) -> list[Problem]:
    hosts, texts, policies = await asyncio.gather(
        ask.mail_hosts(domain), ask.texts(domain), asyncio.gather(*(ask.texts(name) for name in _policy_names(domain)))
    )
    problems = (mx(domain, hosts), spf(domain, texts), dmarc(domain, [text for some in policies for text in some]))
    return [problem for problem in problems if problem]


def _policy_names(domain: str) -> list[str]:
    """A domain without a policy of its own has that of a domain above it."""
    labels = domain.split(".")
    return [f"_dmarc.{'.'.join(labels[n:])}" for n in range(max(1, len(labels) - 1))]
