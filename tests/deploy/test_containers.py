"""The container file and the compose file: what linters say, and what a reader must be able to rely on."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.cli import COMMANDS
from config.desk import DRAIN_SECONDS
from config.settings import known

ROOT = Path(__file__).parents[2]
CONTAINERFILE = ROOT / "deploy" / "Containerfile"
COMPOSE = ROOT / "deploy" / "compose.yaml"


def instructions() -> list[tuple[str, str]]:
    """(name, words) of each, of all stages."""
    text = re.sub(r"^#.*\n", "", CONTAINERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(name, words) for name, _, words in (line.partition(" ") for line in lines) if name]


def final(wanted: str) -> list[str]:
    """The words of an instruction in the last stage, which is what runs."""
    stages = [number for number, (name, _) in enumerate(instructions()) if name == "FROM"]
    return [words for name, words in instructions()[stages[-1] :] if name == wanted]


@pytest.fixture
def services() -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return made


# ------------------------------------------------------------------ the container file


def test_it_runs_as_nobody_special_and_serves() -> None:
    assert final("USER") == ["10001:10001"]
    program, command = json.loads(final("ENTRYPOINT")[0]), json.loads(final("CMD")[0])
    assert program == ["firstline"]
    assert command[0] in COMMANDS
    assert final("STOPSIGNAL") == ["SIGTERM"]


def test_its_health_is_that_of_the_desk() -> None:
    *_, program = final("HEALTHCHECK")[0].partition("CMD ")
    python, *options, code = json.loads(program)
    assert (python, options) == ("python", ["-I", "-c"])
    compile(code, "HEALTHCHECK", "exec")
    assert "/readyz" in code


def test_only_what_the_lock_file_names_is_installed() -> None:
    installs = [words for name, words in instructions() if name == "RUN" and "pip install" in words]
    assert all("--require-hashes" in words or "--no-deps" in words for words in installs)
    assert len(installs) == 2


def test_its_variables_are_settings() -> None:
    names = re.findall(r"(FIRSTLINE__\w+)=", " ".join(final("ENV")))
    assert len(names) == 2
    assert set(names) <= {key.variable for key in known()}


def test_what_it_copies_is_there_and_nothing_else_is_sent() -> None:
    copied = {
        word
        for name, words in instructions()
        if name == "COPY" and "--from" not in words
        for word in words.split()[:-1]
    }
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)


# ------------------------------------------------------------------ the compose file


def test_compose_lint_finds_nothing_grave() -> None:
    linter = Path(sys.executable).with_name("compose-lint")
    done = subprocess.run([linter, "check", COMPOSE], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["database", "migrate", "desk"])
def test_each_service_has_little_power(services: dict[str, dict[str, Any]], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "pids_limit"} <= service.keys()


def test_no_image_is_whatever_is_latest(services: dict[str, dict[str, Any]]) -> None:
    images = [service["image"] for service in services.values()]
    images += [words.split()[0] for name, words in instructions() if name == "FROM"]
    assert all(re.search(r":[0-9][\w.-]+$", image) for image in images)


def test_our_image_has_our_version(services: dict[str, dict[str, Any]]) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert services["desk"]["image"] == f"firstline:{version}"


def test_secrets_are_files(services: dict[str, dict[str, Any]]) -> None:
    for service in services.values():
        secret = {key: value for key, value in service["environment"].items() if re.search("PASSWORD|URL|KEY", key)}
        assert all(key.endswith("_FILE") for key in secret)
        assert {value.rpartition("/")[2] for value in secret.values()} == set(service["secrets"])
    variables = {f"{key.variable}_FILE" for key in known() if key.secret}
    assert services["desk"]["environment"].keys() <= variables


def test_the_schema_is_there_before_the_desk(services: dict[str, dict[str, Any]]) -> None:
    assert services["migrate"]["command"] == ["migrate"]
    assert services["desk"]["command"] == ["serve"]
    assert {"migrate", "serve"} <= COMMANDS.keys()
    assert services["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert services["desk"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_the_desk_may_drain(services: dict[str, dict[str, Any]]) -> None:
    assert int(services["desk"]["stop_grace_period"].removesuffix("s")) > DRAIN_SECONDS


def test_only_mail_is_let_in(services: dict[str, dict[str, Any]]) -> None:
    assert services["desk"]["ports"] == ["25:2525"]
    assert "ports" not in services["database"]
    assert services["database"]["networks"] == ["inside"]
