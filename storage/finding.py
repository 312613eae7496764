"""A Conversation by whatever somebody has at hand: an id of anything in it, a Ticket's number, a Message-ID."""

import re
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, select, union_all

from storage.schema import conversation as conversations
from storage.schema import decision as decisions
from storage.schema import delivery, ticket
from storage.schema import message as messages
from storage.schema import thread as threads


def by_name(name: str) -> Select[Any]:
    if re.fullmatch(r"#?[0-9]{1,9}", name):
        return select(ticket.c.conversation).where(ticket.c.number == int(name.lstrip("#")))
    try:
        return _by_id(UUID(name))
    except ValueError:
        return _by_key(name)


def _by_id(one: UUID) -> Select[Any]:
    found = union_all(
        select(conversations.c.id.label("conversation")).where(conversations.c.id == one),
        select(messages.c.conversation).where((messages.c.id == one) | (messages.c.arrival == one)),
        select(threads.c.conversation).where(threads.c.id == one),
        select(decisions.c.conversation).where(decisions.c.id == one),
        select(ticket.c.conversation).where(ticket.c.id == one),
        select(threads.c.conversation).join(delivery, delivery.c.thread == threads.c.id).where(delivery.c.id == one),
    ).subquery()
    return select(found.c.conversation)


def _by_key(key: str) -> Select[Any]:
    found = union_all(
        select(messages.c.conversation).where(messages.c.key == key, literal(key) != ""),
        select(threads.c.conversation)
        .join(delivery, delivery.c.thread == threads.c.id)
        .where(delivery.c.reference == key),
    ).subquery()
    return select(found.c.conversation)
