"""Lines that their sender's program broke only for transport (format=flowed, RFC 3676), made whole again."""

import re
from dataclasses import dataclass

LINES = 400
SIGNATURE = "-- "

_QUOTED = re.compile(r">*+")


@dataclass(frozen=True, slots=True)
class Flow:
    """How the text of a mail was broken. `delsp`: the space at the end of a broken line isn't the writer's."""

    flowed: bool = False
    delsp: bool = False


FIXED = Flow()


def unbroken(text: str, flow: Flow) -> str:
    """Only lines of the same depth of quotation are joined. A very long text stays as it is."""
    if not flow.flowed or text.count("\n") > LINES:
        return text
    made: list[str] = []
    depth, is_open = 0, False
    for line in text.split("\n"):
        quotes = len(_QUOTED.match(line)[0])  # type: ignore[index]  # it matches anything
        words = line[quotes:].removeprefix(" ")
        ends = words == SIGNATURE or not words.endswith(" ")
        words = words[:-1] if flow.delsp and not ends else words
        if is_open and quotes == depth and words != SIGNATURE:
            made[-1] += words
        else:
            made.append(">" * quotes + (" " if quotes and words else "") + words)
        depth, is_open = quotes, not ends
    return "\n".join(made)
