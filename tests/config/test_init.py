"""`firstline init`: what it asks, what it writes, and that a desk runs with it."""

import os
import pty
import re
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from bot.model import Level
from config.init import Answers, text
from config.keys import load as keys
from config.settings import Settings, load
from tests.config.commands import Commands
from tests.crash.desk import PROGRAM
from tests.waiting import until_sync

DATABASE = "postgresql://u:hunter2@db/firstline"
RELAY = "smtps://u:hunter2@mail.corp.example"

ANSWERS = Answers(
    domains=("example.org", "help.example.org"),
    name='Ann\'s "Shop" \\ ü',
    listen="[::1]:2525",
    relay="smtp://127.0.0.1:25",
    database="sqlite:///var/firstline.db",
    agents_mail="oncall@corp.example",
    knowledge=Path("knowledge"),
    triager="local",
    model="",
    base_url="http://127.0.0.1:9/v1",
    key_file=Path("openai-key"),
    key="",
    watch=True,
)


@pytest.fixture
def init(firstline: Commands) -> Commands:
    """In an empty folder, and with nothing in the environment that would win over the file."""
    firstline.monkeypatch.delenv("FIRSTLINE__DATABASE__URL")
    return firstline


def mode(path: str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


# ------------------------------------------------------------------ what is written


@pytest.mark.usefixtures("_at_home")
def test_what_was_answered_is_what_is_read_back(tmp_path: Path) -> None:
    settings = load(written(tmp_path, text(ANSWERS)), {})
    assert settings.smtp.domains == ANSWERS.domains
    assert settings.desk.name == ANSWERS.name
    assert settings.desk.watch
    assert str(settings.smtp.listen) == ANSWERS.listen
    assert settings.relay.url == ANSWERS.relay
    assert settings.agents.mail == ANSWERS.agents_mail
    assert settings.triage.level is Level.DRAFT


@pytest.mark.usefixtures("_at_home")
def test_every_example_in_it_is_a_setting_and_shows_the_default(tmp_path: Path) -> None:
    examples = re.findall(r"^# (\w+) = ", text(ANSWERS), re.MULTILINE)
    password = tmp_path / "password"
    password.write_text("secret")
    content = re.sub(r"^# (\w+ = |\[)", r"\1", text(ANSWERS), flags=re.MULTILINE)
    content = content.replace("/etc/firstline/sales-password", str(password))
    settings = load(written(tmp_path, content), {})
    assert settings.mailboxes["sales"].password.get_secret_value() == "secret"
    without_a_default = {"certificate", "key", "levels", "model", "base_url", "api_key_file", "url"}
    assert {"keys", "max_size", "unknown", "tokens_a_day", "oldest"} <= set(examples)
    for section in ("desk", "smtp", "relay", "triage", "http", "health", "log", "openai"):
        for name in set(examples) & set(type(getattr(settings, section)).model_fields) - without_a_default:
            if name not in ("name", "listen") or section == "http":
                assert getattr(getattr(settings, section), name) == getattr(getattr(Settings(), section), name)


def written(folder: Path, content: str) -> Path:
    file = folder / "firstline.toml"
    file.write_text(content, encoding="utf-8")
    (folder / "openai-key").touch()
    return file


# ------------------------------------------------------------------ the command


def test_flags_alone_make_a_desk(init: Commands) -> None:
    done = init("init", "--domains", "help@Example.org", "--yes")
    assert done.code == 0, done.err
    for step in ("firstline check", "firstline serve", "firstline send", "firstline agent add"):
        assert step in done.out
    settings = load(environ={})
    assert settings.smtp.domains == ("example.org",)
    assert settings.desk.watch
    assert keys(settings.desk.keys).newest == "a"
    assert (mode("firstline.toml"), mode("var"), mode("var/keys")) == (0o644, 0o700, 0o600)
    assert Path("knowledge/categories.md").exists()


def test_secrets_are_kept_in_files_of_their_own(init: Commands) -> None:
    flags = ["--triager", "openai", "--model", "small", "--no-watch"]
    done = init("init", "--domains", "example.org", "--relay", RELAY, "--database", DATABASE, *flags)
    assert done.code == 0, done.err
    assert "firstline migrate" in done.out
    assert "openai-key" in done.out
    assert "hunter2" not in Path("firstline.toml").read_text() + done.out + done.err
    assert [mode(name) for name in ("relay-url", "database-url", "openai-key")] == [0o600] * 3
    settings = load(environ={})
    assert (settings.relay.url, settings.database.url) == (RELAY, DATABASE)
    assert (settings.triage.triager, settings.openai.model, settings.openai.api_key) == ("openai", "small", None)
    assert not settings.desk.watch


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        ([], "--domains is needed"),
        (["--domains", "no domain"], "--domains must be domain names"),
        (["--domains", "a.example", "--listen", "25"], "--listen must be host:port"),
        (["--domains", "a.example", "--relay", "smtp://u@h"], "--relay a relay's login needs both"),
        (["--domains", "a.example", "--agents-mail", "x@a.example"], "--agents-mail must be at another domain"),
        (["--domains", "a.example", "--triager", "magic"], "--triager must be local or openai"),
        (["--domains", "a.example", "--triager", "openai"], "--model is needed"),
        (["--domains", "a.example", "--name", "a\nb"], "--name must be one line"),
    ],
)
def test_what_is_missing_or_impossible_is_named(init: Commands, flags: list[str], named: str) -> None:
    done = init("init", *flags)
    assert done.code == 2
    assert named in done.err
    assert list(Path().iterdir()) == [Path("firstline.db")]


def test_nothing_is_overwritten(init: Commands) -> None:
    Path("firstline.toml").write_text('[desk]\nname = "Old"\n')
    done = init("init", "--domains", "example.org")
    assert done.code == 3
    assert "firstline.toml is there already" in done.err
    assert init("init", "--domains", "example.org", "--force").code == 0
    assert load(environ={}).desk.name == "Support"
    (kept,) = Path().glob("firstline.toml.*")
    assert "Old" in kept.read_text()


def test_a_folder_that_is_there_is_left_alone(init: Commands) -> None:
    Path("articles").mkdir()
    assert init("init", "--domains", "example.org", "--knowledge", "articles").code == 0
    assert not list(Path("articles").iterdir())


# ------------------------------------------------------------------ a person at a terminal


@pytest.mark.usefixtures("_at_home")
def test_a_person_is_asked(tmp_path: Path) -> None:
    said = [
        ("customers write to", "no domain"),
        ("customers write to", "example.org"),
        ("calls itself", ""),
        ("mail comes in", ""),
        ("carries mail out", "smtp://127.0.0.1:25"),
        ("people are called", "oncall@example.org"),
        ("people are called", "oncall@corp.example"),
        ("Database", ""),
        ("approved articles", ""),
        ("proposes answers", "openai"),
        ("Model", "small"),
        ("Its server", ""),
        ("File for its key", ""),
        ("Its key", "hunter2"),
        ("Only watch", "n"),
    ]
    shown = talk(tmp_path, said)
    assert "Error: must be domain names" in shown
    assert "Error: must be at another domain" in shown
    assert "hunter2" not in shown
    settings = load(environ={})
    assert settings.openai.api_key is not None
    assert settings.openai.api_key.get_secret_value() == "hunter2"
    assert settings.agents.mail == "oncall@corp.example"
    assert not settings.desk.watch


def talk(folder: Path, said: list[tuple[str, str]]) -> str:
    """Answer each question once it has been asked; returns all that was on the screen."""
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTLINE")}
    process = subprocess.Popen([PROGRAM, "init"], cwd=folder, env=environ, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    screen = Screen(ours)
    try:
        for question, answer in said:
            screen.wait_for(question)
            os.write(ours, f"{answer}\n".encode())
        assert process.wait(30) == 0, screen.shown
        screen.look()
        return screen.shown
    finally:
        process.kill()
        process.wait()
        os.close(ours)


class Screen:
    def __init__(self, terminal: int) -> None:
        self.terminal = terminal
        self.shown = ""
        self.answered = 0

    def wait_for(self, question: str) -> None:
        until_sync(lambda: question in self.look(), 30, question)
        self.answered = len(self.shown)

    def look(self) -> str:
        """What has appeared since the last answer."""
        with suppress(OSError):
            self.shown += os.read(self.terminal, 65536).decode()
        return self.shown[self.answered :]
