from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Level
from config.settings import Endpoint, Settings, SettingsError, forget_secrets, known, load

KEYS = list(known())
SECRET = "hunter2-do-not-tell"


def refused(environ: Mapping[str, str] | None = None, file: Path | None = None) -> str:
    with pytest.raises(SettingsError) as error:
        load(file, environ or {})
    return str(error.value)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def toml(tmp_path: Path) -> Any:
    def write(text: str) -> Path:
        path = tmp_path / "firstline.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


# ------------------------------------------------------------------ where they come from


def test_without_anything_the_defaults_of_the_contract_hold() -> None:
    settings = load(environ={})
    assert settings.database.url == "sqlite:///var/firstline.db"
    assert str(settings.smtp.listen) == "127.0.0.1:2525"
    assert settings.smtp.domains == ("firstline.localhost",)
    assert str(settings.http.listen) == "127.0.0.1:8025"
    assert settings.relay.url == ""
    assert (settings.triage.triager, settings.triage.level) == ("local", Level.DRAFT)
    assert settings.triage.unverified_replies == 1
    assert settings.testing.failpoint is None


def test_every_name_of_the_contract_is_accepted() -> None:
    environ = {
        "FIRSTLINE__DATABASE__URL": "postgresql://u:p@db/firstline",
        "FIRSTLINE__SMTP__LISTEN": "[::1]:0",
        "FIRSTLINE__SMTP__DOMAINS": "Example.org, help.example.org,",
        "FIRSTLINE__HTTP__LISTEN": "0.0.0.0:80",
        "FIRSTLINE__RELAY__URL": "smtp://127.0.0.1:2526",
        "FIRSTLINE__TRIAGE__TRIAGER": "instant",
        "FIRSTLINE__TRIAGE__LEVEL": "automatic",
        "FIRSTLINE__TRIAGE__LEVELS": "billing=draft, plans=off",
        "FIRSTLINE__TRIAGE__UNVERIFIED_REPLIES": "0",
        "FIRSTLINE__OPENAI__BASE_URL": "http://127.0.0.1:9/v1",
        "FIRSTLINE__OPENAI__MODEL": "small",
        "FIRSTLINE__OPENAI__API_KEY": SECRET,
        "FIRSTLINE__SLACK__BASE_URL": "http://127.0.0.1:9/api/",
        "FIRSTLINE__SLACK__SOCKET_URL": "ws://127.0.0.1:9",
        "FIRSTLINE__SLACK__BOT_TOKEN": SECRET,
        "FIRSTLINE__SLACK__APP_TOKEN": SECRET,
        "FIRSTLINE__SLACK__SIGNING_SECRET": SECRET,
        "FIRSTLINE__SLACK__MODE": "http",
        "FIRSTLINE__SLACK__AGENTS_CHANNEL": "C1",
        "FIRSTLINE__SLACK__SUPPORT_CHANNELS": "C2,C3",
        "FIRSTLINE__SLACK__FILE_HOSTS": "files.slack.com,127.0.0.1",
        "FIRSTLINE__AGENTS__MAIL": "oncall@example.org",
        "FIRSTLINE__KNOWLEDGE__FOLDER": "knowledge",
        "FIRSTLINE_FAILPOINT": "commit.before.keep:kill@2",
        "FIRSTLINE_CLOCK": "clock",
        "FIRSTLINE_TEST_DATABASE": "postgresql://u@h/n",
        "FIRSTLINE_JSON": "1",
        "HOME": "/",
    }
    settings = load(environ=environ)
    assert settings.smtp.listen == Endpoint("::1", 0)
    assert settings.smtp.domains == ("example.org", "help.example.org")
    assert settings.triage.levels == {"billing": Level.DRAFT, "plans": Level.OFF}
    assert settings.slack.support_channels == ("C2", "C3")
    assert settings.slack.bot_token is not None
    assert settings.slack.bot_token.get_secret_value() == SECRET
    assert settings.knowledge.folder == Path("knowledge")
    assert settings.testing.failpoint == "commit.before.keep:kill@2"
    assert settings.testing.clock == Path("clock")
    assert SECRET not in repr(settings)
    assert "u:p" not in repr(settings)


def test_the_file_is_read_and_the_environment_wins(toml: Any) -> None:
    toml('[smtp]\ndomains = ["a.example", "b.example"]\nmax_size = "30MB"\n[triage.levels]\nbilling = "off"\n')
    assert load(environ={}).smtp.domains == ("a.example", "b.example")
    assert load(environ={}).smtp.max_size == 30_000_000
    assert load(environ={}).triage.levels == {"billing": Level.OFF}
    assert load(environ={"FIRSTLINE__SMTP__DOMAINS": "c.example"}).smtp.domains == ("c.example",)


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    assert "missing.toml can't be read: No such file" in refused(file=tmp_path / "missing.toml")


@pytest.mark.parametrize("text", ["[smtp", 'smtp = "x', "\x00"])
def test_a_file_that_is_no_toml_is_refused_by_name(toml: Any, text: str) -> None:
    assert "firstline.toml can't be read" in refused(file=toml(text))


# ------------------------------------------------------------------ names


def test_an_unknown_variable_is_refused_with_what_was_meant() -> None:
    assert refused({"FIRSTLINE__SMTP__LISTN": "x"}) == (
        "FIRSTLINE__SMTP__LISTN is no setting; did you mean FIRSTLINE__SMTP__LISTEN?"
    )
    assert "FIRSTLINE__TESTING__CLOCK is no setting" in refused({"FIRSTLINE__TESTING__CLOCK": "x"})
    assert "did you mean FIRSTLINE__SMTP__LISTEN?" in refused({"FIRSTLINE_SMTP_LISTEN": "x"})


def test_an_unknown_key_or_section_is_refused_with_what_was_meant(toml: Any) -> None:
    file = toml('tirage = 1\nhttp = 2\n[smtp]\nlistn = "x"\n[testing]\nclock = "x"\n')
    said = refused(file=file)
    assert f"[tirage] in {file} is no section of settings; did you mean triage?" in said
    assert f"http in {file} must be a table" in said
    assert f"listn in [smtp] of {file} is no setting; did you mean listen?" in said
    assert f"[testing] in {file} is no section" in said


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00="), max_size=30))
def test_no_other_variable_with_the_prefix_is_taken(name: str) -> None:
    variable = f"FIRSTLINE__{name}"
    names = {key.variable for key in KEYS} | {f"{key.variable}_FILE" for key in KEYS if key.secret}
    if variable not in names:
        assert f"{variable} is no setting" in refused({variable: "1"})


# ------------------------------------------------------------------ values

BAD = {
    "DATABASE__URL": ["", "mysql://h/n", "sqlite://", "sqlite:///:memory:", "postgresql://h"],
    "SMTP__LISTEN": ["", "2525", "h:", ":25", "h:99999", "h:-1", "h:２", "a b:1"],
    "SMTP__DOMAINS": ["", " , ", "ä.de", "-a.de", "a..de", "a_b.de", "x" * 64 + ".de", "a.de,?"],
    "SMTP__MAX_SIZE": ["0", "-5", "big", "1e999"],
    "SMTP__MAX_CONNECTIONS": ["0", "many", "1.5"],
    "RELAY__URL": ["http://h", "smtp://", "smtp://h:0", "smtp://h:99999", "h:25"],
    "RELAY__UNKNOWN": ["", "maybe"],
    "RELAY__SENDER_NAME": ["a\nBcc: b@example.org", "a\x00"],
    "TRIAGE__TRIAGER": ["", "gpt"],
    "TRIAGE__LEVEL": ["", "Automatic", "on"],
    "TRIAGE__LEVELS": ["billing", "billing=", "=off", "billing=on"],
    "TRIAGE__UNVERIFIED_REPLIES": ["", "-1", "one"],
    "OPENAI__BASE_URL": ["", "ftp://h", "h"],
    "SLACK__BASE_URL": ["https://h/api"],
    "SLACK__MODE": ["events"],
    "AGENTS__MAIL": ["oncall", "a@b@c", "a b@c", "A <a@b>"],
    "DESK__NAME": [""],
    "LOG__LEVEL": ["loud"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_is_refused_by_name_with_what_is_allowed(name: str, value: str) -> None:
    assert refused({f"FIRSTLINE__{name}": value}).startswith(f"FIRSTLINE__{name}: must ")


def test_a_bad_value_in_the_file_is_refused_by_its_place(toml: Any) -> None:
    file = toml('[smtp]\nlisten = 25\ndomains = [1]\n[triage]\nlevels = { billing = "on" }\n')
    said = refused(file=file)
    assert f"listen in [smtp] of {file}: must be host:port" in said
    assert f"domains in [smtp] of {file}: must be" in said
    assert f"levels in [triage] of {file}: must be 'off', 'shadow', 'draft' or 'automatic'" in said


def test_settings_that_don_t_fit_together_are_refused() -> None:
    assert "key needs certificate" in refused({"FIRSTLINE__SMTP__KEY": "key.pem"})
    assert "max_in_flight must be at least max_size" in refused({"FIRSTLINE__SMTP__MAX_SIZE": "1GB"})


def test_everything_that_is_wrong_is_told_at_once() -> None:
    said = refused({"FIRSTLINE__SMTP__X": "", "FIRSTLINE__LOG__LEVEL": "x", "FIRSTLINE_FAILPOINT": "x"})
    assert len(said.splitlines()) == 3
    assert "FIRSTLINE_FAILPOINT: must be name:action@N" in said


def test_an_unknown_name_beside_good_values_is_still_refused() -> None:
    assert refused({"FIRSTLINE__LOG__LEVEL": "info", "FIRSTLINE__LOG__FILE": "x"})


@given(st.sampled_from(KEYS), st.text(max_size=40))
def test_any_text_is_taken_or_refused_by_name(key: Any, text: str) -> None:
    try:
        assert isinstance(load(environ={key.variable: text}), Settings)
    except SettingsError as error:
        assert all(line.startswith((key.variable, "[smtp]", "[mailboxes.name]")) for line in str(error).split("\n"))  # noqa: PT017


@given(st.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True), st.integers(0, 65_535))
def test_a_listen_address_reads_back_as_it_was_written(host: str, port: int) -> None:
    assert str(load(environ={"FIRSTLINE__SMTP__LISTEN": f"{host}:{port}"}).smtp.listen) == f"{host}:{port}"


# ------------------------------------------------------------------ secrets

SECRETS = [key for key in KEYS if key.secret]


def test_what_may_hold_a_password_is_a_secret() -> None:
    assert {f"{key.section}.{key.name}" for key in SECRETS} == {
        "database.url",
        "relay.url",
        "mailboxes.relay",
        "mailboxes.password",
        "mailboxes.client_secret",
        "openai.api_key",
        "slack.bot_token",
        "slack.app_token",
        "slack.signing_secret",
    }


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_may_be_in_a_file(tmp_path: Path, toml: Any, end: str) -> None:
    (tmp_path / "key").write_bytes(f"{SECRET}{end}".encode())
    toml('[slack]\nbot_token_file = "key"\n')
    settings = load(environ={"FIRSTLINE__OPENAI__API_KEY_FILE": "key"})
    assert settings.openai.api_key is not None
    assert settings.openai.api_key.get_secret_value() == SECRET
    assert settings.slack.bot_token is not None
    assert settings.slack.bot_token.get_secret_value() == SECRET


def test_a_secret_file_that_can_t_be_read_is_named_with_its_variable(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe" + SECRET.encode())
    (tmp_path / "large").write_bytes(b"x" * 70_000)
    for file, why in (("missing", "No such file"), ("binary", "not UTF-8"), ("large", "larger"), (".", "directory")):
        said = refused({"FIRSTLINE__OPENAI__API_KEY_FILE": file})
        assert said.startswith(f"FIRSTLINE__OPENAI__API_KEY_FILE: {file!r} can't be read: ")
        assert why in said
        assert SECRET not in said


def test_a_secret_is_given_once(tmp_path: Path) -> None:
    said = refused({"FIRSTLINE__OPENAI__API_KEY": "a", "FIRSTLINE__OPENAI__API_KEY_FILE": "b"})
    assert "both" in said
    assert "FIRSTLINE__SMTP__LISTEN_FILE is no setting" in refused({"FIRSTLINE__SMTP__LISTEN_FILE": "x"})


@pytest.mark.parametrize("key", SECRETS, ids=lambda key: key.variable)
def test_no_error_tells_a_secret(key: Any) -> None:
    assert SECRET not in refused({key.variable: f"bad://{SECRET}\n"})


def test_settings_are_taken_out_of_the_environment() -> None:
    environ = {"FIRSTLINE__OPENAI__API_KEY": SECRET, "FIRSTLINE_CLOCK": "x", "HOME": "/"}
    forget_secrets(environ)
    assert environ == {"FIRSTLINE_CLOCK": "x", "HOME": "/"}


def test_settings_can_t_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(environ={}).smtp.max_size = 1  # type: ignore[misc, assignment]


def test_a_mailbox_is_a_table_with_a_name(tmp_path: Path) -> None:
    file = tmp_path / "firstline.toml"
    file.write_text('[mailboxes.sales]\naddress = "sales@example.org"\nsignature = "Ann\\nSales"\n')
    found = load(
        file, {"FIRSTLINE__MAILBOXES__SALES__LANGUAGE": "de", "FIRSTLINE__MAILBOXES__HELP__ADDRESS": "h@e.org"}
    )
    assert found.mailboxes["sales"].signature == "Ann\nSales"
    assert found.mailboxes["sales"].language == "de"
    assert found.mailboxes["help"].address == "h@e.org"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[mailboxes.sales]\nlanguage = 'de'", "[mailboxes.sales] address: must be set"),
        ("[mailboxes.smtp]\naddress = 'a@e.org'", "[mailboxes]: smtp is a name of another part of the desk"),
        ("[mailboxes.A-b]\naddress = 'a@e.org'", "[mailboxes.A-b] in"),
        ("[mailboxes]\naddress = 'a@e.org'", "address in [mailboxes]"),
        ("[mailboxes.a]\nadress = 'a@e.org'", "did you mean address?"),
        ("[mailboxes.a]\naddress='a@e.org'\n[mailboxes.b]\naddress='A@e.org'", "a@e.org is the address of two"),
        ("[mailboxes.a]\naddress='a@e.org'\nurl='imaps://e.org'", "url needs password or password_file"),
        ("[mailboxes.a]\naddress='a@e.org'\nafter='move'", "after=move needs move_to"),
        ("[mailboxes.a]\naddress='a@e.org'\nurl='http://e.org'", "must be imaps://HOST"),
    ],
)
def test_a_mailbox_that_is_none_is_refused_by_name(tmp_path: Path, written: str, said: str) -> None:
    file = tmp_path / "firstline.toml"
    file.write_text(written)
    with pytest.raises(SettingsError) as refused:
        load(file, {})
    assert said in str(refused.value)
