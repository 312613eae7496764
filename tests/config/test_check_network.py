"""What `firstline check` finds on our ports and at the relay."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.check.finding import Finding, Scene
from config.check.ports import http, smtp
from config.check.relay import relay
from config.settings import Settings
from connectors import http as web
from tests.config.certificates import make
from tests.connectors.smtp_desk import desk
from tests.fakes import CUT, FakeRelay


def scene(**sections: object) -> Scene:
    return Scene(Settings.model_validate(sections))


def text(finding: Finding) -> str:
    return "\n".join(problem.text for problem in finding.problems)


@contextmanager
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def free() -> int:
    with taken() as port:
        return port


# ------------------------------------------------------------------ ports


async def test_a_free_port_of_smtp_and_one_that_the_system_chooses() -> None:
    for listen in (f"127.0.0.1:{free()}", "127.0.0.1:0"):
        finding = await smtp(scene(smtp={"listen": listen}))
        assert finding.ok
        assert "no desk is running" in finding.note


async def test_a_port_that_a_desk_of_ours_holds() -> None:
    async with desk() as here:
        assert here.endpoint is not None
        ours = {"listen": f"127.0.0.1:{here.endpoint[1]}", "domains": ("desk.example", "other.example")}
        assert "a desk listens" in (await smtp(scene(smtp=ours))).note
        everywhere = {**ours, "listen": f"0.0.0.0:{here.endpoint[1]}"}
        assert (await smtp(scene(smtp=everywhere))).ok
        assert "another program" in text(await smtp(scene(smtp={**ours, "domains": ("shop.dev",)})))


async def test_a_port_that_somebody_else_holds() -> None:
    async with FakeRelay({"greeting": "220 mail.corp.example Postfix"}) as other:
        assert "another program" in text(await smtp(scene(smtp={"listen": f"127.0.0.1:{other.port}"})))
    async with FakeRelay({"greeting": CUT}) as other:
        assert not (await smtp(scene(smtp={"listen": f"127.0.0.1:{other.port}"}))).ok


async def test_an_address_of_another_machine() -> None:
    finding = await smtp(scene(smtp={"listen": "192.0.2.1:2525"}))
    assert "SMTP__LISTEN=192.0.2.1:2525" in text(finding)
    assert "address of this machine" in finding.problems[0].do


@pytest.mark.parametrize(("problem", "ok"), [(None, True), ("draining", False)])
async def test_a_desk_on_http_is_asked_whether_it_is_ready(problem: str | None, ok: bool) -> None:
    sock = web.bind("127.0.0.1", 0)
    where = {"listen": f"127.0.0.1:{sock.getsockname()[1]}"}
    serving = asyncio.create_task(web.serve(web.app(lambda: problem), sock))
    try:
        assert (await http(scene(http=where))).ok is ok
    finally:
        serving.cancel()
        await asyncio.wait([serving])
    assert (await http(scene(http=where))).ok


async def test_another_program_on_http() -> None:
    async with FakeRelay() as other:
        assert "another program" in text(await http(scene(http={"listen": f"127.0.0.1:{other.port}"})))


# ------------------------------------------------------------------ the relay


async def test_a_relay_that_lets_us_in_is_sent_nothing() -> None:
    async with FakeRelay() as fake:
        finding = await relay(scene(relay={"url": f"smtp://127.0.0.1:{fake.port}"}))
    assert finding.ok
    assert fake.mails == []
    assert [command.partition(" ")[0] for command in fake.commands] == ["EHLO", "MAIL", "QUIT"]


async def test_a_relay_that_refuses_our_address() -> None:
    async with FakeRelay({"MAIL": "550 5.7.1 not yours"}) as fake:
        finding = await relay(scene(relay={"url": f"smtp://127.0.0.1:{fake.port}"}))
    assert "550 5.7.1 not yours" in text(finding)


async def test_a_relay_that_is_away_or_does_not_speak() -> None:
    assert "away" in text(await relay(scene(relay={"url": f"smtp://127.0.0.1:{free()}"})))
    async with FakeRelay({"greeting": CUT}) as fake:
        assert "away" in text(await relay(scene(relay={"url": f"smtp://127.0.0.1:{fake.port}"})))


async def test_a_relay_that_wants_a_login_must_prove_itself_and_no_password_is_shown(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*make(tmp_path, "relay", "relay.corp.example"))
    async with FakeRelay(tls=context, offers=("AUTH PLAIN",)) as fake:
        finding = await relay(scene(relay={"url": f"smtp://u:hunter2@127.0.0.1:{fake.port}"}))
    assert "certificate" in text(finding).lower()
    assert "hunter2" not in repr(finding)
    assert not any("AUTH" in command for command in fake.commands)
    finding = await relay(scene(relay={"url": "smtp://u@127.0.0.1"}))
    assert "needs both a user and a password" in text(finding)


async def test_without_a_relay_the_folder_must_be_writable(tmp_path: Path) -> None:
    finding = await relay(scene(relay={"outbox": tmp_path / "var" / "outbox"}))
    assert finding.ok
    assert "reach nobody" in finding.note
    (tmp_path / "file").touch()
    assert "can't be written" in text(await relay(scene(relay={"outbox": tmp_path / "file" / "outbox"})))


async def test_a_mailboxs_own_relay_is_asked_too() -> None:
    async with FakeRelay() as usual, FakeRelay(script={"MAIL": "550 5.7.1 not you"}) as own:
        box = {"address": "sales@example.org", "relay": f"smtp://127.0.0.1:{own.port}"}
        finding = await relay(scene(relay={"url": f"smtp://127.0.0.1:{usual.port}"}, mailboxes={"sales": box}))
    (problem,) = finding.problems
    assert "not you" in problem.text
    assert "MAILBOXES__SALES__RELAY" in problem.do
    assert f"{usual.port} takes mail" in finding.note
