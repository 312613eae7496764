"""What the markup of an HTML mail says about the lines of its text."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Marks:
    """Numbers of lines, from 0. `openings` are the lines that introduce somebody else's words."""

    quoted: frozenset[int] = frozenset()
    openings: tuple[range, ...] = ()
    signed: frozenset[int] = frozenset()

    def moved(self, down: int) -> "Marks":
        return Marks(
            frozenset(line + down for line in self.quoted),
            tuple(range(lines.start + down, lines.stop + down) for lines in self.openings),
            frozenset(line + down for line in self.signed),
        )

    def above(self, stop: int) -> "Marks":
        """Only what is about lines above this one."""
        return Marks(
            frozenset(line for line in self.quoted if line < stop),
            tuple(lines for lines in self.openings if lines.stop <= stop),
            frozenset(line for line in self.signed if line < stop),
        )


NO_MARKS = Marks()


def joined(marks: Sequence[Marks]) -> Marks:
    return Marks(
        frozenset().union(*(one.quoted for one in marks)),
        tuple(opening for one in marks for opening in one.openings),
        frozenset().union(*(one.signed for one in marks)),
    )
