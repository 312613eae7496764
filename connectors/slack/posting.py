"""Letters posted. Nothing here is tried twice: what may have arrived is looked for before the next try."""

from collections.abc import Awaitable
from typing import TypeVar

from bot.connector import DeliveryFailed, NotYet
from bot.failpoints import failpoint
from bot.model import Absent, Parcel, Receipt
from connectors.slack.failures import failure
from connectors.slack.finding import Standing, TooLong, standing
from connectors.slack.letter import Letter
from connectors.slack.reader import key
from connectors.slack.settings import SlackSettings
from connectors.slack.turns import Turns
from connectors.slack.wire import posting, reading

T = TypeVar("T")


class Poster:
    def __init__(self, settings: SlackSettings, turns: Turns) -> None:
        self._posting = posting(settings)
        self._reading = reading(settings)
        self._turns = turns

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Only those steps of the Letter that aren't there. Raises NotYet and DeliveryFailed."""
        letter = Letter.of(parcel)
        if wait := self._turns.wait(letter.channel, parcel.id):
            raise NotYet("Slack takes about one message a second in a channel", wait)
        # An earlier try may have ended between two steps, also one that surely failed.
        there = await self._standing(letter, parcel) if letter.steps > 1 else Standing()
        failpoint("slack.send.before")
        for number in range(len(letter.messages)):
            if number not in there.messages:
                there.messages[number] = await self._post(letter, number)
        if letter.files and not there.files:
            await self._upload(letter)
        failpoint("slack.send.after")
        return _receipt(letter, there)

    async def settle(self, parcel: Parcel) -> Receipt | Absent | None:
        """Raises DeliveryFailed when Slack can't be asked."""
        letter = Letter.of(parcel)
        try:
            there = await self._standing(letter, parcel)
        except TooLong:
            return None
        return _receipt(letter, there) if there.is_all_of(letter) else Absent()

    # -------------------------------------------------------------- parts

    async def _standing(self, letter: Letter, parcel: Parcel) -> Standing:
        return await _asked(standing(self._reading, letter, parcel.id), "conversations.replies")

    async def _post(self, letter: Letter, number: int) -> str:
        """The ts that it got."""
        sent = self._posting.chat_postMessage(
            channel=letter.channel,
            thread_ts=letter.thread_ts,
            **letter.messages[number],
            parse="none",
            link_names=False,
            mrkdwn=False,
            unfurl_links=False,
            unfurl_media=False,
        )
        answer = await self._paced(letter, _asked(sent, "chat.postMessage"))
        return str(answer.get("ts") or "")

    async def _upload(self, letter: Letter) -> None:
        files = [{"content": file.data, "filename": file.name, "title": file.name} for file in letter.files]
        sent = self._posting.files_upload_v2(
            channel=letter.channel, thread_ts=letter.thread_ts, file_uploads=files, request_file_info=False
        )
        await self._paced(letter, _asked(sent, "files.completeUploadExternal"))

    async def _paced(self, letter: Letter, call: Awaitable[T]) -> T:
        try:
            return await call
        except DeliveryFailed as failed:
            if failed.after is not None and not failed.unknown:
                self._turns.hold(letter.channel, failed.after)
            raise


async def _asked(call: Awaitable[T], name: str) -> T:
    try:
        return await call
    except TooLong:
        raise
    except Exception as error:
        raise failure(error, name) from error


def _receipt(letter: Letter, there: Standing) -> Receipt:
    """Responses appear under the last message."""
    last = there.messages.get(len(letter.messages) - 1, letter.thread_ts)
    return Receipt(key(letter.team, letter.channel, last))
