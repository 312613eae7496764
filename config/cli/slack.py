"""`firstline slack`: what connects the desk with a Slack workspace."""

from enum import StrEnum
from typing import Annotated

import typer

from config.errors import WrongUse

app = typer.Typer(help="What connects the desk with a Slack workspace.", no_args_is_help=True)

EXAMPLE = "https://desk.example.com"


class Mode(StrEnum):
    SOCKET = "socket"
    HTTP = "http"


class Format(StrEnum):
    YAML = "yaml"
    JSON = "json"


@app.callback()
def slack() -> None:
    """With one command alone it would lose its name."""


@app.command("manifest")
def manifest_(
    mode: Annotated[Mode, typer.Option(help="How events come; as SLACK__MODE.")] = Mode.SOCKET,
    url: Annotated[str, typer.Option(help="For http: where Slack reaches the desk, https://…")] = "",
    full: Annotated[
        bool, typer.Option("--full", help="Also scopes without which the desk does a little less.")
    ] = False,
    format_: Annotated[Format, typer.Option("--format", help="As the page that it is pasted into wants it.")] = (
        Format.YAML
    ),
) -> None:
    """The manifest to make the Slack app from, at api.slack.com/apps.

    Example: firstline slack manifest --full
    """
    from connectors.slack import manifest

    if url and not url.startswith(("https://", "http://")):
        raise WrongUse(f"--url {url}: it must be an address that begins with https://")
    if mode is Mode.HTTP and not url:
        typer.echo(f"put your own address in the place of {EXAMPLE}, or give it with --url", err=True)
    made = manifest.manifest(mode.value, url=url or EXAMPLE, full=full)
    typer.echo(manifest.as_json(made) if format_ is Format.JSON else manifest.as_yaml(made))
