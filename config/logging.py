"""What the desk writes about itself: one JSON object a line on standard error, or short lines on a terminal.

    log = logging.getLogger("firstline.smtp")
    log.info("kept", extra={"arrival": id})

An event is a few fixed words; what differs stands in the fields below and nowhere else. Nothing from outside may be in
a field: no bodies, no subjects, no addresses, no secrets. Of an exception only its class and place are written; its
text too when the class is ours. Of other people's loggers only warnings are, without what they fill in.
"""

import json
import logging
import math
import re
import sys
import traceback
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import IO, Any
from uuid import UUID

FIELDS = (
    "conversation",
    "arrival",
    "decision",
    "ticket",
    "delivery",
    "channel",
    "lane",
    "job",
    "subject",  # of a Job: an id or a name of ours
    "epoch",
    "attempts",
    "again",
    "action",
    "guard",
    "part",
    "reason",
    "count",
    "size",
    "seconds",
    "code",
    "signal",
    "database",
    "endpoint",
    "error",
)
OURS = ("bot", "connectors", "prompts", "storage", "config")
LONGEST = 300
LONGEST_CHAIN = 5
ROOT = Path(__file__).parents[1]

# An address or what stands before @ in a URL, in words that came from elsewhere (a relay's answer, say).
PRIVATE = re.compile(r"[^\s@<>\"'(),;]+@[^\s@<>\"'(),;]+")


def start(level: str = "info", stream: IO[str] | None = None) -> None:
    """From here on every logger writes to the stream (standard error), and only there."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Human() if stream.isatty() else Json())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("firstline").setLevel(level.upper())
    logging.captureWarnings(True)


class Json(logging.Formatter):
    """For programs: one object a line, ASCII only."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": time.replace("+00:00", "Z"), "level": record.levelname.lower(), "logger": record.name}
        return json.dumps({**line, "event": event(record), **fields(record)})


class Human(logging.Formatter):
    """For a person at a terminal, which nothing in the line can command."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        start = f"{time} {record.levelname.lower():7} {record.name.removeprefix('firstline.')}: {event(record)}"
        line = " ".join([start, *(f"{name}={_shown(value)}" for name, value in fields(record).items())])
        return "".join(c if c.isprintable() else "?" for c in line)


def event(record: logging.LogRecord) -> str:
    return _text(record.getMessage() if _is_ours(record.name) else str(record.msg))


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """Those that the record has, and the exception that was under way."""
    found = {name: _value(getattr(record, name)) for name in FIELDS if hasattr(record, name)}
    error = record.exc_info[1] if record.exc_info else None
    return found | {"exception": chain(error)} if error else found


def chain(error: BaseException) -> list[str]:
    """The exception and its causes, newest first."""
    lines: list[str] = []
    next_one: BaseException | None = error
    while next_one is not None and len(lines) < LONGEST_CHAIN:
        lines.append(describe(next_one))
        next_one = next_one.__cause__ or (None if next_one.__suppress_context__ else next_one.__context__)
    return lines


def describe(error: BaseException) -> str:
    """The class, the place nearest to the fault that is ours, and the text when the class is ours."""
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    text = f": {_text(str(error))}" if type(error).__module__.split(".")[0] in OURS else ""
    return f"{name}{_place(error)}{text}"


def _place(error: BaseException) -> str:
    frames = [(frame, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    ours = [(frame, line) for frame, line in frames if _relative(frame.f_code.co_filename)]
    for frame, line in (ours or frames)[-1:]:
        file = _relative(frame.f_code.co_filename) or Path(frame.f_code.co_filename).name
        return f" at {file}:{line} in {frame.f_code.co_name}"
    return ""


def _relative(file: str) -> str:
    """The file's path among our packages, or nothing when it is in none of them."""
    path = Path(file)
    inside = path.relative_to(ROOT) if path.is_relative_to(ROOT) else Path()
    return str(inside) if inside.parts[:1] and inside.parts[0] in OURS else ""


def _value(value: object) -> Any:
    if isinstance(value, Enum):
        return _value(value.value)
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, BaseException):
        return describe(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, str | float | UUID | Path | date):
        return _text(str(value))
    return type(value).__name__


def _text(value: str) -> str:
    """One line of bounded length without addresses."""
    first = value.strip().splitlines()[0] if value.strip() else ""
    text = PRIVATE.sub("(address)", first[: 4 * LONGEST])
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _shown(value: Any) -> str:
    return "; ".join(value) if isinstance(value, list) else str(value)


def _is_ours(logger: str) -> bool:
    return logger == "firstline" or logger.startswith("firstline.")
