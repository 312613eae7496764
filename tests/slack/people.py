"""What a person does in Slack. An act that the app must answer at once waits for the answer and shows it."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.slack import edges, events, interactions, views
from tests.slack.blocks import checked_view
from tests.slack.delivery import Delivery, Payload
from tests.slack.faults import Faults
from tests.slack.interactions import Interactions
from tests.slack.nouns import Channel, Json, Kind, Message, User, View
from tests.slack.workspace import Workspace


@dataclass(frozen=True)
class Act:
    """An interaction and what came of it. Unacknowledged: the person sees that it didn't work, and nothing comes
    again. `errors`: what the form says, by block_id.
    """

    payload: Payload

    @property
    def acknowledged(self) -> bool:
        return self.payload.acknowledged

    @property
    def answer(self) -> Json:
        return self.payload.tries[-1].answer.body

    @property
    def errors(self) -> Mapping[str, str]:
        told: Mapping[str, str] = self.answer.get("errors", {})
        return told

    @property
    def trigger_id(self) -> str:
        return str(self.payload.body["trigger_id"])

    @property
    def response_url(self) -> str:
        return str(self.payload.body["response_url"])


class Person:
    """Or another bot, which can only say things."""

    def __init__(self, user: User, workspace: Workspace, delivery: Delivery, faults: Faults) -> None:
        self.user = user
        self.workspace = workspace
        self.delivery = delivery
        self.faults = faults
        self.interactions = Interactions(workspace, faults)

    @property
    def id(self) -> str:
        return self.user.id

    # ------------------------------------------------------------------ saying

    async def say(
        self,
        channel: Channel,
        text: str,
        *,
        thread: Message | None = None,
        broadcast: bool = False,
        files: Sequence[tuple[str, bytes]] = (),
        subtype: str = "",
    ) -> Message:
        """`text` as Slack stores it: `&amp; &lt; &gt;` escaped, people as `<@U…>`. The message as it now stands."""
        self._allowed(channel)
        message = self._say(channel, text, thread, broadcast, files, subtype, str(uuid.uuid4()))
        if self.faults.double_gesture:
            self._say(channel, text, thread, broadcast, files, subtype, message.client_msg_id)
        await asyncio.sleep(0)
        return message

    async def mention(self, channel: Channel, text: str, *, thread: Message | None = None) -> Message:
        return await self.say(channel, f"<@{self.workspace.bot.id}> {text}", thread=thread)

    async def dm(self, text: str, *, thread: Message | None = None, files: Sequence[tuple[str, bytes]] = ()) -> Message:
        """To the app. PermissionError when its messages tab is off: then nobody can write there."""
        return await self.say(self.workspace.dm(self.id), text, thread=thread, files=files)

    async def edit(self, message: Message, text: str) -> Message:
        return self.workspace.change(message, self.user, text=text, blocks=_rich(text), edited=self._edit_mark())

    async def delete(self, message: Message) -> None:
        self.workspace.delete(message)

    async def react(self, message: Message, name: str) -> None:
        self.workspace.react(message, self.user, name)

    async def unreact(self, message: Message, name: str) -> None:
        self.workspace.unreact(message, self.user, name)

    async def join(self, channel: Channel) -> None:
        self.workspace.join(channel, self.user)

    async def leave(self, channel: Channel) -> None:
        self.workspace.leave(channel, self.user)

    # ------------------------------------------------------------------ acting

    async def click(self, seen: Message | View, action_id: str, chosen: Any = None) -> Act:
        """On what the person sees, which may be an old copy. `chosen`: an option's value, a user's id, a text."""
        blocks = seen.blocks if isinstance(seen, Message) else seen.body["blocks"]
        element, block_id = interactions.find(blocks, action_id)
        return await self._click(seen, element, block_id, chosen)

    async def click_unseen(self, seen: Message | View, element: Json, chosen: Any = None) -> Act:
        """On something that isn't there any more, or never was."""
        return await self._click(seen, element, "gone", chosen)

    async def command(self, command: str, text: str = "", channel: Channel | None = None) -> Act:
        """Without a channel: typed in the DM with the app. Words in the answer are shown, to this person alone unless
        it says otherwise (docs.slack.dev/interactivity/implementing-slash-commands#responding_with_message).
        """
        place = channel or self.workspace.dm(self.id)
        body = self.interactions.command(self.user, place, command, text)
        act = Act(await self.delivery.ask("slash_commands", body))
        if act.acknowledged and (act.answer.get("text") or act.answer.get("blocks")):
            edges.show(self.workspace, place, self.id, act.answer)
        return act

    async def shortcut(self, message: Message, callback_id: str = "file_ticket") -> Act:
        body = self.interactions.shortcut(self.user, callback_id, message)
        return Act(await self.delivery.ask("interactive", body))

    async def submit(self, view: View, values: Json | None = None) -> Act:
        """Then the view is closed, or as the answer says (docs.slack.dev/surfaces/modals#updating_views)."""
        state = interactions.state_of(view, values or {})
        body = self.interactions.submission(self.user, view, state)
        act = Act(await self.delivery.ask("interactive", body))
        if act.acknowledged:
            self._follow(view, act.answer)
        return act

    async def close(self, view: View, *, everything: bool = False) -> None:
        """The app is told if the view wants it."""
        views.closed(self.workspace, self.id, top_only=not everything)
        if view.body.get("notify_on_close"):
            body = self.interactions.closing(self.user, view, cleared=everything)
            await self.delivery.ask("interactive", body)

    async def open_home(self, tab: str = "home") -> View | None:
        """What stands there already; the app hears of it and may publish anew."""
        self.workspace.outlet(events.app_home_opened(self.workspace, self.user, tab))
        return self.home

    # ------------------------------------------------------------------ seeing

    @property
    def home(self) -> View | None:
        return self.workspace.homes.get(self.id)

    @property
    def view(self) -> View | None:
        """The modal on top."""
        return next(reversed(views.stack(self.workspace, self.id)), None)

    @property
    def whispers(self) -> list[Message]:
        """The ephemeral messages that were shown to this person."""
        return [message for message in self.workspace.ephemerals if message.user == self.id]

    # ------------------------------------------------------------------ how

    def _allowed(self, channel: Channel) -> None:
        if channel.archived:
            raise PermissionError(f"{channel.name} is archived")
        if channel.kind == "im" and not self.workspace.messages_tab:
            raise PermissionError("the app's messages tab is off")
        if self.id not in channel.members:
            raise PermissionError(f"{self.user.name} is not in {channel.name}")

    def _say(
        self,
        channel: Channel,
        text: str,
        thread: Message | None,
        broadcast: bool,
        files: Sequence[tuple[str, bytes]],
        subtype: str,
        client_msg_id: str,
    ) -> Message:
        shared = [self._share(channel, name, data) for name, data in files]
        bot = self.user.kind is Kind.BOT
        kind = "bot_message" if bot else "file_share" if files else "thread_broadcast" if broadcast else ""
        return self.workspace.post(
            channel,
            self.user,
            text,
            blocks=[] if bot else _rich(text),
            thread_ts=(thread.thread_ts or thread.ts) if thread else "",
            broadcast=broadcast,
            files=shared,
            subtype=subtype or kind,
            client_msg_id="" if bot else client_msg_id,
            username=self.user.name if bot else "",
        )

    def _share(self, channel: Channel, name: str, data: bytes) -> Json:
        """In a channel of several organisations a file may come as no more than its id
        (docs.slack.dev/apis/slack-connect/using-slack-connect-with-apps).
        """
        file = self.workspace.add_file(name, data, self.user)
        if channel.shared:
            return {"id": file.id, "file_access": "check_file_info"}
        return self.workspace.file_json(file)

    def _edit_mark(self) -> Json:
        return {"user": self.id, "ts": self.workspace.event_ts()}

    async def _click(self, seen: Message | View, element: Json, block_id: str, chosen: Any) -> Act:
        act = self.interactions.click if isinstance(seen, Message) else self.interactions.click_in_view
        body = act(self.user, seen, element, block_id, chosen)  # type: ignore[arg-type]
        return Act(await self.delivery.ask("interactive", body))

    def _follow(self, view: View, answer: Json) -> None:
        action = answer.get("response_action")
        if action == "clear":
            views.closed(self.workspace, self.id)
        elif action == "update":
            views.replaced(self.workspace, view, checked_view(answer["view"], "modal"))
        elif action == "push":
            views.opened(self.workspace, self.id, checked_view(answer["view"], "modal"), below=view)
        elif action is None:
            views.closed(self.workspace, self.id, top_only=True)


def _rich(text: str) -> list[Json]:
    """docs.slack.dev/reference/block-kit/blocks/rich-text-block: what people type comes as text and as blocks."""
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return [{"type": "rich_text", "block_id": "typed", "elements": [section]}] if text else []
