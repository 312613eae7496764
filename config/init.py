"""A new desk's files: firstline.toml with a word on every choice, and its secrets and keys beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from config.errors import Refused
from config.keys import load_or_make
from config.settings import Settings, load
from config.sources import FILE

SECRET, PLAIN = 0o600, 0o644

# The files that hold an address with a password in it.
DATABASE_FILE, RELAY_FILE = Path("database-url"), Path("relay-url")

CATEGORIES = """\
# What requests are about. One a line; the descriptions help to tell them apart.

- account: sign-in, passwords, e-mail address, deleting an account
- orders: placing, changing or cancelling an order, delivery, returns
- billing: invoices, payment, refunds
- other: what fits nowhere else
"""


@dataclass(frozen=True)
class Answers:
    """What is asked before a desk can run; values are as the settings want them."""

    domains: tuple[str, ...]
    name: str
    listen: str
    relay: str
    database: str
    agents_mail: str
    knowledge: Path
    triager: str
    model: str
    base_url: str
    key_file: Path
    key: str
    watch: bool


def refuse_to_overwrite(file: Path = FILE) -> None:
    if file.exists():
        raise Refused(f"{file} is there already: edit it, or `firstline init --force` to keep a copy and begin anew")


def write(answers: Answers, file: Path = FILE) -> Settings:
    """Write all files and return the settings as they were read back. What was there is kept under another name.

    Raises Refused when a file can't be written.
    """
    try:
        for path, secret in _secrets(answers).items():
            _put(path, f"{secret}\n" if secret else "", SECRET)
        _make_knowledge(answers.knowledge)
        _put(file, text(answers), PLAIN)
        settings = load(file, {})
        load_or_make(settings.desk.keys)
    except OSError as error:
        raise Refused(f"{error.filename or file} can't be written: {error.strerror}; give the folder to you") from error
    return settings


def _secrets(answers: Answers) -> Mapping[Path, str]:
    found: dict[Path, str] = {}
    if _has_password(answers.database):
        found[DATABASE_FILE] = answers.database
    if _has_password(answers.relay):
        found[RELAY_FILE] = answers.relay
    if answers.triager == "openai" and not answers.key_file.exists():
        found[answers.key_file] = answers.key
    return found


def _put(path: Path, content: str, mode: int) -> None:
    if path.exists():
        path.rename(path.with_name(f"{path.name}.{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode, exist_ok=False)
    path.write_text(content, encoding="utf-8")


def _make_knowledge(folder: Path) -> None:
    """A folder that is there is somebody's; the desk doesn't start without one."""
    if not folder.exists():
        folder.mkdir(parents=True)
        _put(folder / "categories.md", CATEGORIES, PLAIN)


def _has_password(url: str) -> bool:
    return urlsplit(url).password is not None


# ------------------------------------------------------------------ firstline.toml


def text(answers: Answers) -> str:
    return _HEAD + "\n".join(
        [
            _DESK.format(name=_quoted(answers.name), watch=json.dumps(answers.watch)),
            _MAIL.format(
                domains=json.dumps(answers.domains),
                listen=_quoted(answers.listen),
                relay=_address("url", answers.relay, RELAY_FILE),
            ),
            _TRIAGE.format(triager=_quoted(answers.triager), knowledge=_quoted(str(answers.knowledge))),
            _openai(answers),
            _AGENTS.format(mail=_quoted(answers.agents_mail)),
            _MAILBOXES,
            _REST.format(database=_address("url", answers.database, DATABASE_FILE)),
        ]
    )


def _openai(answers: Answers) -> str:
    off = "" if answers.triager == "openai" else "# "
    return _OPENAI.format(
        off=off,
        base_url=_quoted(answers.base_url),
        model=_quoted(answers.model),
        key_file=_quoted(str(answers.key_file)),
    )


def _address(key: str, url: str, file: Path) -> str:
    return f"{key}_file = {_quoted(str(file))}" if _has_password(url) else f"{key} = {_quoted(url)}"


def _quoted(value: str) -> str:
    """What is printable is written alike in JSON and in TOML."""
    return json.dumps(value, ensure_ascii=False)


_HEAD = """\
# The settings of this desk, begun by `firstline init`. What is commented out is the default, or an example.
#
# A variable FIRSTLINE__SECTION__KEY in the environment wins over this file. Any secret may be in a file of its own:
# write `…_file = "path"` for it. `firstline check` says what is wrong. A running desk takes changes on SIGHUP
# (`systemctl reload firstline`); only the database and where it listens need a restart.

"""

_DESK = """\
[desk]
# Stands beside the address in our mail.
name = {name}
# Watch only: requests are read and decided, nobody is written to or called. Meant for the first week: look at
# `firstline ticket list` and `firstline trace`, then write false.
watch = {watch}
# The file with the keys that sign our reply addresses. Back it up together with the database.
# keys = "var/keys"
"""

_MAIL = """\
[smtp]
# Mail to any address at these domains becomes a request.
domains = {domains}
# Where mail comes in. "0.0.0.0:25" takes it from everywhere.
listen = {listen}
# For STARTTLS: PEM files, the certificate with its chain.
# certificate = "/etc/ssl/firstline/fullchain.pem"
# key = "/etc/ssl/firstline/privkey.pem"
# The largest mail that is taken.
# max_size = "25MB"

[relay]
# Who carries our mail out: smtp://HOST:PORT or smtps://USER:PASSWORD@HOST. Empty: replies are written to files and
# reach nobody.
{relay}
# outbox = "var/outbox"
# When the connection breaks after the last byte nobody knows whether the relay has the mail. "resend" sends the same
# mail again, "hold" keeps it for a person.
# unknown = "resend"
"""

_TRIAGE = """\
[triage]
# What proposes answers: "local" quotes approved articles and needs no network; "openai" asks a model, see below.
triager = {triager}
# How far it may go. off: every request becomes a ticket. shadow: so too, and what it would have done is stored.
# draft: tickets come with a draft. automatic: answers are sent.
level = "draft"
# Single categories of categories.md may go further or less far.
# levels = {{ billing = "off", orders = "automatic" }}
# Automatic replies in 24 hours to an address that has not proven itself by answering; 0: no limit.
# unverified_replies = 1

[knowledge]
# Approved articles, a Markdown file each, and categories.md. Read at the start and on SIGHUP.
folder = {knowledge}
"""

_OPENAI = """\
[openai]
# Any server that speaks OpenAI's chat completions; it sees the customer's words and public articles.
{off}base_url = {base_url}
{off}model = {model}
# Readable by the desk's user alone. Empty for a server that wants no key.
{off}api_key_file = {key_file}
# When so many tokens are used up, the local triager decides until the next day (UTC). 0: no limit.
# tokens_a_day = 2000000
# The same in money, which needs the prices of a million tokens: price_in and price_out.
# money_a_day = 0
"""

_AGENTS = """\
[agents]
# Where people are called when a request can't wait; at a domain that is not among the above. Empty: in the terminal
# that the desk runs in.
mail = {mail}
# Each Agent with a mail address is called there too, and answers customers by mail; see docs/mail.md.
# by_mail = false
"""

_MAILBOXES = """\
# An address of the desk each: how it speaks and, with url, a mailbox that is fetched. See docs/mail.md.
# [mailboxes.sales]
# address = "sales@example.org"
# name = "Sales"
# signature = "Sales of Example Ltd."
# url = "imaps://imap.example.org"
# password_file = "/etc/firstline/sales-password"

"""

_REST = """\
[database]
# sqlite:///FILE is enough for one host; postgresql://USER:PASSWORD@HOST/NAME serves several.
{database}

[http]
# /livez, /readyz and /metrics, for your own machines.
# listen = "127.0.0.1:8025"

[health]
# When people are told that the desk itself is unwell: seconds that work may wait and that a channel may be away, and
# per cent of the disk that must be free.
# oldest = 600
# away = 600
# disk = 5

[log]
# debug, info, warning or error. No level writes bodies, addresses or secrets.
# level = "info"
"""
