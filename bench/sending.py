"""Mail for a desk, from another process, and what became of it."""

import json
import secrets
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from bench.desk import Desk

ROOT = Path(__file__).parents[1]
LONGEST = 120

KEPT = "SELECT count(*) FROM arrival"
# The mails of a load are the first words of as many customers, so that each has a Conversation of its own.
WAYS = """
    SELECT arrival.kept_at, min(delivery.delivered_at) FROM arrival
    JOIN message ON message.arrival = arrival.id
    JOIN parcel ON parcel.conversation = message.conversation
    JOIN delivery ON delivery.id = parcel.id
    WHERE delivery.state = 'delivered' GROUP BY arrival.id, arrival.kept_at
"""


@dataclass(frozen=True)
class Sent:
    """`seconds`: from the first mail to the last 250; `acks`: each one's, from the end of the mail to its 250."""

    seconds: float
    acks: list[float]


def send(desk: Desk, mails: int, *, lines: int = 20, rate: float = 0) -> Sent:
    """Raises CalledProcessError when a mail is refused."""
    run = f"run{secrets.token_hex(4)}"
    words = [*map(str, desk.smtp), run, *map(str, (mails, lines, rate))]
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", *words], cwd=ROOT, stdout=subprocess.PIPE, timeout=LONGEST, check=True
    )
    return Sent(**json.loads(done.stdout))


def kept(url: str) -> int:
    return int(_rows(url, KEPT)[0][0])


def ways(url: str) -> list[tuple[datetime, datetime]]:
    """(kept, delivered) of each mail that has got its first word back."""
    return [(_instant(begin), _instant(end)) for begin, end in _rows(url, WAYS)]


def _rows(url: str, statement: str) -> list[Any]:
    if url.startswith("sqlite"):
        connection = sqlite3.connect(f"file:{url.partition(':///')[2]}?mode=ro", uri=True)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()
    with psycopg.connect(url) as server:
        return server.execute(statement.encode()).fetchall()


def _instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
