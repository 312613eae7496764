"""The two clients that speak with Slack's Web API."""

import logging

from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from connectors.slack.settings import SlackSettings

SECONDS = 20
"""For one call. An attempt to deliver makes few of them and has to end within its lease."""


def posting(settings: SlackSettings) -> AsyncWebClient:
    """For what is not safe to repeat. Its default handlers would post again when an answer was lost."""
    return AsyncWebClient(
        settings.bot_token, settings.base_url, timeout=SECONDS, retry_handlers=[], logger=quiet("posting")
    )


def reading(settings: SlackSettings, *, seconds: int = SECONDS) -> AsyncWebClient:
    """For what may be asked twice."""
    again = [
        AsyncConnectionErrorRetryHandler(),
        AsyncRateLimitErrorRetryHandler(),
        AsyncServerErrorRetryHandler(),
    ]
    return AsyncWebClient(
        settings.bot_token, settings.base_url, timeout=seconds, retry_handlers=again, logger=quiet("reading")
    )


def quiet(name: str) -> logging.Logger:
    """Slack's libraries write whole payloads into their logs, customers' words and all. What goes wrong is raised to us
    as well, and told by us."""
    logger = logging.getLogger(f"slack.{name}")
    logger.setLevel(logging.CRITICAL)
    return logger
