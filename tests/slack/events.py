"""The shapes of the events, what subscribes to them, and which scope they need (docs.slack.dev/reference/events)."""

from typing import TYPE_CHECKING

from tests.slack.nouns import Channel, Json, Message, User

if TYPE_CHECKING:
    from tests.slack.workspace import Workspace

# Each event's page names the scopes; one of them is enough.
NEEDS = {
    "app_mention": {"app_mentions:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "reaction_added": {"reactions:read"},
    "reaction_removed": {"reactions:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "member_left_channel": {"channels:read", "groups:read"},
    "channel_archive": {"channels:read"},
    "group_archive": {"groups:read"},
    "channel_rename": {"channels:read"},
    "group_rename": {"groups:read"},
    "app_home_opened": set[str](),
    "app_uninstalled": set[str](),
    "tokens_revoked": set[str](),
    "app_rate_limited": set[str](),
}

CHANNEL_TYPES = {"public": "channel", "private": "group", "im": "im"}
SUBSCRIPTIONS = {"public": "message.channels", "private": "message.groups", "im": "message.im"}


def message(workspace: "Workspace", said: Message) -> Json:
    """docs.slack.dev/reference/events/message. A bot's own post has a bot_id and, from today's apps, no subtype."""
    channel = workspace.channels[said.channel]
    root = channel.messages.get(said.thread_ts) if said.is_reply else None
    more: Json = {}
    if root is not None:
        more["parent_user_id"] = root.user
    if root is not None and said.broadcast:
        more["root"] = root.as_json()
    if channel.shared:
        more |= {"user_team": said.team, "source_team": said.team}
    shape = said.as_json() | more | _place(channel) | {"event_ts": said.ts}
    # A bot of the old kind has a name of its own and no user.
    return {name: value for name, value in shape.items() if not (name == "user" and said.subtype == "bot_message")}


def app_mention(workspace: "Workspace", said: Message) -> Json:
    """docs.slack.dev/reference/events/app_mention: comes beside the message event, with an id of its own."""
    channel = workspace.channels[said.channel]
    return {**said.as_json(), "type": "app_mention", "channel": channel.id, "event_ts": said.ts}


def message_changed(workspace: "Workspace", now: Message, before: Message) -> Json:
    """docs.slack.dev/reference/events/message/message_changed; the same for edits, unfurls and chat.update."""
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "message": now.as_json(),
        "previous_message": before.as_json(),
        **_when(workspace, now),
    }


def message_deleted(workspace: "Workspace", before: Message) -> Json:
    """docs.slack.dev/reference/events/message/message_deleted"""
    return {
        "type": "message",
        "subtype": "message_deleted",
        "hidden": True,
        "deleted_ts": before.ts,
        "previous_message": before.as_json(),
        **_when(workspace, before),
    }


def reaction(workspace: "Workspace", kind: str, said: Message, user: User, name: str) -> Json:
    """docs.slack.dev/reference/events/reaction_added"""
    return {
        "type": kind,
        "user": user.id,
        "reaction": name,
        "item": {"type": "message", "channel": said.channel, "ts": said.ts},
        "item_user": said.user,
        "event_ts": workspace.event_ts(),
    }


def membership(workspace: "Workspace", kind: str, channel: Channel, user: User) -> Json:
    """docs.slack.dev/reference/events/member_joined_channel"""
    return {
        "type": kind,
        "user": user.id,
        "channel": channel.id,
        "channel_type": "G" if channel.kind == "private" else "C",
        "team": user.team,
        "event_ts": workspace.event_ts(),
    }


def app_home_opened(workspace: "Workspace", user: User, tab: str) -> Json:
    """docs.slack.dev/reference/events/app_home_opened; with the view that was published, for the home tab."""
    home = workspace.homes.get(user.id) if tab == "home" else None
    return {
        "type": "app_home_opened",
        "user": user.id,
        "channel": workspace.dm(user.id).id,
        "tab": tab,
        "event_ts": workspace.event_ts(),
        **({"view": home.body | {"id": home.id, "hash": home.hash}} if home else {}),
    }


# ------------------------------------------------------------------ what reaches the app


def reaches(workspace: "Workspace", event: Json, subscribed: set[str]) -> bool:
    """Whether the app asked for it, may have it, and is where it happened."""
    name = subscription(workspace, event)
    if name not in subscribed or (NEEDS[name] and not NEEDS[name] & workspace.bot_token.scopes):
        return False
    if workspace.bot_token.trouble and name not in ("app_uninstalled", "tokens_revoked"):
        return False
    place = _where(event)
    if place is None or event["type"] == "app_home_opened":
        return True
    return workspace.bot.id in workspace.channels[place].members


def subscription(workspace: "Workspace", event: Json) -> str:
    """The name under which an app subscribes to it."""
    if event["type"] == "message":
        return SUBSCRIPTIONS[workspace.channels[event["channel"]].kind]
    return str(event["type"])


def envelope(workspace: "Workspace", event: Json, event_id: str) -> Json:
    """docs.slack.dev/apis/events-api#event-type-structure"""
    place = _where(event)
    shared = place is not None and workspace.channels[place].shared
    return {
        "token": "legacy-verification-token",
        "team_id": workspace.team,
        "context_team_id": workspace.team,
        "context_enterprise_id": None,
        "api_app_id": workspace.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(workspace.time.seconds()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team,
                "user_id": workspace.bot.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": shared,
        "event_context": f"4-{event_id}",
    }


def _where(event: Json) -> str | None:
    place: Json | str | None = event.get("channel") or event.get("item", {}).get("channel")
    return str(place["id"]) if isinstance(place, dict) else place


def _place(channel: Channel) -> Json:
    return {"channel": channel.id, "channel_type": CHANNEL_TYPES[channel.kind]}


def _when(workspace: "Workspace", said: Message) -> Json:
    """The event's own ts, which isn't that of the message that it is about."""
    ts = workspace.event_ts()
    return {**_place(workspace.channels[said.channel]), "ts": ts, "event_ts": ts}
