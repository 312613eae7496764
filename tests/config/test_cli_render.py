"""What is printed commands no terminal, whoever wrote it."""

import io
import json
import sys
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.cli import render

HOSTILE = st.text(st.characters() | st.sampled_from("\x1b\x07\r\n\t\x9b\u202e\u2066\u2028\ud800\U000e0041[]"))
HARMLESS = {"\u200c", "\u200d"}


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def harmful(text: str) -> bool:
    return any(unicodedata.category(c)[0] == "C" and c not in HARMLESS for c in text)


@given(HOSTILE)
def test_a_cell_is_one_harmless_line(text: str) -> None:
    shown = render.cell(text)
    assert not harmful(shown)
    assert shown == " ".join(shown.split())


@given(HOSTILE)
def test_all_lines_of_strangers_are_set_in(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", out := io.StringIO())
        render.words(text)
    lines = out.getvalue().removesuffix("\n").split("\n")
    assert all(not line or line.startswith("  ") for line in lines)
    assert not any(harmful(line) for line in lines)


@given(st.dictionaries(HOSTILE, HOSTILE))
def test_an_object_is_one_line_of_ascii_and_whole(value: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", out := io.StringIO())
        render.line(value)
    assert out.getvalue().count("\n") == 1
    assert out.getvalue().isascii()
    assert json.loads(out.getvalue()) == value


def test_an_instant_is_in_utc() -> None:
    moment = datetime(2026, 3, 2, 14, 0, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    assert render.instant(moment) == "2026-03-02T12:00:00.000005Z"
    assert datetime.fromisoformat(render.instant(moment) or "") == moment.astimezone(UTC)


def test_readable_writing_stays_as_it_is() -> None:
    for text in ("Grüße, 你好!", "नमस्ते", "👩‍👩‍👧", "[bold]not bold[/bold]"):
        assert render.cell(text) == text


def test_a_table_on_a_terminal_takes_no_markup_and_folds_no_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", screen := Screen())
    subject = UUID(int=7)
    render.table(("subject", "error"), [(subject, "[red]a long error[/red] \x1b[31m" + " of many words" * 9)])
    assert str(subject) in screen.getvalue()
    assert "[red]a long error[/red] ?[31m" in " ".join(screen.getvalue().split())
