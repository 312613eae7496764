"""`firstline init`: a few questions, and a desk that can run."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from config import kinds
from config.errors import WrongUse
from config.init import Answers, refuse_to_overwrite, write
from config.sections import OpenAI
from config.settings import Settings


@dataclass(frozen=True)
class Question:
    """`check` gives the value back as the settings want it, or raises ValueError. No default: it must be answered."""

    flag: str
    text: str
    check: Callable[[str], str]
    default: str | None = None


def init(
    domains: Annotated[str | None, typer.Option(help="Where customers write: example.org, or several.")] = None,
    name: Annotated[str | None, typer.Option(help="What the desk calls itself in mail.")] = None,
    listen: Annotated[str | None, typer.Option(help="Where mail comes in, as HOST:PORT.")] = None,
    relay: Annotated[str | None, typer.Option(help="Who carries mail out, as smtp://HOST:PORT.")] = None,
    database: Annotated[str | None, typer.Option(help="sqlite:///FILE or postgresql://…")] = None,
    agents_mail: Annotated[str | None, typer.Option(help="Where people are called.")] = None,
    knowledge: Annotated[str | None, typer.Option(help="The folder of approved articles.")] = None,
    triager: Annotated[str | None, typer.Option(help="local or openai.")] = None,
    model: Annotated[str | None, typer.Option(help="The model, for openai.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Its server, for openai.")] = None,
    key_file: Annotated[str | None, typer.Option(help="The file that holds its key, or will.")] = None,
    watch: Annotated[bool | None, typer.Option(help="Send nothing for the first week.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: defaults for what no flag says.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Begin anew; the old file is kept beside it.")] = False,
) -> None:
    """Set up a desk in this folder: firstline.toml with a word on every choice, secrets and keys beside it.

    Answers stay drafts for your people until you raise the level.

    Example: firstline init

    Example: firstline init --domains example.org --relay smtp://127.0.0.1:25 --agents-mail oncall@corp.example --yes
    """
    if not force:
        refuse_to_overwrite()
    ask = _Asking(on=sys.stdin.isatty() and not yes)
    ours = ask.text(DOMAINS, domains).split(",")
    name, listen, relay = ask.text(NAME, name), ask.text(LISTEN, listen), ask.text(RELAY, relay)
    agents_mail = ask.text(Question("--agents-mail", AGENTS, partial(_outside, ours), ""), agents_mail)
    database, knowledge = ask.text(DATABASE, database), ask.text(KNOWLEDGE, knowledge)
    triager = ask.text(TRIAGER, triager)
    by_model = triager == "openai"
    model = ask.text(MODEL, model, of_use=by_model)
    base_url = ask.text(BASE_URL, base_url, of_use=by_model)
    key_path = Path(ask.text(KEY_FILE, key_file, of_use=by_model))
    answers = Answers(
        domains=tuple(ours),
        name=name,
        listen=listen,
        relay=relay,
        database=database,
        agents_mail=agents_mail,
        knowledge=Path(knowledge),
        triager=triager,
        model=model,
        base_url=base_url,
        key_file=key_path,
        key=ask.secret(f"Its key, kept in {key_path}", of_use=by_model and not key_path.exists()),
        watch=ask.whether("Only watch for the first week, and send nothing?", watch),
    )
    _tell(write(answers), answers)


class _Asking:
    """Flags first; then the person, if there is one; then the default."""

    def __init__(self, *, on: bool) -> None:
        self.on = on

    def text(self, question: Question, given: str | None, *, of_use: bool = True) -> str:
        """`of_use`: the answer matters after all that was answered before."""
        if not of_use:
            return given or question.default or ""
        if given is None and self.on:
            answer: str = typer.prompt(
                question.text,
                default=question.default,
                show_default=bool(question.default),
                value_proc=partial(_insist, question),
                err=True,
            )
            return answer
        value = question.default if given is None else given
        if value is None:
            raise WrongUse(f"{question.flag} is needed: there is no terminal to ask at")
        try:
            return question.check(_one_line(value))
        except ValueError as error:
            raise WrongUse(f"{question.flag} {error}") from error

    def secret(self, text: str, *, of_use: bool) -> str:
        if not (self.on and of_use):
            return ""
        hint = f"{text} (not shown; Enter: none, or later)"
        return str(typer.prompt(hint, default="", hide_input=True, show_default=False, err=True))

    def whether(self, text: str, given: bool | None) -> bool:
        if given is None and self.on:
            return typer.confirm(text, default=True, err=True)
        return given is not False


def _insist(question: Question, value: str) -> str:
    try:
        return question.check(_one_line(value))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("must be one line without control characters")
    return value.strip()


# ------------------------------------------------------------------ the questions


def _domains(value: str) -> str:
    """Of an address only its domain counts: every address there is taken."""
    return ",".join(kinds.some(tuple(kinds.domain(one.rpartition("@")[2]) for one in kinds.listed(value))))


def _some(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


def _relay(value: str) -> str:
    from connectors.relay import RelayAddress

    if kinds.relay(value):
        RelayAddress.parse(value)
    return value


def _outside(ours: list[str], value: str) -> str:
    if value and kinds.mail_address(value).rpartition("@")[2].lower() in ours:
        raise ValueError("must be at another domain: the desk would take calls to people for requests")
    return value


def _triager(value: str) -> str:
    if value not in ("local", "openai"):
        raise ValueError("must be local or openai")
    return value


DOMAINS = Question("--domains", "Domain or address that customers write to", _domains)
NAME = Question("--name", "What the desk calls itself in mail", _some, "Support")
LISTEN = Question(
    "--listen",
    "Where mail comes in (0.0.0.0:25: from everywhere)",
    lambda value: str(kinds.endpoint(value)),
    "127.0.0.1:2525",
)
RELAY = Question("--relay", "Who carries mail out, smtp://HOST:PORT (empty: files in var/outbox)", _relay, "")
DATABASE = Question("--database", "Database", kinds.database, "sqlite:///var/firstline.db")
AGENTS = "Mail address where people are called (empty: the desk's terminal)"
KNOWLEDGE = Question("--knowledge", "Folder of approved articles", _some, "knowledge")
TRIAGER = Question(
    "--triager", "What proposes answers: local (no model), openai (any compatible server)", _triager, "local"
)
MODEL = Question("--model", "Model", _some)
BASE_URL = Question("--base-url", "Its server", kinds.web, OpenAI().base_url)
KEY_FILE = Question("--key-file", "File for its key", _some, "openai-key")


# ------------------------------------------------------------------ what comes next


def _tell(settings: Settings, answers: Answers) -> None:
    watching = ", and only watches" if answers.watch else ""
    typer.echo(f"firstline.toml is written. The desk stays at level {settings.triage.level}{watching}.")
    typer.echo("\nNext:")
    for command, why in _steps(answers):
        typer.echo(f"  {command:28} {why}")


def _steps(answers: Answers) -> list[tuple[str, str]]:
    steps = [(f"write to {answers.knowledge}/", "approved articles, a Markdown file each")]
    if answers.triager == "openai" and answers.key_file.exists() and not answers.key_file.stat().st_size:
        steps.append((f"write to {answers.key_file}", "the model's key, if it wants one"))
    if not answers.database.startswith("sqlite"):
        steps.append(("firstline migrate", "make the tables"))
    return [
        *steps,
        ("firstline agent add NAME", "who works the tickets"),
        ("firstline check", "what is missing, and what to do about it"),
        ("firstline serve", "run the desk"),
        ("firstline send", "send it a test mail, from another terminal"),
    ]
