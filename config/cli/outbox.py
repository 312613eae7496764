"""`firstline outbox`: everything the desk has said or owes, and how far its handing-over has come."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import typer

from bot.rows import DeliveryRow
from bot.store import Look, Store
from config.cli import reach, render
from config.errors import NotDone

app = typer.Typer(help="Look at what the desk sent and owes.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]

PAGE = 500
COLUMNS = ("created_at", "id", "state", "kind", "to", "subject", "ticket", "attempts", "error")


@app.command("list")
def list_(
    conversation: Annotated[
        str | None,
        typer.Option(help="Only of this Conversation: an id of anything in it, a Ticket's number, a Message-ID."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Every Delivery, oldest first.

    Example: firstline outbox list --json | tail -1
    """
    reach.look_round(lambda store: _list(store, conversation, as_json))


@app.command()
def show(
    delivery: Annotated[UUID, typer.Argument(help="The Delivery's id.")],
    raw: Annotated[bool, typer.Option("--raw", help="The bytes as they are sent, and nothing else.")] = False,
    as_json: AsJson = False,
) -> None:
    """One Delivery with its text.

    Example: firstline outbox show 0199a1b2-… --raw > reply.eml
    """
    if raw:
        sys.stdout.buffer.write(reach.read(lambda look: _bytes(look, delivery)))
        return
    row = reach.read(lambda look: _row(look, delivery))
    if as_json:
        render.line(_keys(row) | {"error": row.error, "text": row.text})
        return
    render.fields(_keys(row) | {"error": row.error})
    typer.echo()
    render.words(row.text)


# ------------------------------------------------------------------ parts


async def _list(store: Store, named: str | None, as_json: bool) -> None:
    conversation = await store.read(lambda look: named and _conversation(look, named)) or None

    def page(look: Look, last: DeliveryRow | None) -> list[DeliveryRow]:
        return look.outbox.rows(after=last.id if last else None, conversation=conversation, limit=PAGE)

    if as_json:
        async for row in reach.paged(store, page):
            render.line(_keys(row))
    else:
        render.table(COLUMNS, [_cells(row) async for row in reach.paged(store, page)])


def _conversation(look: Look, named: str) -> UUID:
    found = look.conversations.find(named)
    if found is None:
        raise NotDone(f"nothing here is called {named}; see `firstline outbox list` or `firstline ticket list`")
    return found


def _row(look: Look, delivery: UUID) -> DeliveryRow:
    row = look.outbox.row(delivery)
    if row is None:
        raise NotDone(f"there is no delivery {delivery}; see `firstline outbox list`")
    return row


def _bytes(look: Look, delivery: UUID) -> bytes:
    _row(look, delivery)
    parcel = look.outbox.get(delivery)
    if parcel is None or parcel.rendered is None:
        raise NotDone(f"delivery {delivery} has no bytes yet: they are made before the first try")
    return parcel.rendered


def _cells(row: DeliveryRow) -> Sequence[object]:
    return [getattr(row, name) for name in COLUMNS]


def _keys(row: DeliveryRow) -> dict[str, Any]:
    """The keys that others rely on."""
    return {
        "id": row.id,
        "state": row.state,
        "channel": row.channel,
        "to": list(row.to),
        "subject": row.subject,
        "message_id": row.message_id,
        "in_reply_to": row.in_reply_to,
        "conversation": row.conversation,
        "ticket": row.ticket,
        "kind": row.kind,
        "attempts": row.attempts,
        "created_at": row.created_at,
        "delivered_at": row.delivered_at,
        "file": row.file,
    }
