"""What `firstline check` says about the certificate for SMTP."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.check.certificate import certificate, expiring, uncovered
from config.check.finding import Scene
from config.settings import Settings
from connectors.certificate import Certificate, read
from connectors.smtp import CertificateUnusable
from tests.config.certificates import make

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def scene(certificate: Path | None, key: Path | None, *domains: str) -> Scene:
    smtp = {"certificate": certificate, "key": key, "domains": domains or ("desk.example",)}
    return Scene(Settings.model_validate({"smtp": smtp}))


def valid(*names: str, begins: timedelta = -timedelta(days=30), ends: timedelta = timedelta(days=60)) -> Certificate:
    return Certificate(names, NOW + begins, NOW + ends)


async def test_none() -> None:
    finding = await certificate(scene(None, None))
    assert finding.ok
    assert "without TLS" in finding.note


async def test_a_good_one(tmp_path: Path) -> None:
    finding = await certificate(scene(*make(tmp_path, "good", "mail.desk.example", "*.desk.example")))
    assert finding.ok
    assert "for mail.desk.example, *.desk.example, until" in finding.note


async def test_one_that_has_expired_is_still_read(tmp_path: Path) -> None:
    finding = await certificate(scene(*make(tmp_path, "old", "mail.desk.example", days=-1)))
    assert [problem.text.split(" on ")[0] for problem in finding.problems] == ["it expired"]


async def test_a_key_of_another_certificate(tmp_path: Path) -> None:
    one, _ = make(tmp_path, "one", "mail.desk.example")
    _, other = make(tmp_path, "other", "mail.desk.example")
    (problem,) = (await certificate(scene(one, other))).problems
    assert "one.pem" in problem.text
    assert "SMTP__CERTIFICATE" in problem.do


async def test_what_is_no_certificate(tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("not PEM")
    assert not (await certificate(scene(tmp_path / "bad.pem", None))).ok
    assert not (await certificate(scene(tmp_path / "nowhere.pem", None))).ok


def test_the_names_and_dates_are_read(tmp_path: Path) -> None:
    shown = read(*make(tmp_path, "one", "Mail.Desk.example", days=10))
    assert shown.names == ("mail.desk.example",)
    assert shown.ends - shown.begins == timedelta(days=10)
    nameless = read(*make(tmp_path, "none"))
    assert nameless.names == ()
    with pytest.raises(CertificateUnusable):
        read(tmp_path / "one.pem", tmp_path / "none.key")


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (valid(), []),
        (valid(ends=timedelta(days=14)), []),
        (valid(ends=timedelta(days=13)), ["it expires"]),
        (valid(ends=timedelta(0)), ["it expired"]),
        (valid(begins=timedelta(hours=1)), ["it begins"]),
    ],
)
def test_dates(shown: Certificate, said: list[str]) -> None:
    assert [problem.text.split(" on ")[0] for problem in expiring(shown, NOW)] == said


@pytest.mark.parametrize(
    ("names", "covered"),
    [
        (("desk.dev",), True),
        (("mail.desk.dev",), True),
        (("*.desk.dev",), True),
        (("mx.host.net",), True),
        (("*.host.net",), True),
        (("mx.other.net",), False),
        (("notdesk.dev",), False),
        ((), False),
    ],
)
def test_names(names: tuple[str, ...], covered: bool) -> None:
    problem = uncovered(valid(*names), "desk.dev", ["desk.dev", "mx.host.net"])
    assert (problem is None) is covered
    assert problem is None or "mx.host.net" in problem.do
