"""Slack, if SLACK__BOT_TOKEN is set: a channel of its own."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.connector import Connector
from config.errors import WrongUse
from config.sections import Slack
from config.settings import Settings

if TYPE_CHECKING:
    from pydantic import SecretStr
    from starlette.routing import BaseRoute

    from connectors.slack.settings import SlackSettings

WHERE_ID = "at the end of the channel's details in Slack"


def connectors(settings: Settings) -> Iterator[Connector]:
    """One or none. Raises WrongUse when the settings don't suffice."""
    if settings.slack.bot_token is None:
        return  # nobody who has no Slack waits for its libraries
    wanted = told(settings.slack)
    from connectors.slack.connector import SlackConnector

    yield SlackConnector(wanted)


def routes(connectors: Mapping[str, Connector]) -> Sequence["BaseRoute"]:
    """What the desk's HTTP application answers for its channels."""
    return [route for one in connectors.values() for route in getattr(one, "routes", ())]


def told(slack: Slack) -> "SlackSettings":
    """What the connector needs of the section. Raises WrongUse."""
    from connectors.slack.settings import SlackSettings

    if slack.mode == "socket" and not (slack.app_token or slack.socket_url):
        raise WrongUse("SLACK__MODE=socket needs SLACK__APP_TOKEN, an app-level token with connections:write")
    if slack.mode == "http" and not slack.signing_secret:
        raise WrongUse("SLACK__MODE=http needs SLACK__SIGNING_SECRET, from the app's page Basic Information")
    for name in slack.support_channels:
        if name.startswith("#"):
            raise WrongUse(
                f"SLACK__SUPPORT_CHANNELS has {name}: give the channel's id, such as C0123456789; {WHERE_ID}"
            )
    return SlackSettings(
        base_url=slack.base_url,
        bot_token=_secret(slack.bot_token),
        app_token=_secret(slack.app_token),
        signing_secret=_secret(slack.signing_secret),
        mode=slack.mode,
        socket_url=slack.socket_url or "",
        support=frozenset(slack.support_channels),
    )


def _secret(value: "SecretStr | None") -> str:
    return value.get_secret_value() if value else ""
