"""Names are a courtesy: they cost no event, and a Slack in trouble no time."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from connectors.slack import names
from connectors.slack.names import Names
from tests.slack import FakeSlack, Person


class Watch:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def known(slack: FakeSlack, watch: Watch) -> Names:
    return Names(AsyncWebClient(slack.bot_token, slack.base_url, retry_handlers=[]), watch)


def asked(slack: FakeSlack) -> int:
    return len(slack.calls.of("users.info"))


async def test_a_name_is_asked_for_once_an_hour(slack: FakeSlack, known: Names, watch: Watch, ann: Person) -> None:
    assert [await known.of(ann.id) for _ in range(2)] == ["ann", "ann"]
    assert asked(slack) == 1
    watch.now = 3601
    await known.of(ann.id)
    assert asked(slack) == 2


async def test_after_a_failure_nobody_is_asked_for_for_a_minute(
    slack: FakeSlack, known: Names, watch: Watch, ann: Person
) -> None:
    slack.faults.limit("users.info")
    assert await known.of(ann.id) == ""
    assert await known.of("U0OTHER") == ""
    assert asked(slack) == 1
    watch.now = 61
    assert await known.of(ann.id) == "ann"


async def test_a_slack_that_hangs_is_not_waited_for(
    slack: FakeSlack, known: Names, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "PATIENCE", 0.05)
    slack.faults.hang("users.info", done=False)
    assert await known.of(ann.id) == ""
    assert await known.of("U0OTHER") == ""
    assert asked(slack) == 1
    await known.close()


async def test_one_who_cannot_be_looked_up_keeps_no_other_from_being(
    slack: FakeSlack, known: Names, ann: Person
) -> None:
    assert [await known.of(user) for user in ("U0STRANGER", "U0STRANGER", ann.id)] == ["", "", "ann"]
    assert asked(slack) == 2
