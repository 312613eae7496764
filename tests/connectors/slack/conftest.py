"""A Slack of our own, and one customer in a support channel."""

from collections.abc import AsyncIterator

import pytest

from tests.slack import FakeSlack, Message, Person
from tests.slack.nouns import Channel


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        yield running


@pytest.fixture
def ann(slack: FakeSlack) -> Person:
    return slack.person("ann")


@pytest.fixture
def support(slack: FakeSlack, ann: Person) -> Channel:
    return slack.channel("support", members=[ann])


@pytest.fixture
async def root(ann: Person, support: Channel) -> Message:
    return await ann.say(support, "Where is my parcel?")
