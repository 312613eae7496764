"""What the app is told when a person acts: docs.slack.dev/reference/interaction-payloads and …/interactivity."""

from datetime import timedelta
from typing import Any

from tests.slack import views
from tests.slack.blocks import elements
from tests.slack.faults import Faults
from tests.slack.nouns import Channel, Json, Message, ResponseUrl, Trigger, User, View
from tests.slack.workspace import Workspace

# What a person gives to each kind of element, by the name under which Slack passes it on
# (docs.slack.dev/reference/block-kit/block-elements).
GIVEN = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "number_input": "value",
    "url_text_input": "value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "multi_static_select": "selected_options",
    "checkboxes": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "file_input": "files",
}


class Interactions:
    def __init__(self, workspace: Workspace, faults: Faults) -> None:
        self.workspace = workspace
        self.faults = faults

    # ------------------------------------------------------------------ payloads

    def click(self, user: User, message: Message, element: Json, block_id: str, chosen: Any) -> Json:
        """A block_actions payload from a message."""
        channel = self.workspace.channels[message.channel]
        container = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
        ephemeral = message in self.workspace.ephemerals
        thread = {"thread_ts": message.thread_ts} if message.thread_ts else {}
        return {
            **self._head("block_actions", user),
            "container": container | thread | {"is_ephemeral": ephemeral},
            "trigger_id": self.trigger(user),
            "channel": {"id": channel.id, "name": channel.name or "directmessage"},
            **({} if ephemeral else {"message": message.as_json()}),
            "state": {"values": {}},
            "response_url": self.response_url(channel, user, message),
            "actions": [self._action(element, block_id, chosen)],
        }

    def click_in_view(self, user: User, view: View, element: Json, block_id: str, chosen: Any) -> Json:
        return {
            **self._head("block_actions", user),
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self.trigger(user),
            "view": views.shown(self.workspace, view),
            "actions": [self._action(element, block_id, chosen)],
        }

    def submission(self, user: User, view: View, state: Json) -> Json:
        return {
            **self._head("view_submission", user),
            "trigger_id": self.trigger(user),
            "view": views.shown(self.workspace, view, state),
            "response_urls": [],
        }

    def closing(self, user: User, view: View, *, cleared: bool) -> Json:
        shown = views.shown(self.workspace, view)
        return {**self._head("view_closed", user), "view": shown, "is_cleared": cleared}

    def shortcut(self, user: User, callback_id: str, message: Message) -> Json:
        """A message shortcut: docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload."""
        channel = self.workspace.channels[message.channel]
        return {
            **self._head("message_action", user),
            "callback_id": callback_id,
            "action_ts": self.workspace.event_ts(),
            "trigger_id": self.trigger(user),
            "channel": {"id": channel.id, "name": channel.name or "directmessage"},
            "message_ts": message.ts,
            "message": message.as_json(),
            "response_url": self.response_url(channel, user, None),
        }

    def command(self, user: User, channel: Channel, command: str, text: str) -> Json:
        """docs.slack.dev/interactivity/implementing-slash-commands"""
        return {
            "token": "legacy-verification-token",
            "team_id": self.workspace.team,
            "team_domain": self.workspace.domain,
            "channel_id": channel.id,
            "channel_name": {"private": "privategroup", "im": "directmessage"}.get(channel.kind, channel.name),
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": self.workspace.app_id,
            "is_enterprise_install": "false",
            "response_url": self.response_url(channel, user, None),
            "trigger_id": self.trigger(user),
        }

    # ------------------------------------------------------------------ what they give to the app

    def trigger(self, user: User) -> str:
        id_ = self.workspace.new_id("trigger.")
        age = timedelta(hours=1) if self.faults.stale_triggers else timedelta()
        self.workspace.triggers[id_] = Trigger(user.id, self.workspace.time.now() - age)
        return id_

    def response_url(self, channel: Channel, user: User, original: Message | None) -> str:
        id_ = self.workspace.new_id("url")
        age = timedelta(hours=1) if self.faults.dead_response_urls else timedelta()
        born = self.workspace.time.now() - age
        self.workspace.response_urls[id_] = ResponseUrl(channel.id, user.id, born, original=original)
        return f"{self.workspace.url}/actions/{id_}"

    # ------------------------------------------------------------------ parts

    def _head(self, kind: str, user: User) -> Json:
        workspace = self.workspace
        return {
            "type": kind,
            "token": "legacy-verification-token",
            "api_app_id": workspace.app_id,
            "team": {"id": workspace.team, "domain": workspace.domain},
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _action(self, element: Json, block_id: str, chosen: Any) -> Json:
        """A button passes on its own value; what can be chosen from, the choice."""
        kept = ("type", "action_id", "text", "style", "value")
        shared: Json = {name: element[name] for name in kept if name in element}
        given = {GIVEN[element["type"]]: option(element, chosen)} if element["type"] in GIVEN else {}
        if element["type"] == "feedback_buttons":
            given = _feedback(element, chosen)
        return {**shared, **given, "block_id": block_id, "action_ts": self.workspace.event_ts()}


def find(blocks: list[Json], action_id: str) -> tuple[Json, str]:
    """The element and its block's id. LookupError: nobody can click what isn't there."""
    for block in blocks:
        for element in elements(block):
            if element.get("action_id") == action_id:
                return element, str(block["block_id"])
    raise LookupError(f"nothing to click on is named {action_id}")


def state_of(view: View, values: Json) -> Json:
    """What the form holds when `values` (by action_id, or by block_id) were filled in over what it began with.
    ValueError when something is left out that isn't optional: Slack itself doesn't let it be submitted.
    """
    fields = {block["block_id"]: block for block in view.body["blocks"] if block["type"] == "input"}
    unknown = set(values) - set(fields) - {block["element"].get("action_id") for block in fields.values()}
    if unknown:
        raise LookupError(f"the form has no {', '.join(sorted(unknown))}")
    return {id_: _filled(block, values) for id_, block in fields.items()}


def option(element: Json, chosen: Any) -> Any:
    """A choice is named by its option's value; the option as a whole is passed on."""
    if not str(GIVEN[element["type"]]).startswith("selected_option") or chosen is None:
        return chosen
    groups = element.get("option_groups", [])
    options = [*element.get("options", []), *(one for group in groups for one in group["options"])]
    known = {one["value"]: one for one in options}
    return [known[value] for value in chosen] if isinstance(chosen, list) else known[chosen]


def _filled(block: Json, values: Json) -> Json:
    element = block["element"]
    name = GIVEN[element["type"]]
    action_id = element.get("action_id", "action")
    chosen = values.get(action_id, values.get(block["block_id"]))
    held = option(element, chosen) if chosen is not None else element.get(f"initial_{name.removeprefix('selected_')}")
    if held in (None, "", []) and not block.get("optional"):
        raise ValueError(f"{block['block_id']} has to be filled in")
    return {action_id: {"type": element["type"], name: held}}


def _feedback(element: Json, chosen: Any) -> Json:
    """docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element: `positive` or `negative`."""
    button = element[f"{chosen}_button"]
    return {"value": button["value"], "text": button["text"]}
