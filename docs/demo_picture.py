"""Plays the demo and draws its end as docs/demo.svg: .venv/bin/python docs/demo_picture.py"""

import asyncio
import io
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from rich.console import Console

from config.demo import pictures
from config.demo.desk import run
from config.demo.play import Play, Seen
from config.demo.screen import counts

PICTURE = Path(__file__).with_name("demo.svg")


class Painter:
    """The demo's third kind of screen: a picture of the end."""

    pause = 0.2

    def __init__(self) -> None:
        self.console = Console(record=True, width=100, file=io.StringIO(), highlight=False)
        self.where = ""

    def tell(self, one: Seen) -> None:
        """Nothing before the end."""

    def showing(self, play: Play, where: str) -> AbstractContextManager[None]:
        self.where = where
        return nullcontext()

    def close(self, seen: Sequence[Seen]) -> None:
        self.console.print(pictures.walk(seen, self.where))
        self.console.print(pictures.closing(counts(seen)))
        drawn = self.console.export_svg(title="make demo", unique_id="demo")
        # The fonts of whoever looks will do; a picture in a page is to fetch nothing.
        PICTURE.write_text(re.sub(r"@font-face \{.*?\}\n?", "", drawn, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    painter = Painter()
    play = Play(painter.tell, painter.pause)
    asyncio.run(run(play, painter))
    painter.close(play.seen)
