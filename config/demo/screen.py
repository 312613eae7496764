"""What a spectator of the demo sees: a live view on a terminal, a line for each mail elsewhere, or one JSON object."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

from rich.console import Console
from rich.live import Live

from config.cli import render
from config.demo import pictures
from config.demo.play import FAILED, OUTCOMES, Play, Seen


class Screen(Protocol):
    """`pause`: seconds between two mails."""

    pause: float

    def tell(self, one: Seen) -> None:
        """The mail has come to its end."""
        ...

    def showing(self, play: Play, where: str) -> AbstractContextManager[None]:
        """While the play goes on, at the desk that listens there."""
        ...

    def close(self, seen: Sequence[Seen]) -> None:
        """What came of it all."""
        ...


class LiveScreen:
    pause = 0.7

    def __init__(self) -> None:
        self.console = Console(highlight=False)

    def tell(self, one: Seen) -> None:
        """The picture is drawn again anyway."""

    @contextmanager
    def showing(self, play: Play, where: str) -> Iterator[None]:
        with Live(
            get_renderable=lambda: pictures.walk(play.seen, where), console=self.console, refresh_per_second=12.5
        ):
            yield

    def close(self, seen: Sequence[Seen]) -> None:
        _close(self.console, seen)


class LineScreen:
    pause = 0.0

    def __init__(self) -> None:
        # As wide as the pictures are made for, for whatever reads it.
        self.console = Console(width=100, highlight=False)

    def tell(self, one: Seen) -> None:
        self.console.print(pictures.line(one), soft_wrap=True)

    def showing(self, play: Play, where: str) -> AbstractContextManager[None]:
        self.console.print(f"Its own desk at {where}, thrown away at the end; times since the sending.")
        return nullcontext()

    def close(self, seen: Sequence[Seen]) -> None:
        _close(self.console, seen)


class JsonScreen:
    """Standard output is for one object alone."""

    pause = 0.0

    def tell(self, one: Seen) -> None:
        """Nothing before the end."""

    def showing(self, play: Play, where: str) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self, seen: Sequence[Seen]) -> None:
        _complain(seen)
        render.line(counts(seen))


def counts(seen: Sequence[Seen]) -> dict[str, int]:
    found = Counter(one.outcome for one in seen)
    return {name: found[name] for name in (*OUTCOMES.values(), FAILED)}


def _close(console: Console, seen: Sequence[Seen]) -> None:
    console.print()
    for picture in pictures.replies(seen):
        console.print(picture)
    console.print(pictures.pace(seen))
    _complain(seen)
    console.print(pictures.closing(counts(seen)))


def _complain(seen: Sequence[Seen]) -> None:
    for one in seen:
        if one.outcome == FAILED:
            subject, why = render.cell(one.part.letter.subject), render.cell(one.problem)
            print(f"failed: {subject}: {why or 'it came to no decision'}", file=sys.stderr)
