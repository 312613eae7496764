"""What Slack's events mean: a message, a change to one, or nothing for us. Pure, and reads nothing but JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.model import Arrival, Edit, Identity, Inbound, Kind, Meaning, Skipped, Verdict
from connectors.slack.envelope import Envelope, identifier, is_machine, part
from connectors.slack.files import NOT_FETCHED, listed
from connectors.slack.sharing import shared
from connectors.slack.words import LONGEST, clean, mentions, plain

KIND = "slack"
EVENTS = frozenset({"app_mention", "message"})

# All others tell that something happened in a channel; nobody speaks in them (docs.slack.dev/reference/events/message).
_SPOKEN = ("", "file_share", "thread_broadcast", "me_message")


@dataclass(frozen=True)
class SlackReader:
    """`support`: the channels in which everything is for us. In other channels only what mentions us is, and in our
    direct messages everything."""

    support: frozenset[str] = frozenset()
    isolated: bool = False

    def __call__(self, arrival: Arrival) -> Meaning:
        found = Envelope.of(arrival)
        kind, subtype = found.event.get("type"), found.event.get("subtype") or ""
        if not isinstance(kind, str) or kind not in EVENTS:
            return Skipped("an event that says nothing to us")
        if subtype == "message_changed":
            return self._changed(found)
        if subtype == "message_deleted":
            return self._deleted(found, part(found.event, "previous_message"))
        if subtype not in _SPOKEN:
            return Skipped("nobody speaks in it")
        return self._said(found)

    def salvage(self, arrival: Arrival, reason: str) -> Inbound:
        return Inbound(Kind.MESSAGE, author=None, problems=(reason,), partly=True)

    # -------------------------------------------------------------- what was said

    def _said(self, found: Envelope) -> Inbound | Skipped:
        if is_machine(found.event, found.bot):
            return Skipped("a program said it")
        if not self._is_for_us(found, _text(found.event)):
            return Skipped("it was said in a channel of others, and doesn't mention us")
        inbound = _inbound(found)
        return inbound if inbound.text or inbound.attachments or _is_call(found) else Skipped("nothing was said")

    def _is_for_us(self, found: Envelope, *texts: str) -> bool:
        channel = _channel(found)
        if found.event.get("type") == "app_mention" or channel in self.support or _is_direct(found, channel):
            return True
        return any(mentions(text, found.bot) for text in texts)

    # -------------------------------------------------------------- what became of it

    def _changed(self, found: Envelope) -> Edit | Skipped:
        now, before = part(found.event, "message"), part(found.event, "previous_message")
        if now.get("subtype") == "tombstone":
            # What is left of a deleted message that was answered in a thread.
            return self._deleted(found, before)
        if is_machine(now, found.bot):
            return Skipped("a program said it")
        if _text(now) == _text(before):
            return Skipped("its words stayed as they were")
        if not self._is_for_us(found, _text(now), _text(before)):
            return Skipped("it was said in a channel of others, and doesn't mention us")
        return _edit(found, now, plain(_text(now), found.bot))

    def _deleted(self, found: Envelope, before: Mapping[str, Any]) -> Edit | Skipped:
        if is_machine(before, found.bot):
            return Skipped("a program said it")
        if not self._is_for_us(found, _text(before)):
            return Skipped("it was said in a channel of others, and didn't mention us")
        gone = {"ts": found.event.get("deleted_ts"), **before}
        return _edit(found, gone, None)


def key(team: str, channel: str, ts: str) -> str:
    """Of a message, and of the Thread that it begins: a ts is unique in its channel alone."""
    return f"{team}/{channel}/{ts}"


def _inbound(found: Envelope) -> Inbound:
    event, team, channel = found.event, found.team, _channel(found)
    ts, user = _needed(event, "ts"), _needed(event, "user")
    root = identifier(event, "thread_ts") or ts
    text, said = _words(found), key(team, channel, ts)
    author = Identity(KIND, f"{team}/{user}", clean(found.name))
    attachments, cut = listed(event.get("files")), len(_text(event)) > LONGEST
    return Inbound(
        Kind.MESSAGE,
        author,
        text=text,
        reply=text,
        attachments=attachments,
        problems=(NOT_FETCHED,) if attachments else (),
        key=said,
        place=key(team, channel, root),
        # A mention in a support channel comes as two events of different ids.
        content_key=f"slack:{said}",
        address={
            "to": {"name": author.name, "address": author.value},
            "team": team,
            "channel": channel,
            "thread_ts": root,
        },
        partly=cut,
        verdict=Verdict.VERIFIED,
    )


def _words(found: Envelope) -> str:
    return "\n\n".join(part for part in (plain(_text(found.event), found.bot), *shared(found.event)) if part)


def _edit(found: Envelope, said: Mapping[str, Any], text: str | None) -> Edit:
    author = Identity(KIND, f"{found.team}/{identifier(said, 'user')}")
    return Edit(author, key(found.team, _channel(found), _needed(said, "ts")), text)


def _is_call(found: Envelope) -> bool:
    """Somebody named us and said no more: that wants an answer as well."""
    return found.event.get("type") == "app_mention"


def _is_direct(found: Envelope, channel: str) -> bool:
    return found.event.get("channel_type") == "im" or channel.startswith("D")


def _channel(found: Envelope) -> str:
    return _needed(found.event, "channel")


def _needed(said: Mapping[str, Any], name: str) -> str:
    value = identifier(said, name)
    if not value:
        raise ValueError(f"a message without {name}")
    return value


def _text(said: Mapping[str, Any]) -> str:
    text = said.get("text")
    return text if isinstance(text, str) else ""
