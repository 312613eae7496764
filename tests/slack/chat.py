"""chat.*, reactions.* and the sign of life (docs.slack.dev/reference/methods)."""

import json
from typing import Any

from tests.slack.blocks import MOST_MARKDOWN, MOST_METADATA, MOST_TEXT, MOST_UPDATED, checked
from tests.slack.methods import Ask, Methods, Refused, bad_arguments
from tests.slack.nouns import Channel, Json, Message

METHODS = Methods()
method = METHODS.method


@method("chat.postMessage", "chat:write")
def post_message(ask: Ask) -> Json:
    channel, thread_ts = posting_to(ask, ask.need("channel"))
    said = _content(ask)
    message = ask.workspace.post(
        channel,
        ask.workspace.bot,
        said["text"][:MOST_TEXT],
        blocks=said["blocks"],
        attachments=said["attachments"],
        metadata=_metadata(ask),
        thread_ts=thread_ts,
        broadcast=ask.flag("reply_broadcast"),
        subtype="thread_broadcast" if ask.flag("reply_broadcast") else "",
    )
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": message.as_json(with_metadata=True)}


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(ask: Ask) -> Json:
    """It has no place in the channel: it can't be read back, updated or deleted."""
    channel, thread_ts = posting_to(ask, ask.need("channel"))
    user = ask.need("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    said = _content(ask)
    message = Message(channel.id, ask.workspace.next_ts(channel), user, said["text"], ask.workspace.team)
    message.blocks, message.thread_ts = said["blocks"], thread_ts
    ask.workspace.ephemerals.append(message)
    return {"ok": True, "message_ts": message.ts}


@method("chat.update", "chat:write")
def update(ask: Ask) -> Json:
    """What isn't named stays; a new text alone takes the blocks away."""
    message = _own(ask, "cant_update_message")
    changes: Json = {}
    if ask.args.get("metadata") is not None:
        changes["metadata"] = _metadata(ask)
    if any(ask.args.get(name) is not None for name in ("text", "blocks", "attachments", "markdown_text")):
        said = _content(ask)
        if len(said["text"]) > MOST_UPDATED:
            raise Refused("msg_too_long")
        changes |= {"text": said["text"] or message.text, "blocks": said["blocks"]}
    elif not changes:
        raise Refused("no_text")
    ask.workspace.change(message, ask.workspace.bot, **changes)
    shown = message.as_json(with_metadata=True)
    return {"ok": True, "channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


@method("chat.delete", "chat:write")
def delete(ask: Ask) -> Json:
    message = _own(ask, "cant_delete_message")
    ask.workspace.delete(message)
    return {"ok": True, "channel": message.channel, "ts": message.ts}


@method("chat.getPermalink")
def permalink(ask: Ask) -> Json:
    message = ask.message("message_ts")
    address = f"https://{ask.workspace.domain}.slack.com/archives/{message.channel}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        address += f"?thread_ts={message.thread_ts}&cid={message.channel}"
    return {"ok": True, "channel": message.channel, "permalink": address}


@method("reactions.add", "reactions:write")
def react(ask: Ask) -> Json:
    message, name = ask.message("timestamp"), ask.need("name")
    if not name.replace("_", "").replace("-", "").replace("+", "").isalnum():
        raise Refused("invalid_name")
    if ask.workspace.bot.id in message.reactions.get(name, []):
        raise Refused("already_reacted")
    ask.workspace.react(message, ask.workspace.bot, name)
    return {"ok": True}


@method("reactions.remove", "reactions:write")
def unreact(ask: Ask) -> Json:
    message, name = ask.message("timestamp"), ask.need("name")
    if ask.workspace.bot.id not in message.reactions.get(name, []):
        raise Refused("no_reaction")
    ask.workspace.unreact(message, ask.workspace.bot, name)
    return {"ok": True}


@method("assistant.threads.setStatus", "assistant:write", "chat:write")
def set_status(ask: Ask) -> Json:
    """An empty status takes it away; so does the app's next message in the thread."""
    status = {"channel": ask.need("channel_id"), "thread_ts": ask.need("thread_ts"), "status": ask.get("status")}
    ask.workspace.statuses.append(status)
    return {"ok": True}


# ------------------------------------------------------------------ where to


def posting_to(ask: Ask, name: str) -> tuple[Channel, str]:
    """The channel, and the ts of the thread's root or an empty one. `name`: see `_target`."""
    channel = _target(ask, name)
    return channel, _thread(ask, channel)


def _target(ask: Ask, name: str) -> Channel:
    """A channel's id or name, or a person's id, which means the DM with them."""
    workspace = ask.workspace
    if name in workspace.users:
        channel = workspace.dm(name)
    else:
        known = [one for one in workspace.channels.values() if name.removeprefix("#") in (one.id, one.name)]
        if not known or (known[0].kind != "public" and workspace.bot.id not in known[0].members):
            raise Refused("channel_not_found")
        channel = known[0]
    if channel.archived:
        raise Refused("is_archived")
    if channel.kind == "im":
        _reachable(ask, channel)
    elif workspace.bot.id not in channel.members and "chat:write.public" not in ask.token.scopes:
        raise Refused("not_in_channel")
    return channel


def _reachable(ask: Ask, channel: Channel) -> None:
    """docs.slack.dev/surfaces/app-home: without a messages tab nobody can be written to.

    Of somebody who left the documentation names no error for a post; this one is a guess.
    """
    if ask.workspace.users[channel.user].deleted:
        raise Refused("channel_not_found")
    if not ask.workspace.messages_tab:
        raise Refused("messages_tab_disabled")


def _thread(ask: Ask, channel: Channel) -> str:
    """A reply's ts stands for its root. A root that isn't there gives `thread_not_found`."""
    ts = ask.get("thread_ts")
    if not ts:
        return ""
    root = channel.messages.get(ts)
    if root is None:
        raise Refused("thread_not_found")
    return root.thread_ts if root.is_reply else ts


def _own(ask: Ask, error: str) -> Message:
    message = ask.message()
    if message.user != ask.workspace.bot.id:
        raise Refused(error)
    return message


# ------------------------------------------------------------------ what


def _content(ask: Ask) -> Json:
    text, markdown = ask.get("text"), ask.get("markdown_text")
    if markdown and (text or ask.args.get("blocks") is not None):
        raise Refused("markdown_text_conflict")
    if len(markdown) > MOST_MARKDOWN:
        raise Refused("msg_too_long")
    if ask.args.get("blocks") is not None and ask.data("blocks") is None:
        raise Refused("invalid_blocks_format")
    blocks = checked(ask.data("blocks"))
    attachments = ask.data("attachments") or []
    if not (text or markdown or blocks or attachments):
        raise Refused("no_text")
    return {"text": text or markdown, "blocks": blocks, "attachments": attachments}


def _metadata(ask: Ask) -> Any:
    """docs.slack.dev/messaging/message-metadata: an event_type and an event_payload; empty takes it away."""
    metadata = ask.data("metadata")
    if not metadata:
        return {}
    if not isinstance(metadata, dict) or not metadata.get("event_type"):
        raise Refused("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise bad_arguments("missing required field: event_payload [json-pointer:/metadata]")
    if len(json.dumps(metadata)) > MOST_METADATA:
        raise Refused("metadata_too_large")
    return metadata
