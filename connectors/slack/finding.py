"""Which steps of a Letter stand in its thread already."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from connectors.slack.envelope import part
from connectors.slack.failures import refused
from connectors.slack.letter import DELIVERY, Letter

PAGE = 200
MOST_PAGES = 25


class TooLong(Exception):
    """The thread is too long to be looked through."""


@dataclass
class Standing:
    """The ts of each message that is there, by its place in the Letter, and whether the files are."""

    messages: dict[int, str] = field(default_factory=dict)
    files: bool = False

    def is_all_of(self, letter: Letter) -> bool:
        return len(self.messages) == len(letter.messages) and self.files >= bool(letter.files)


async def standing(client: AsyncWebClient, letter: Letter, delivery: UUID) -> Standing:
    """By the metadata of its messages. Files have none: those that follow a message of this delivery, before one of
    another, are this one's, as a thread's deliveries don't overlap. Raises TooLong and what the client raises."""
    found, current = Standing(), False
    async for message in _thread(client, letter):
        payload = _payload(message)
        if payload is not None:
            current = payload.get("id") == str(delivery)
            if current:
                found.messages[int(payload.get("part") or 0)] = str(message["ts"])
        elif current and message.get("files") and message.get("bot_id"):
            found.files = True
    return found


async def _thread(client: AsyncWebClient, letter: Letter) -> AsyncIterator[Mapping[str, Any]]:
    cursor = ""
    for _ in range(MOST_PAGES):
        try:
            page = await client.conversations_replies(
                channel=letter.channel, ts=letter.thread_ts, include_all_metadata=True, limit=PAGE, cursor=cursor
            )
        except SlackApiError as error:
            if refused(error) == "thread_not_found":
                # Its root was deleted before anybody answered.
                return
            raise
        for message in page.get("messages") or []:
            yield message
        cursor = str(part({"of": page.get("response_metadata")}, "of").get("next_cursor") or "")
        if not cursor:
            return
    raise TooLong(f"more than {PAGE * MOST_PAGES} messages")


def _payload(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    metadata = part(message, "metadata")
    return part(metadata, "event_payload") if metadata.get("event_type") == DELIVERY else None
