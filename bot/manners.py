"""How the desk behaves towards people by itself."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import timedelta

from bot.calling import Place, Words


@dataclass(frozen=True)
class Limits:
    """How much may be said automatically, and how much one sender may begin; 0 is no limit anywhere.

    `unverified`, `sender`: replies in 24 hours to an address that nobody has proven, and to one that is. `desk`:
    replies to all in an hour. `flood`: Conversations that one sender may begin in an hour, before they are gathered in
    one.
    """

    unverified: int = 1
    sender: int = 20
    desk: int = 5000
    flood: int = 20


@dataclass(frozen=True)
class Manners:
    """`place`: where the Agents are called. `watching`: nobody is written to or called; only alerts go out.
    `reopening`: how long a reply reopens what was closed. `answer_cc`: Agents' Replies go also to those copied in.
    `verifying`: the channels whose upstream says who sent a mail."""

    words: Words
    place: Place
    limits: Limits = Limits()
    watching: bool = False
    reopening: timedelta = timedelta(days=14)
    answer_cc: bool = False
    verifying: Set[str] = frozenset()
