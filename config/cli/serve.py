"""firstline serve, firstline migrate."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from bot import failpoints

Only = Annotated[
    list[str] | None,
    typer.Option(help="Work this lane (read, triage, deliver, chores) or listen on this channel alone; repeatable."),
]
Trial = Annotated[
    bool,
    typer.Option("--trial", help="To try it out: answer automatically, from sample knowledge unless there is other."),
]


def serve(only: Only = None, trial: Trial = False) -> None:
    """Run the desk until SIGTERM or SIGINT. SIGHUP makes it take settings, keys, certificate and knowledge anew.

    Example: firstline serve

    Example, one of several hosts on PostgreSQL: firstline serve --only smtp --only read
    """
    from config import logging
    from config.running import as_trial, run
    from config.settings import Settings, forget_secrets, load

    # What forget_secrets takes away is needed again at a reload.
    environ = {name: value for name, value in os.environ.items() if name.startswith("FIRSTLINE")}

    def read() -> Settings:
        settings = load(environ=environ)
        return as_trial(settings) if trial else settings

    settings = read()
    logging.start(settings.log.level)
    failpoints.arm(settings.testing.failpoint)
    forget_secrets()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        code = runner.run(run(settings, frozenset(only or ()), read))
    if failpoints.passed:
        print(json.dumps({"message": "failpoints", "passed": failpoints.passed}), file=sys.stderr)
    raise typer.Exit(code)


def migrate() -> None:
    """Bring the database's schema up to date. On SQLite `serve` does so by itself.

    Example: FIRSTLINE__DATABASE__URL=postgresql://firstline@db/firstline firstline migrate
    """
    from config.settings import load
    from storage.migrate import upgrade

    upgrade(load().database.url)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop takes mail 1.4 to 1.9 times as fast; where there is none, Python's own loop will do."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
