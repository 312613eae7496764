"""`firstline check`: each check is a line, whatever happens to the others, and none of them tells a secret."""

import asyncio
import re
from pathlib import Path

import pytest

from config import check
from config.check.finding import Finding, Scene, found
from config.settings import load
from storage.lock import hold
from tests.config.commands import Commands
from tests.model_server import ModelServer, content, status

NAMES = [
    *("settings", "permissions", "keys", "certificate", "smtp", "http", "relay", "mailboxes", "model", "budget"),
    *("disk", "database", "clock", "dns", "knowledge", "agents", "mode"),
]


@pytest.fixture
def well(firstline: Commands) -> Commands:
    """Nothing is wrong."""
    for name in ("SMTP__LISTEN", "HTTP__LISTEN"):
        firstline.monkeypatch.setenv(f"FIRSTLINE__{name}", "127.0.0.1:0")
    firstline.monkeypatch.setenv("FIRSTLINE__HEALTH__DISK", "0")
    sample = Path(check.__file__).parents[1] / "sample_knowledge"
    firstline.monkeypatch.setenv("FIRSTLINE__KNOWLEDGE__FOLDER", str(sample))
    Path("firstline.db").chmod(0o600)
    assert firstline("agent", "add", "bea").code == 0
    return firstline


def test_a_desk_that_is_well(well: Commands) -> None:
    done = well("check", "--json")
    assert [line["name"] for line in done.json] == NAMES
    assert all(line["ok"] and line["problem"] == line["do"] == "" for line in done.json), done.out
    assert done.code == 0


def test_one_problem_is_enough(well: Commands) -> None:
    well.monkeypatch.setenv("FIRSTLINE__KNOWLEDGE__FOLDER", "nowhere")
    done = well("check", "--json")
    assert done.code == 1
    (line,) = [line for line in done.json if not line["ok"]]
    assert line["name"] == "knowledge"
    assert "nowhere" in line["problem"]
    assert line["do"]


def test_people_see_what_to_do(well: Commands) -> None:
    well.monkeypatch.setenv("FIRSTLINE__KNOWLEDGE__FOLDER", "nowhere")
    done = well("check")
    assert re.search(r"^NO  knowledge\n +KNOWLEDGE__FOLDER: .*nowhere\n +-> ", done.out, re.MULTILINE)
    assert re.search(r"^ok  smtp ", done.out, re.MULTILINE)


def test_settings_that_cant_be_read_are_the_only_line(firstline: Commands) -> None:
    firstline.monkeypatch.setenv("FIRSTLINE__OPENAI__API_KEY_FILE", "nowhere")
    firstline.monkeypatch.setenv("FIRSTLINE__SMTP__LISTN", "x")
    done = firstline("check", "--json")
    assert done.code == 1
    (line,) = done.json
    assert (line["name"], line["ok"]) == ("settings", False)
    assert "FIRSTLINE__OPENAI__API_KEY_FILE" in line["problem"]
    assert "did you mean FIRSTLINE__SMTP__LISTEN" in line["problem"]


def test_beside_a_desk_who_serves_is_told(well: Commands) -> None:
    with hold(Path(well.url.removeprefix("sqlite:///"))):
        (line,) = [line for line in well("check", "--json").json if line["name"] == "database"]
    assert line["ok"]
    assert re.search(r"is served by process \d+ on ", line["note"])


async def crash(scene: Scene) -> Finding:
    raise RuntimeError("hunter2")


async def hang(scene: Scene) -> Finding:
    await asyncio.Event().wait()
    return found()


def test_a_check_that_breaks_or_hangs_is_a_problem_of_its_own(well: Commands) -> None:
    well.monkeypatch.setattr(check, "CHECKS", {"breaks": crash, "hangs": hang})
    well.monkeypatch.setattr(check, "SECONDS", 0.05)
    done = well("check", "--json")
    _, breaks, hangs = done.json
    assert "RuntimeError at" in breaks["problem"]
    assert "no result within 0.05 s" in hangs["problem"]
    assert "hunter2" not in done.out + done.err


async def test_a_model_that_answers_and_one_that_does_not() -> None:
    async with ModelServer(content("ok"), status(401)) as server:
        environ = {
            "FIRSTLINE__TRIAGE__TRIAGER": "openai",
            "FIRSTLINE__OPENAI__BASE_URL": server.url,
            "FIRSTLINE__OPENAI__MODEL": "small",
            "FIRSTLINE__OPENAI__API_KEY": "hunter2",
        }
        assert (await model(environ)).note == "small answers"
        assert len(server.requests) == 1
        assert "OPENAI__API_KEY" in (await model(environ)).problems[0].do
    finding = await model(environ)
    assert "unreachable" in finding.problems[0].text
    assert "hunter2" not in repr(finding)


async def model(environ: dict[str, str]) -> Finding:
    return await check.model.model(Scene(load(environ=environ)))
