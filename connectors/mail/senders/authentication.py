"""Whom to believe: did an upstream that we trust authenticate the author's domain? Pure, and the only reader of
Authentication-Results; what anybody else has written there is as good as not there."""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.model import FORGED, Verdict
from connectors.mail.form.addresses import Address
from connectors.mail.form.headers import Headers
from connectors.mail.form.words import raw_text, words
from connectors.mail.senders.authentication_results import CONTROL, Result, Results, results_of

SPAM = "spam"

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+", re.IGNORECASE)
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]++"
# Nothing that any two programs read differently: no comment, group, list, route, escape or quoted local part.
_SOLE = re.compile(
    rf"(?:(?P<name>\"[^\"\\]*+\"|[^\"\\<>(),:;]*+) ?<(?P<angle>{_ATOM}(?:\.{_ATOM})*+@[^\s<>@]++)>"
    rf"|(?P<bare>{_ATOM}(?:\.{_ATOM})*+@[^\s<>@]++))",
    re.IGNORECASE,
)

# How filters say it: SpamAssassin and rspamd, Barracuda, Bogofilter, Exchange (its level of 5 and more goes to Junk).
_SPAM = {
    "x-spam-flag": re.compile(r"yes\b", re.IGNORECASE),
    "x-spam-status": re.compile(r"yes\b", re.IGNORECASE),
    "x-spam": re.compile(r"yes\b", re.IGNORECASE),
    "x-barracuda-spam-flag": re.compile(r"yes\b", re.IGNORECASE),
    "x-bogosity": re.compile(r"(?:spam|yes)\b", re.IGNORECASE),
    "x-ms-exchange-organization-scl": re.compile(r"[5-9]\b"),
}


@dataclass(frozen=True, slots=True)
class Believed:
    """An upstream that checks mail for us and writes Authentication-Results under its own `authserv_id` ("": nobody).

    `networks` are where it hands mail over from (10.0.0.0/8, ::1); None: it is the place that mail is fetched from.
    """

    authserv_id: str
    networks: tuple[str, ...] | None = None


class Authentication(NamedTuple):
    """`signs` are among FORGED and SPAM; both keep the desk from answering by itself."""

    verdict: Verdict
    signs: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def authenticated(
    headers: Headers, authors: Sequence[Address], believed: Sequence[Believed], peer: str | None
) -> Authentication:
    """`peer` is the IP address that handed the mail over, None when it was fetched. Verified is the author's domain
    alone: who of its users wrote is that domain's own affair."""
    upstream = next((one for one in believed if _hands_over(one, peer)), None)
    if upstream is None:
        return Authentication(Verdict.UNVERIFIED)
    spam = (SPAM,) if _is_spam(headers) else ()
    said = _said(headers, upstream)
    if said is None:
        return Authentication(Verdict.UNVERIFIED, spam)
    if said.results is None:
        problem = f"what {upstream.authserv_id} says about its sender can't be read"
        return Authentication(Verdict.UNVERIFIED, spam, (problem,))
    author = _sole_author(headers, authors)
    if author and _passed(said.results, author):
        return Authentication(Verdict.VERIFIED, spam)
    return Authentication(Verdict.UNVERIFIED, ((FORGED,) if _failed(said.results) else ()) + spam)


# ------------------------------------------------------------------ who says it


def _hands_over(one: Believed, peer: str | None) -> bool:
    if not one.authserv_id or (one.networks is None) != (peer is None):
        return False
    return one.networks is None or any(_is_in(peer or "", network) for network in one.networks)


def _is_in(peer: str, network: str) -> bool:
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
        there = ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address) in there


def _said(headers: Headers, upstream: Believed) -> Results | None:
    """The topmost results of the upstream: only the top of a mail is its own work.

    It takes out what others wrote under its name (RFC 8601, section 5). If it wrote nothing itself this time, results
    of its own may still come back with a mail that it sent out once: those stand below the hops since. An upstream
    that hands over by SMTP adds one Received of its own; one that mail is fetched from may have many hops inside.
    """
    hops = 0
    for name, value in headers.fields:
        hops += name == "received"
        if hops > 1 and upstream.networks is not None:
            return None
        if name == "authentication-results":
            said = results_of(value)
            if said.server == upstream.authserv_id.lower():
                return said
    return None


# ------------------------------------------------------------------ about whom


def _sole_author(headers: Headers, authors: Sequence[Address]) -> str:
    """The author's address in lower case, or "" when somebody could read From in another way than we do."""
    values = headers.every("from")
    if len(values) != 1 or len(authors) != 1 or any(map(CONTROL.search, (*values, *headers.every("dkim-signature")))):
        return ""
    match = _SOLE.fullmatch(" ".join(raw_text(values[0]).split()))
    address = (match["angle"] or match["bare"]).lower() if match else ""
    name = words((match["name"] or "").strip().strip('"')).lower() if match else ""
    shows_another = ("@" in name and name != address) or "=?" in address
    if shows_another or address != authors[0].address.lower() or not _domain(address):
        return ""
    return address


def _domain(value: str) -> str:
    """Of an address or by itself, in lower case; "" when it is not plainly a domain of two labels or more."""
    domain = value.rpartition("@")[2].lower()
    return domain if len(domain) <= 253 and _DOMAIN.fullmatch(domain) else ""


# ------------------------------------------------------------------ what it says


def _passed(results: Sequence[Result], author: str) -> bool:
    if not all(_may_write_as(author, sender) for sender in _told(results, "spf", "smtp.mailfrom")):
        return False
    domain = _domain(author)
    dmarc = [one for one in results if one.method == "dmarc"]
    if dmarc:
        # One mail has one From: a second result is somebody else's.
        return len(dmarc) == 1 and dmarc[0].result == "pass" and _domain(_first(dmarc[0], "header.from")) == domain
    signed = (_first(one, "header.d", "header.i") for one in results if one.method == "dkim" and one.result == "pass")
    sent = (_first(one, "smtp.mailfrom") for one in results if one.method == "spf" and one.result == "pass")
    return any(_answers_for(_domain(other), domain) for other in (*signed, *sent))


def _may_write_as(author: str, sender: str) -> bool:
    """DMARC compares domains, so anybody with an account at the author's domain passes. When the account is seen in the
    envelope it has to be the author's; a tag behind it is the author's own."""
    local, _, domain = sender.lower().rpartition("@")
    name, _, home = author.partition("@")
    return not local or domain != home or local.partition("+")[0] == name.partition("+")[0]


def _answers_for(other: str, domain: str) -> bool:
    """The same domain, or one above it, whose owner has given it away. Not one below, as DMARC allows: without a list
    of public suffixes x.github.io would answer for github.io, or x.co.uk for co.uk."""
    return bool(other) and (domain == other or domain.endswith(f".{other}"))


def _failed(results: Sequence[Result]) -> bool:
    by = {method: {one.result for one in results if one.method == method} for method in ("dmarc", "dkim", "spf")}
    if by["dmarc"]:
        return "fail" in by["dmarc"] and "pass" not in by["dmarc"]
    neither = "pass" not in by["dkim"] | by["spf"]
    return neither and "fail" in by["dkim"] and not by["spf"].isdisjoint({"fail", "softfail"})


def _told(results: Sequence[Result], method: str, name: str) -> Iterator[str]:
    return (one.properties[name] for one in results if one.method == method and name in one.properties)


def _first(one: Result, *names: str) -> str:
    return next((one.properties[name] for name in names if name in one.properties), "")


def _is_spam(headers: Headers) -> bool:
    return any(mark.match(headers.text(name)) for name, mark in _SPAM.items())
