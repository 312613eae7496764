"""The command `firstline`. Each group of commands has a file here; how they end is decided in `main`."""

import sys
import traceback
from collections.abc import Iterable
from importlib import import_module

import typer

from config.errors import exit_code

COMMANDS = {
    "init": "config.cli.init:init",
    "check": "config.cli.check:check",
    "serve": "config.cli.serve:serve",
    "demo": "config.cli.demo:demo",
    "migrate": "config.cli.serve:migrate",
    "status": "config.cli.status:status",
    "chat": "config.cli.chat:chat",
    "send": "config.cli.send:send",
    "knowledge": "config.cli.knowledge:app",
    "ticket": "config.cli.ticket:app",
    "agent": "config.cli.agent:app",
    "block": "config.cli.block:app",
    "keys": "config.cli.keys:app",
    "mailbox": "config.cli.mailbox:app",
    "outbox": "config.cli.outbox:app",
    "queue": "config.cli.queue:app",
    "trace": "config.cli.trace:trace",
    "reread": "config.cli.reread:reread",
    "slack": "config.cli.slack:app",
    "triage": "config.cli.triage:app",
    "mail": "config.cli.mail:app",
    "eval": "config.cli.eval:evaluate",
}


def main() -> None:
    """Runs the command; every failure ends in one clear line and the exit code of its kind."""
    try:
        build(_wanted())()
    except Exception as error:
        code = exit_code(error)
        if code == 70:
            traceback.print_exception(error)
        print(f"firstline: {error}", file=sys.stderr)
        sys.exit(code)


def build(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The application with these commands."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(firstline)
    for name in names:
        module, _, attribute = COMMANDS[name].partition(":")
        made = getattr(import_module(module), attribute)
        if isinstance(made, typer.Typer):
            app.add_typer(made, name=name)
        else:
            app.command(name)(made)
    return app


def firstline() -> None:
    """The front door of a support desk: keeps every request, answers from approved knowledge, hands the rest to people.

    Settings come from firstline.toml and from FIRSTLINE__SECTION__KEY in the environment.
    """


def _wanted() -> Iterable[str]:
    """Only what is called is imported: `mail read` need not wait for a database's driver."""
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    return [first] if first in COMMANDS else COMMANDS
