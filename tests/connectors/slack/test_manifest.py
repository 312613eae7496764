"""The manifest asks for what the code uses, and for nothing else."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient

from connectors.slack import manifest
from connectors.slack.reader import EVENTS
from tests.config.commands import Commands
from tests.slack.events import NEEDS

CODE = Path(manifest.__file__).parent

# Each method's page names them (docs.slack.dev/reference/methods). Those of an app-level token aren't the manifest's.
SCOPES = {
    "auth_test": set[str](),
    "chat_postMessage": {"chat:write"},
    "conversations_replies": {"channels:history", "groups:history", "im:history"},
    "files_upload_v2": {"files:write"},
    "users_info": {"users:read"},
}


def called() -> set[str]:
    """The methods of Slack's that the code calls."""
    methods = {name for name in dir(AsyncWebClient) if "_" in name.strip("_") and not name.startswith("_")}
    return {
        node.func.attr
        for file in CODE.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods
    }


def scopes(made: dict[str, Any]) -> set[str]:
    return set(made["oauth_config"]["scopes"]["bot"])


def subscribed(made: dict[str, Any]) -> set[str]:
    return set(made["settings"]["event_subscriptions"]["bot_events"])


def test_its_scopes_are_those_of_the_calls_and_the_events() -> None:
    full = manifest.manifest(full=True)
    assert called() == set(SCOPES)
    used = set().union(*SCOPES.values(), *(NEEDS[event] for event in subscribed(full)))
    assert scopes(full) == used


def test_its_events_are_those_that_are_read() -> None:
    assert {event.partition(".")[0] for event in subscribed(manifest.manifest())} == EVENTS
    assert subscribed(manifest.manifest()) == subscribed(manifest.manifest(full=True))


def test_the_least_has_what_no_desk_can_do_without() -> None:
    assert scopes(manifest.manifest(full=True)) - scopes(manifest.manifest()) == {"files:write", "users:read"}


def test_people_may_write_to_the_app() -> None:
    home = manifest.manifest()["features"]["app_home"]
    assert home["messages_tab_enabled"]
    assert not home["messages_tab_read_only_enabled"]


@pytest.mark.parametrize("url", ["https://desk.example", "https://desk.example/", "https://desk.example/slack/events"])
def test_for_http_slack_is_told_where_we_are(url: str) -> None:
    settings = manifest.manifest("http", url=url)["settings"]
    assert settings["event_subscriptions"]["request_url"] == "https://desk.example/slack/events"
    assert not settings["socket_mode_enabled"]
    assert "request_url" not in manifest.manifest(url=url)["settings"]["event_subscriptions"]


def test_yaml_and_json_say_the_same() -> None:
    made = manifest.manifest("http", url="https://desk.example", full=True)
    assert yaml.safe_load(manifest.as_yaml(made)) == json.loads(manifest.as_json(made)) == made


@pytest.fixture
def firstline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Without a desk: the manifest comes before everything else."""
    monkeypatch.chdir(tmp_path)
    return Commands("sqlite:///none.db", monkeypatch)


def test_the_command_prints_it_and_nothing_else(firstline: Commands) -> None:
    printed = firstline("slack", "manifest")
    assert (yaml.safe_load(printed.out), printed.err, printed.code) == (manifest.manifest(), "", 0)


def test_the_command_without_our_address_leaves_a_place_for_it(firstline: Commands) -> None:
    printed = firstline("slack", "manifest", "--mode", "http", "--format", "json")
    url = json.loads(printed.out)["settings"]["event_subscriptions"]["request_url"]
    assert url == "https://desk.example.com/slack/events"
    assert "--url" in printed.err


def test_the_command_refuses_what_is_no_address(firstline: Commands) -> None:
    refused = firstline("slack", "manifest", "--mode", "http", "--url", "desk")
    assert (refused.code, refused.out) == (2, "")
