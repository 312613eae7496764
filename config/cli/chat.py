"""`firstline chat`: try the desk without mail, ports or accounts."""

import sys

import typer

from config.cli.who import login


def chat() -> None:
    """Talk to a desk of its own, here in the terminal; nothing of it is kept. Ctrl-D ends it.

    It answers from the folder that KNOWLEDGE__FOLDER names, else from sample knowledge.

    Example: echo "How do I reset my password?" | firstline chat
    """
    import asyncio

    from config import logging
    from config.chat import chat as talk
    from config.settings import load
    from connectors.terminal import unbuffered

    settings = load()
    logging.start("warning")
    if sys.stdin.isatty():
        typer.echo("Say something and press Enter; Ctrl-D ends the chat.", err=True)
    raise typer.Exit(asyncio.run(talk(settings, login(), unbuffered(sys.stdin.fileno()), sys.stdout)))
