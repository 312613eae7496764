"""What `firstline check` says about who may read what, and about room on the disk."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from config.check.files import disk, permissions, secrets, short
from config.check.finding import Check, Finding, Scene
from config.settings import load

TOML = """
[database]
url = "sqlite:///var/firstline.db"
[desk]
keys = "var/keys"
[openai]
api_key_file = "openai-key"
"""


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A desk whose files are its own, as `init` and `serve` leave it."""
    monkeypatch.chdir(tmp_path)
    Path("var").mkdir(mode=0o700)
    for name in ("var/keys", "var/firstline.db", "var/firstline.db-wal", "openai-key", "relay-url"):
        Path(name).touch(mode=0o600)
    Path("relay-url").write_text("smtp://u:hunter2@relay.corp.example")
    Path("firstline.toml").write_text(TOML)
    return seen(FIRSTLINE__RELAY__URL_FILE="relay-url")


def look(check: Check, scene: Scene) -> Finding:
    async def checked() -> Finding:
        return await check(scene)

    return asyncio.run(checked())


def seen(**environ: str) -> Scene:
    return Scene(load(environ=environ), environ=environ)


def test_what_is_open_to_nobody(scene: Scene) -> None:
    assert (look(permissions, scene)).ok
    Path("firstline.toml").chmod(0o644)
    assert (look(permissions, scene)).ok


@pytest.mark.parametrize(
    "name", ["var", "var/keys", "var/firstline.db", "var/firstline.db-wal", "openai-key", "relay-url"]
)
def test_what_is_open_to_others_is_named_with_the_way_to_close_it(scene: Scene, name: str) -> None:
    path = Path(name)
    path.chmod(path.stat().st_mode | 0o044)
    (problem,) = (look(permissions, scene)).problems
    assert problem.text.startswith(f"{name} is open to others (mode ")
    subprocess.run(problem.do.split(), check=True)
    assert (look(permissions, scene)).ok


def test_settings_are_private_as_soon_as_a_secret_is_in_them(scene: Scene) -> None:
    Path("firstline.toml").write_text('[slack]\nbot_token = "xoxb-hunter2"\n')
    Path("firstline.toml").chmod(0o640)
    (problem,) = (look(permissions, seen())).problems
    assert "firstline.toml" in problem.text
    assert "hunter2" not in repr(problem)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", False),
        ('[relay]\nurl = "smtp://relay.corp.example:25"\n', False),
        ('[relay]\nurl = "smtp://u:p@relay.corp.example:25"\n', True),
        ('[database]\nurl = "postgresql://u@db/firstline"\n', False),
        ('[database]\nurl = "postgresql://u:p@db/firstline"\n', True),
        ('[openai]\napi_key = ""\n', False),
        ('[openai]\napi_key = "k"\n', True),
    ],
)
def test_what_is_a_secret(tmp_path: Path, text: str, holds: bool) -> None:
    file = tmp_path / "firstline.toml"
    file.write_text(text)
    assert secrets(file, {}) == (holds, [])


def test_the_mail_that_leaves_by_files_is_private_too(scene: Scene) -> None:
    Path("mails").mkdir(mode=0o755)
    finding = look(permissions, seen(FIRSTLINE__RELAY__OUTBOX="mails"))
    assert [problem.do for problem in finding.problems] == ["chmod 700 mails"]


def test_the_key_of_a_certificate_may_be_its_groups(scene: Scene) -> None:
    Path("tls.key").touch(mode=0o640)
    environ = {"FIRSTLINE__SMTP__CERTIFICATE": "tls.pem", "FIRSTLINE__SMTP__KEY": "tls.key"}
    assert (look(permissions, seen(**environ))).ok
    Path("tls.key").chmod(0o644)
    assert [problem.do for problem in (look(permissions, seen(**environ))).problems] == ["chmod 640 tls.key"]


# ------------------------------------------------------------------ the disk


def room(blocks: int, free: int, inodes: int, free_inodes: int) -> os.statvfs_result:
    return os.statvfs_result((4096, 4096, blocks, free, free, inodes, free_inodes, free_inodes, 0, 255))


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (room(1000, 50, 1000, 50), []),
        (room(1000, 49, 1000, 500), ["4.9 % of the disk's space"]),
        (room(1000, 500, 1000, 1), ["0.1 % of the disk's inodes"]),
        (room(1000, 500, 0, 0), []),
    ],
)
def test_room(there: os.statvfs_result, said: list[str]) -> None:
    problems = list(short(Path("var"), there, 5))
    assert [problem.text for problem in problems] == [f"var: {text} is free" for text in said]


def test_folders_that_are_not_there_yet_are_on_the_disk_of_those_above(scene: Scene) -> None:
    assert (look(disk, seen(FIRSTLINE__HEALTH__DISK="0", FIRSTLINE__RELAY__OUTBOX="a/b/c"))).ok
