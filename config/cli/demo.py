"""`firstline demo`: a desk at work, to look at."""

import os
import sys
from typing import TYPE_CHECKING

import typer

from config.errors import NotDone

if TYPE_CHECKING:
    from config.demo.screen import Screen


def demo() -> None:
    """Watch a dozen customers' mails on their way through a desk of its own, and read what comes back.

    It needs no account, no settings and none of your desk's ports; nothing of it is kept. With FIRSTLINE_JSON=1 it
    prints how many mails were answered, ticketed, escalated, ignored and failed, as one JSON object. It ends with 1
    when a mail failed.

    Example: firstline demo

    Example: FIRSTLINE_JSON=1 firstline demo
    """
    import asyncio

    from config import logging
    from config.demo.desk import run
    from config.demo.play import FAILED, Play
    from config.settings import forget_secrets

    screen = _screen()
    logging.start("warning")
    forget_secrets()
    play = Play(screen.tell, screen.pause)
    asyncio.run(run(play, screen))
    if not play.ended:
        raise NotDone("the demo was stopped before its end")
    screen.close(play.seen)
    raise typer.Exit(1 if any(one.outcome == FAILED for one in play.seen) else 0)


def _screen() -> "Screen":
    from config.demo import screen

    if os.environ.get("FIRSTLINE_JSON") == "1":
        return screen.JsonScreen()
    return screen.LiveScreen() if sys.stdout.isatty() else screen.LineScreen()
