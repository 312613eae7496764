"""`firstline mailbox`: the mailboxes that the desk fetches its mail from."""

import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.marks import Polled, far, polled
from bot.store import Look, StoreError
from config import mailboxes
from config.cli import reach, render
from config.errors import NotDone
from config.sections import Mailbox
from config.settings import Settings, load

if TYPE_CHECKING:
    from connectors.oauth.browser import BrowserLogin
    from connectors.oauth.provider import Provider

app = typer.Typer(help="The mailboxes that the desk fetches its mail from.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Name = Annotated[str, typer.Argument(help="As in [mailboxes.NAME].")]

# For somebody who has to find a password first.
SECONDS = 900.0


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Each mailbox: when it was read last, how much was kept, and what went wrong since.

    Example: firstline mailbox list
    """
    settings = load()
    rows = reach.look_round(lambda store: store.read(lambda look: _rows(look, settings)))
    if as_json:
        for row in rows:
            render.line(row)
        return
    columns = ("name", "address", "state", "read", "kept", "waiting", "reason")
    render.table(
        columns, [[row[name] for name in ("name", "address", "state", "read_at", *columns[4:])] for row in rows]
    )


@app.command("test")
def try_(name: Name, as_json: AsJson = False) -> None:
    """Connect, log in, open the folder and say what is there. Nothing in the mailbox is changed.

    Example: firstline mailbox test support
    """
    from connectors.imap.failures import MailboxFailed
    from connectors.imap.probe import probe

    settings = load()
    box = _named(settings, name)
    try:
        found = probe(mailboxes.imap(name, box), _mark(name))
    except MailboxFailed as error:
        raise NotDone(f"the mailbox {name}: {error}") from error
    if as_json:
        render.line({"name": name, "folder": box.folder, **asdict(found)})
        return
    waiting = "to be fetched" if found.waiting is not None else "at the first start, which takes new mail only"
    render.fields(
        {
            "folder": box.folder,
            "mails": found.mails,
            "waiting": f"{found.waiting} {waiting}" if found.waiting is not None else f"none {waiting}",
            "new mail": "the server says so at once" if found.idle and box.idle else f"looked for every {box.poll} s",
            "afterwards": _afterwards(box, found.missing),
        }
    )


@app.command()
def login(name: Name) -> None:
    """Log in to a mailbox of Google, Microsoft 365 or another OAuth server, once, with a browser.

    Run it by the desk's account, which has to read what it writes.

    Example: firstline mailbox login support
    """
    from connectors.oauth.device import NotLoggedIn
    from connectors.oauth.wire import OAuthAway

    box = _named(load(), name)
    provider, tokens = mailboxes.provider(name, box), mailboxes.tokens(name, box)
    try:
        refresh = _by_code(provider) if provider.device_url else _by_browser(provider)
    except (NotLoggedIn, OAuthAway) as error:
        raise NotDone(f"the mailbox {name}: {error}") from error
    tokens.save(refresh)
    typer.echo(f"the login is in {tokens.path}")
    typer.echo(f"try it with `firstline mailbox test {name}`; a running desk takes it within minutes", err=True)


# ------------------------------------------------------------------ list


def _rows(look: Look, settings: Settings) -> list[dict[str, Any]]:
    return [_row(name, box, polled(look, name), far(look, name)) for name, box in settings.mailboxes.items()]


def _row(name: str, box: Mailbox, now: Polled | None, mark: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "name": name,
        "address": box.address,
        "url": box.url,
        "state": _state(box, now),
        "since": render.instant(now.since) if now else None,
        "read_at": render.instant(now.read_at) if now else None,
        "kept": mark["kept"] if mark else 0,
        "waiting": now.waiting if now else None,
        "reason": now.reason if now else "",
    }


def _state(box: Mailbox, now: Polled | None) -> str:
    if not box.url:
        return "by SMTP"
    if now is None:
        return "never looked at"
    return "failing" if now.reason else "well"


# ------------------------------------------------------------------ test


def _named(settings: Settings, name: str) -> Mailbox:
    boxes = mailboxes.fetched(settings)
    if name not in boxes:
        raise NotDone(f"there is no mailbox {name!r} with a url; there are: {', '.join(sorted(boxes)) or 'none'}")
    return boxes[name]


def _mark(name: str) -> Mapping[str, Any] | None:
    """None also without a database: a mailbox can be tried before there is one."""
    from storage.migrate import State, state

    try:
        if state(load().database.url) is not State.CURRENT:
            return None
        return reach.look_round(lambda store: store.read(lambda look: far(look, name)))
    except StoreError:
        return None


def _afterwards(box: Mailbox, missing: str) -> str:
    if box.after == "move":
        return f"moved to {box.move_to}" + (", which will be made" if missing else "")
    return "marked as read" if box.after == "seen" else "left as it is"


# ------------------------------------------------------------------ login


def _by_code(provider: "Provider") -> str:
    from connectors.oauth import device

    code = device.begin(provider)
    _say(f"open  {code.address}  in a browser, type the code  {code.user_code}  and log in as the mailbox")
    return device.finish(provider, code, threading.Event().wait)


def _by_browser(provider: "Provider") -> str:
    from connectors.oauth.browser import BrowserLogin

    if not provider.authorize_url:
        raise NotDone("there is nowhere to log in: set device_url or authorize_url in the mailbox's table")
    login = BrowserLogin(provider)
    try:
        _say(f"open this in a browser and log in as the mailbox:\n\n{login.address}\n")
        _say("If that browser is on another machine, its last page can't be shown: paste that page's address here.")
        return login.finish(_came_back(login))
    finally:
        login.close()


def _came_back(login: "BrowserLogin") -> str:
    """What comes first: the browser itself, or a line that somebody pastes."""
    pasted: list[str] = []
    threading.Thread(target=lambda: pasted.append(sys.stdin.readline()), daemon=True, name="pasting").start()
    for _ in range(int(SECONDS)):
        if address := login.wait(1.0) or next(filter(str.strip, pasted), None):
            return address
    raise NotDone(f"nobody has logged in within {SECONDS / 60:.0f} minutes: begin again")


def _say(text: str) -> None:
    typer.echo(text, err=True)
