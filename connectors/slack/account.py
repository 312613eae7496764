"""Who we are in the workspace, by `auth.test`."""

import asyncio
import logging

from slack_sdk.web.async_client import AsyncWebClient

from connectors.slack.failures import failure

log = logging.getLogger("firstline.slack")

# Between two questions that Slack didn't answer, in seconds.
AGAIN = 30.0


class Account:
    """Empty until Slack has answered. Nothing waits for that: each event says too for whom it is meant."""

    def __init__(self, client: AsyncWebClient, channel: str) -> None:
        self.team = ""
        self.bot = ""
        self.bot_id = ""
        self._client = client
        self._channel = channel

    async def learn(self) -> None:
        """Asks until there is an answer, and says each time why there was none."""
        while not self.team:
            try:
                found = await self._client.auth_test()
                self.bot, self.bot_id = str(found.get("user_id") or ""), str(found.get("bot_id") or "")
                self.team = str(found.get("team_id") or "")
                log.info("Slack knows us", extra={"channel": self._channel})
                return
            except Exception as error:
                reason = failure(error, "auth.test").reason
                log.warning("Slack does not say who we are", extra={"channel": self._channel, "reason": reason})
            await asyncio.sleep(AGAIN)
