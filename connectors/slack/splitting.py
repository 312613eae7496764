"""Long words in pieces: between paragraphs if possible, else between lines, else between words."""

from collections.abc import Iterator

from connectors.slack.words import escape

_BREAKS = ("\n\n", "\n", " ")


def pieces(text: str, most: int) -> Iterator[str]:
    """In order, none empty, each of at most so many characters as it is sent: escaped."""
    rest = text.strip()
    while rest:
        piece = _piece(rest, _fitting(rest, most))
        yield piece.rstrip()
        rest = rest[len(piece) :].lstrip()


def _piece(text: str, room: int) -> str:
    """A break in the first half would leave too little for this piece."""
    if room >= len(text):
        return text
    for sign in _BREAKS:
        # The break itself may stand just behind what fits: it isn't sent.
        at = text.rfind(sign, room // 2, room + len(sign))
        if at > 0:
            return text[:at]
    return text[:room]


def _fitting(text: str, most: int) -> int:
    """How many of its first characters fit. An escape takes four or five places for one."""
    room = most
    for place, letter in enumerate(text[:most]):
        room -= len(escape(letter))
        if room < 0:
            return place
    return min(len(text), most)
