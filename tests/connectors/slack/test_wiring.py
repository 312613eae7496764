"""The connector as the settings make it, and not at all without them."""

import logging
import subprocess
import sys

import pytest

from bot.keyring import KeyRing
from config.channels import channels
from config.errors import WrongUse
from config.settings import Settings
from tests.connectors.slack.listening import by_socket
from tests.fakes import RecordingKeep
from tests.slack import FakeSlack, Person
from tests.slack.nouns import Channel
from tests.waiting import until

RING = KeyRing({"a": bytes(32)}, newest="a")
TOKENS = {"bot_token": "xoxb-1", "app_token": "xapp-1", "signing_secret": "s"}

WITHOUT = """
import sys
from bot.keyring import KeyRing
from config.channels import channels
from config.settings import Settings
made = channels(Settings(), KeyRing({"a": bytes(32)}, newest="a"))
libraries = [name for name in sys.modules if name.partition(".")[0] in ("slack_bolt", "slack_sdk", "aiohttp")]
assert "slack" not in made and not libraries, libraries
"""


def test_without_a_token_nobody_waits_for_slacks_libraries() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT], check=True)


@pytest.mark.parametrize(
    ("slack", "named"),
    [
        ({"app_token": ""}, "SLACK__APP_TOKEN"),
        ({"mode": "http", "signing_secret": ""}, "SLACK__SIGNING_SECRET"),
        ({"support_channels": ["#support"]}, "SLACK__SUPPORT_CHANNELS has #support"),
    ],
)
def test_what_is_missing_is_named(slack: dict[str, object], named: str) -> None:
    with pytest.raises(WrongUse, match=named):
        channels(Settings.model_validate({"slack": TOKENS | slack}), RING)


def test_it_answers_under_slacks_path_by_http_alone() -> None:
    made = {
        mode: channels(Settings.model_validate({"slack": TOKENS | {"mode": mode}}), RING) for mode in ("socket", "http")
    }
    assert [route.path for route in made["http"]["slack"].routes] == ["/slack/events"]
    assert made["socket"]["slack"].routes == []


def test_a_reload_takes_channels_and_token_and_leaves_how_events_come() -> None:
    running, fresh = (
        channels(Settings.model_validate({"slack": TOKENS | more}), RING)["slack"]
        for more in ({}, {"bot_token": "xoxb-2", "app_token": "xapp-2", "support_channels": ["C1"]})
    )
    running.adopt(fresh)
    assert running.reader == fresh.reader
    assert (running.settings.bot_token, running.settings.app_token) == ("xoxb-2", "xapp-1")


def test_no_secret_is_shown() -> None:
    made = channels(Settings.model_validate({"slack": TOKENS}), RING)["slack"]
    assert "xoxb-1" not in repr(made.settings)
    assert "xapp-1" not in repr(made.settings)


async def test_the_desks_own_log_is_left_alone(slack: FakeSlack, ann: Person, support: Channel) -> None:
    before = [logging.getLogger(name).level for name in ("", "firstline", "firstline.slack")]
    async with by_socket(slack, RecordingKeep()):
        await ann.say(support, "Hello")
        await until(lambda: slack.payloads[0].acknowledged)
    assert [logging.getLogger(name).level for name in ("", "firstline", "firstline.slack")] == before
