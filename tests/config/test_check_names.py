"""What `firstline check` finds out about our domains, from a real name server on loopback."""

from collections.abc import Mapping, Sequence

import pytest

from config.check.names import dmarc, is_special, mx, of_domains, spf
from connectors.dns import Names, NoNameServer
from tests.config.nameserver import NameServer, nameserver

GOOD = {
    ("shop.dev", "MX"): ["20 b.shop.dev.", "10 a.shop.dev."],
    ("shop.dev", "TXT"): ['"site-verification=1"', '"v=spf1 mx" " -all"'],
    ("_dmarc.shop.dev", "TXT"): ['"v=DMARC1; p=none"'],
}


def names(server: NameServer, seconds: float = 3.0) -> Names:
    return Names(["127.0.0.1"], server.port, seconds)


async def problems(zone: Mapping[tuple[str, str], Sequence[str]], *domains: str) -> list[str]:
    async with nameserver(zone) as server:
        return [problem.text for problem in await of_domains(domains, names(server))]


async def test_a_domain_that_is_set_up() -> None:
    assert await problems(GOOD, "shop.dev") == []


async def test_a_domain_below_it_has_its_policy_but_not_its_records() -> None:
    found = await problems(GOOD, "shop.dev", "help.shop.dev")
    assert found == ["help.shop.dev has no MX record", "help.shop.dev has no SPF record"]


async def test_a_domain_that_nobody_knows() -> None:
    assert [text.split(" has no ")[1] for text in await problems({}, "shop.dev")] == [
        "MX record",
        "SPF record",
        "DMARC record",
    ]


async def test_a_name_server_that_does_not_answer_is_named_and_not_taken_for_a_no() -> None:
    async with nameserver({}, silent=True) as server:
        (problem,) = await of_domains(["shop.dev"], names(server, 0.2))
    assert "no name server could be asked" in problem.text
    assert "/etc/resolv.conf" in problem.do


async def test_nothing_but_the_name_is_asked() -> None:
    """A search list in /etc/resolv.conf would tell other people's servers."""
    async with nameserver({}) as server:
        assert await names(server).mail_hosts("shop.dev") == []
        assert server.asked == ["shop.dev MX"]


async def test_the_preferred_host_comes_first() -> None:
    async with nameserver(GOOD) as server:
        assert await names(server).mail_hosts("shop.dev") == ["a.shop.dev", "b.shop.dev"]
    async with nameserver({("shop.dev", "MX"): ["0 ."]}) as server:
        assert await names(server).mail_hosts("shop.dev") == [""]


async def test_a_name_that_is_none() -> None:
    async with nameserver({}) as server:
        with pytest.raises(NoNameServer):
            await names(server).texts("a..b")


@pytest.mark.parametrize("domain", ["firstline.localhost", "desk.example", "example", "help.example.org", "a.test"])
def test_domains_that_no_public_server_knows(domain: str) -> None:
    assert is_special(domain)


@pytest.mark.parametrize("domain", ["shop.dev", "localhost.dev", "myexample.org", "example.de"])
def test_domains_that_one_may_know(domain: str) -> None:
    assert not is_special(domain)


def test_rules_for_mail_in() -> None:
    assert mx("d", ["mail.d"]) is None
    assert "no MX record" in str(mx("d", []))
    assert "takes no mail" in str(mx("d", [""]))


def test_rules_for_who_may_send() -> None:
    assert spf("d", ["v=spf1 -all"]) is None
    assert spf("d", ["v=spf1", "v=spf10 is none"]) is None
    assert "no SPF" in str(spf("d", ["v=spf10 -all"]))
    assert "2 SPF records" in str(spf("d", ["v=spf1 mx", "v=spf1 -all"]))


def test_rules_for_forged_mail() -> None:
    assert dmarc("d", ["v=DMARC1; p=none"]) is None
    assert "no DMARC" in str(dmarc("d", ["v=spf1 -all"]))
