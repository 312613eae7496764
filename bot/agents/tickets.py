"""What Agents do with a Ticket: every verb, each from the file of its family.

Each is the whole of its effects, inside the caller's transaction. It asks bot/policy.py first, then whether it is
possible in the Ticket's state, and leaves one line of audit; done a second time it changes nothing. Raises Refused or
NotPossible. Returns the Ticket as it is then.
"""

from bot.agents.ending import close, dismiss, reopen, solve
from bot.agents.sorting import set_category, set_priority
from bot.agents.states import NotPossible
from bot.agents.taking import assign, release, take
from bot.agents.waiting import hold, snooze, wake
from bot.agents.words import note, reply

__all__ = [
    "NotPossible",
    "assign",
    "close",
    "dismiss",
    "hold",
    "note",
    "release",
    "reopen",
    "reply",
    "set_category",
    "set_priority",
    "snooze",
    "solve",
    "take",
    "wake",
]
