"""Words that somebody gives a command: as its argument, or on standard input."""

import sys

import typer

from config.errors import WrongUse


def said(text: str | None) -> str:
    """The argument, or standard input for `-` and for none. Raises WrongUse when nothing was said."""
    words = _from_input() if text in (None, "-") else _argument(text or "")
    if not words.strip():
        raise WrongUse("nothing was said: give the text as the last argument or on standard input")
    return words.strip("\r\n")


def said_if_any(text: str | None) -> str | None:
    """As `said`, but without an argument nothing is waited for."""
    return None if text is None else said(text)


def _from_input() -> str:
    if sys.stdin.isatty():
        typer.echo("Write the text; Ctrl-D on a line of its own ends it.", err=True)
    try:
        return _without_nul(sys.stdin.buffer.read().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise WrongUse(f"standard input is not UTF-8 (byte {error.start}); convert it first") from error


def _argument(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise WrongUse("the text is not UTF-8; check the terminal's locale") from error
    return _without_nul(text)


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise WrongUse("the text holds a NUL character, which no mail can carry; remove it")
    return text
