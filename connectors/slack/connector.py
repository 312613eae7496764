"""Slack as a channel: events come over Socket Mode or HTTP, answers are posted into the thread of the question."""

import asyncio
import logging
from dataclasses import replace

from starlette.routing import BaseRoute

from bot.connector import Keep, Reader
from bot.model import Absent, Channel, Parcel, Receipt, Rendered
from connectors.slack.account import Account
from connectors.slack.app import bolt
from connectors.slack.door import door
from connectors.slack.keeping import Keeping
from connectors.slack.letter import compose
from connectors.slack.line import Lines
from connectors.slack.names import Names
from connectors.slack.posting import Poster
from connectors.slack.reader import SlackReader
from connectors.slack.settings import SlackSettings
from connectors.slack.turns import Turns
from connectors.slack.wire import reading

log = logging.getLogger("firstline.slack")

NAME = "slack"
NAMES_SECONDS = 5


class SlackConnector:
    """`ready` at once: a Slack that can't be reached keeps nobody from working. In mode http it listens by `routes`,
    which the desk's HTTP application has to have."""

    def __init__(self, settings: SlackSettings) -> None:
        self.settings = settings
        self.channel = Channel(NAME, NAME)
        self.reader: Reader = SlackReader(settings.support)
        self.ready = asyncio.Event()
        # What can't be looked up is a person's to find out: a thread of a channel is read by many.
        self.resend_unknown = False
        self._turns = Turns()
        self._poster = Poster(settings, self._turns)
        self._account = Account(reading(settings), NAME)
        self._names = Names(reading(settings, seconds=NAMES_SECONDS))
        self._keeping = Keeping(NAME, self._account, self._names)
        self._app = bolt(settings, self._account, self._keeping)

    @property
    def routes(self) -> list[BaseRoute]:
        return [door(self._app)] if self.settings.mode == "http" else []

    def adopt(self, fresh: "SlackConnector") -> None:
        """Read and post as the other, which doesn't listen, was set up. How events come stays as it is."""
        coming = replace(fresh.settings, bot_token=self.settings.bot_token, support=self.settings.support)
        if coming != self.settings:
            log.warning("how Slack's events come changes at the next start only", extra={"channel": NAME})
        self.settings = replace(self.settings, bot_token=fresh.settings.bot_token, support=fresh.settings.support)
        self.reader, self._poster = fresh.reader, Poster(fresh.settings, self._turns)

    async def listen(self, keep: Keep) -> None:
        """Until cancelled; events on their way in are kept first, so `keep` must work until this has returned."""
        self._keeping.keep = keep
        learning = asyncio.create_task(self._account.learn(), name="slack account")
        self.ready.set()
        try:
            if self.settings.mode == "socket":
                await Lines(self._app, self.settings, NAME).run()
            await asyncio.get_running_loop().create_future()
        finally:
            self.ready.clear()
            await self._keeping.close()
            learning.cancel()
            await self._names.close()

    def render(self, parcel: Parcel) -> Rendered:
        return compose(parcel)

    async def deliver(self, parcel: Parcel) -> Receipt:
        return await self._poster.deliver(parcel)

    async def settle(self, parcel: Parcel) -> Receipt | Absent | None:
        return await self._poster.settle(parcel)
