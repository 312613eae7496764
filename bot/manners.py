"""How the desk behaves towards people by itself."""

from dataclasses import dataclass

from bot.calling import Place, Words


@dataclass(frozen=True)
class Manners:
    """`place`: where the Agents are called. `unverified_replies`: automatic replies a day to an address that nobody has
    proven, 0: any number. `watching`: nobody is written to or called; only alerts go out."""

    words: Words
    place: Place
    unverified_replies: int = 1
    watching: bool = False
