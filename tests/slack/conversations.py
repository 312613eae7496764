"""conversations.* (docs.slack.dev/reference/methods)."""

from tests.slack.methods import READ, Ask, Methods, Refused
from tests.slack.nouns import Json, Message

METHODS = Methods()
method = METHODS.method

ANY_READ = tuple(READ.values())


@method("conversations.info")
def info(ask: Ask) -> Json:
    channel = ask.channel()
    ask.scope(READ[channel.kind])
    member = ask.workspace.bot.id in channel.members
    more = {"num_members": len(channel.members)} if ask.flag("include_num_members") else {}
    return {"ok": True, "channel": channel.as_json() | {"is_member": member} | more}


@method("conversations.open", "im:write")
def open_(ask: Ask) -> Json:
    """One person: their DM. (For several, mpim:write would be needed, which an app like ours doesn't ask for.)"""
    users = ask.need("users").split(",")
    if len(users) > 1:
        ask.scope("mpim:write")
    if users[0] not in ask.workspace.users:
        raise Refused("user_not_found")
    if ask.workspace.users[users[0]].deleted:
        raise Refused("user_disabled")
    if users[0] == ask.workspace.bot.id:
        raise Refused("cannot_dm_bot")
    return {"ok": True, "channel": {"id": ask.workspace.dm(users[0]).id}}


@method("conversations.members")
def members(ask: Ask) -> Json:
    channel = ask.channel()
    ask.scope(READ[channel.kind])
    everybody = sorted(channel.members)
    page, cursor = _page(ask, len(everybody), 100)
    return {"ok": True, "members": everybody[page], "response_metadata": {"next_cursor": cursor}}


@method("conversations.replies")
def replies(ask: Ask) -> Json:
    """A thread, the root first. The ts of a message without replies, or of a reply, gives that one alone."""
    channel = ask.history_of()
    thread = channel.thread(ask.need("ts"))
    if not thread:
        raise Refused("thread_not_found")
    return _history(ask, thread)


@method("conversations.history")
def history(ask: Ask) -> Json:
    """What stands in the channel itself, newest first: no replies but those sent to the channel too."""
    channel = ask.history_of()
    return _history(ask, [one for one in channel.messages.values() if not one.is_reply or one.broadcast][::-1])


def _history(ask: Ask, messages: list[Message]) -> Json:
    messages = [message for message in messages if _wanted(ask, message)]
    page, cursor = _page(ask, len(messages), 15 if ask.strict_history else 1000)
    shown = [_shown(ask, message) for message in messages[page]]
    more = {"response_metadata": {"next_cursor": cursor}} if cursor else {}
    return {"ok": True, "messages": shown, "has_more": bool(cursor), **more}


def _wanted(ask: Ask, message: Message) -> bool:
    """`oldest` and `latest` themselves belong to it only if `inclusive`."""
    oldest, latest = ask.get("oldest") or "0", ask.get("latest") or "9" * 10
    ts = float(message.ts)
    if ask.flag("inclusive"):
        return float(oldest) <= ts <= float(latest)
    return float(oldest) < ts < float(latest)


def _shown(ask: Ask, message: Message) -> Json:
    shown = message.as_json(with_metadata=ask.flag("include_all_metadata"))
    replies = ask.workspace.channels[message.channel].thread(message.ts)[1:]
    if not replies:
        return shown
    users = sorted({reply.user for reply in replies})
    latest = {"reply_count": len(replies), "reply_users": users, "latest_reply": replies[-1].ts}
    return shown | latest


def _page(ask: Ask, length: int, most: int) -> tuple[slice, str]:
    """docs.slack.dev/apis/web-api/pagination: an empty cursor after the last page."""
    cursor = ask.get("cursor").removeprefix("next:")
    if cursor and not cursor.isdecimal():
        raise Refused("invalid_cursor")
    start = int(cursor or 0)
    end = start + max(1, min(ask.number("limit", most), most))
    return slice(start, end), f"next:{end}" if end < length else ""
