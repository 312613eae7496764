"""Bolt, set up so that nothing is acknowledged that was not kept."""

import re
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from connectors.slack.account import Account
from connectors.slack.keeping import Keeping
from connectors.slack.settings import SlackSettings
from connectors.slack.wire import quiet, reading


def bolt(settings: SlackSettings, account: Account, keeping: Keeping) -> AsyncApp:
    async def authorize(**_: Any) -> AuthorizeResult:
        """From memory: Bolt's own would ask Slack at every event, before the acknowledgement."""
        return AuthorizeResult(
            enterprise_id=None,
            team_id=account.team or None,
            bot_token=settings.bot_token,
            bot_id=account.bot_id or None,
            bot_user_id=account.bot or None,
        )

    client = reading(settings)
    client.token = None
    app = AsyncApp(
        # Bolt silences the logger of this name, as it does its own.
        name="slack.app",
        logger=quiet("bolt"),
        signing_secret=settings.signing_secret,
        client=client,
        authorize=authorize,
        before_authorize=keeping.write,
    )
    # An event without a listener would be answered with 404, and come again.
    app.event(re.compile(".*"))(_kept_already)
    return app


async def _kept_already() -> None:
    """The desk reads what was kept, in a lane of its own."""
