import ast
import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Lane
from bot.store import StoreFull
from config.kinds import endpoint
from config.logging import FIELDS, OURS, ROOT, Human, Json, start

ID = UUID("01890000-0000-7000-8000-000000000000")
CANARY = "canary@example.org"

log = logging.getLogger("firstline.test")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _loggers_as_they_were() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("firstline")
    before = (root.handlers[:], root.level, ours.level)
    yield
    logging.captureWarnings(False)
    root.handlers[:], root.level = before[0], before[1]
    ours.setLevel(before[2])


def written(write: Callable[[], None], level: str = "info") -> list[dict[str, Any]]:
    stream = io.StringIO()
    start(level, stream)
    write()
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_object_with_the_allowed_fields() -> None:
    (line,) = written(
        lambda: log.info(
            "kept",
            extra={"arrival": ID, "lane": Lane.READ, "seconds": timedelta(seconds=1.5), "count": 3, "body": CANARY},
        )
    )
    assert datetime.fromisoformat(line.pop("time")).tzinfo
    assert line == {
        "level": "info",
        "logger": "firstline.test",
        "event": "kept",
        "arrival": str(ID),
        "lane": "read",
        "seconds": 1.5,
        "count": 3,
    }


def test_levels_below_the_wanted_one_are_not_written() -> None:
    def write() -> None:
        log.debug("a")
        log.warning("b")
        logging.getLogger("uvicorn.error").info("c")

    assert [line["event"] for line in written(write)] == ["b"]
    assert [line["event"] for line in written(write, "debug")] == ["a", "b"]


def test_other_loggers_keep_what_they_fill_in_to_themselves() -> None:
    (line,) = written(lambda: logging.getLogger("another.library").warning("%r from %s", CANARY, CANARY))
    assert line["event"] == "%r from %s"


def test_warnings_are_lines_too() -> None:
    def write() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            logging.captureWarnings(True)
            warnings.warn("careful", stacklevel=1)

    (line,) = written(write)
    assert line["logger"] == "py.warnings"


def raised(error: Exception, cause: Exception | None = None) -> None:
    try:
        raise error from cause
    except Exception:
        log.exception("failed", extra={"error": error})


def test_of_an_exception_only_class_and_place_are_written() -> None:
    (line,) = written(lambda: raised(ValueError(CANARY), KeyError(CANARY)))
    newest, cause = line["exception"]
    assert newest.startswith("ValueError at test_logging.py:")
    assert newest.endswith(" in raised")
    assert cause == "KeyError"
    assert CANARY not in json.dumps(line)


def test_of_ours_the_text_is_written_too_without_addresses() -> None:
    (line,) = written(lambda: raised(StoreFull(f"no room for {CANARY}\nsecond line")))
    assert line["exception"][0].startswith("bot.store.StoreFull at ")
    assert line["exception"][0].endswith(": no room for (address)")


def test_the_place_is_the_nearest_in_our_packages() -> None:
    def write() -> None:
        try:
            endpoint("nowhere")
        except ValueError:
            log.exception("failed")

    (line,) = written(write)
    assert line["exception"][0].startswith("ValueError at config/kinds.py:")


def test_texts_lose_addresses_passwords_and_further_lines() -> None:
    (line,) = written(
        lambda: log.warning(
            "no", extra={"error": f"550 <{CANARY}> said smtp://u:geheim@relay no\nDear Ann, here is my password"}
        )
    )
    assert line["error"] == "550 <(address)> said (address) no"


def test_a_terminal_gets_short_lines_that_can_t_command_it() -> None:
    stream = Terminal()
    start("info", stream)
    log.warning("set aside", extra={"arrival": ID, "error": "bad \x1b[2J thing\x07"})
    raised(StoreFull("full"))
    first, second = stream.getvalue().splitlines()
    assert first.split(" ", 1)[1] == f"warning test: set aside arrival={ID} error=bad ?[2J thing?"
    assert "exception=bot.store.StoreFull at" in second
    assert "\x1b" not in stream.getvalue()


def test_by_default_it_is_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    start()
    log.info("kept")
    captured = capsys.readouterr()
    assert json.loads(captured.err)["event"] == "kept"
    assert captured.out == ""


@given(st.sampled_from(FIELDS), st.one_of(st.text(), st.binary(), st.floats(), st.none(), st.lists(st.text())))
def test_whatever_a_field_holds_gives_one_line(name: str, value: object) -> None:
    record = log.makeRecord(log.name, logging.INFO, "", 0, "event", (), None, extra={name: value})
    for formatter in (Json(), Human()):
        assert "\n" not in formatter.format(record)
    assert Json().format(record).isascii()
    json.loads(Json().format(record), parse_constant=pytest.fail)


def test_every_field_that_the_code_writes_is_allowed() -> None:
    """A name that isn't would be dropped without a word, and one of logging's own would raise."""
    unknown = [
        f"{file}:{node.lineno} {key.value}"
        for package in OURS
        for file in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "extra" and isinstance(node.value, ast.Dict)
        for key in node.value.keys
        if isinstance(key, ast.Constant) and key.value not in FIELDS
    ]
    assert unknown == []
    assert not set(FIELDS) & set(vars(logging.makeLogRecord({})))
