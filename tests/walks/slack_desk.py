"""A desk with a Slack beside it, and what people find there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors import http
from tests.slack import FakeSlack, Message, Person
from tests.slack.nouns import Channel
from tests.waiting import until
from tests.walks.desk import Story, story


@dataclass
class SlackStory:
    """`support` is a support channel, `random` isn't; ann and carl are in both."""

    desk: Story
    slack: FakeSlack
    ann: Person
    carl: Person
    support: Channel
    random: Channel

    def thread(self, root: Message) -> list[Message]:
        """What stands under it."""
        return self.slack.messages(self.slack.workspace.channels[root.channel], thread=root)[1:]

    async def answer(self, root: Message, number: int = 1) -> Message:
        """The desk's so-manieth message under it."""

        def ours() -> list[Message]:
            return [one for one in self.thread(root) if one.user == self.slack.bot_id]

        await until(lambda: len(ours()) >= number, what="an answer in the thread")
        assert len(ours()) == number
        return ours()[-1]

    @property
    def posts(self) -> int:
        """How often the desk asked Slack to post, whatever came of it."""
        return len(self.slack.calls.of("chat.postMessage"))

    async def passing(self, condition: Callable[[], object], **by: float) -> None:
        """Lets time pass step by step until the condition holds."""

        async def step() -> object:
            await self.desk.later(**by)
            return condition()

        await until(step)

    async def settled(self) -> None:
        """Whatever was said is acknowledged, and all work on it is done."""
        await until(lambda: all(one.acknowledged for one in self.slack.payloads), what="all is acknowledged")
        await self.desk.quiet()


@asynccontextmanager
async def slack_story(
    url: str, folder: Path, *, mode: str = "socket", sections: dict[str, dict[str, object]] | None = None
) -> AsyncIterator[SlackStory]:
    async with FakeSlack() as slack:
        ann, carl = slack.person("ann", email="ann@example.org"), slack.person("carl")
        support = slack.channel("support", members=[ann, carl])
        random = slack.channel("random", members=[ann, carl])
        wanted = {
            "base_url": slack.base_url,
            "bot_token": slack.bot_token,
            "app_token": slack.app_token,
            "signing_secret": slack.signing_secret,
            "mode": mode,
            "support_channels": [support.id],
        }
        async with story(url, folder, sections={"slack": wanted} | (sections or {})) as desk:
            told = SlackStory(desk, slack, ann, carl, support, random)
            if mode == "http":
                async with _door(desk) as address:
                    slack.send_to(f"{address}/slack/events")
                    yield told
            else:
                await until(lambda: slack.socket.greetings >= 2, what="both lines to Slack")
                yield told


@asynccontextmanager
async def _door(desk: Story) -> AsyncIterator[str]:
    """The desk's HTTP application, as `serve` has it."""
    sock = http.bind("127.0.0.1", 0)
    routes = desk.desk.connectors["slack"].routes
    serving = asyncio.create_task(http.serve(http.app(desk.desk.problem, routes), sock))
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
