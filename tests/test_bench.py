"""The harness of `make bench`: its arithmetic and what it writes. How fast anything is, is no test's business."""

import json
import math
from email import message_from_bytes
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import __main__ as bench
from bench.accept import kept, send
from bench.figure import Figure, percentile, rounded
from bench.machine import machine, versions
from bench.mails import SIZE, mail
from bench.picture import draw
from bench.place import SQLITE, Place
from bench.sending import ways
from tests.waiting import until_sync

SVG = "{http://www.w3.org/2000/svg}"
VALUES = st.lists(st.floats(0, 1e6), min_size=1, max_size=200)
FIGURES = [
    Figure("accept", "mails/s", "sqlite", [400.0, 380.0, 420.0]),
    Figure("accept", "mails/s", "postgresql", [300.0, 310.0, 290.0]),
    Figure("<ack> & p99", "ms", "sqlite", [0.0, 0.0, 0.0]),
]


def test_a_figure_is_its_runs_in_short() -> None:
    assert FIGURES[0].as_object() == {
        "name": "accept",
        "unit": "mails/s",
        "median": 400.0,
        "min": 380.0,
        "max": 420.0,
        "runs": 3,
        "database": "sqlite",
        "values": [400.0, 380.0, 420.0],
    }
    assert str(FIGURES[0]) == "accept (sqlite): 400 mails/s (380 to 420)"


@pytest.mark.parametrize(("value", "said"), [(0.0, 0.0), (1234.5, 1230.0), (0.012345, 0.0123), (99.96, 100.0)])
def test_three_digits_are_said(value: float, said: float) -> None:
    assert rounded(value) == said


@given(VALUES, st.sampled_from([0.01, 0.5, 0.99, 1.0]))
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(values: list[float], part: float) -> None:
    found = percentile(values, part)
    assert found in values
    assert sum(value <= found for value in values) >= math.floor(part * len(values))
    assert sum(value < found for value in values) <= math.ceil(part * len(values)) - 1


def test_mails_have_their_size_and_are_all_different() -> None:
    mails = [mail(run, number) for run in ("a", "b") for number in range(20)]
    assert all(len(data) == SIZE and data.endswith(b"\r\n") for _, data in mails)
    assert all(len(line) <= 998 and not line.startswith(b".") for _, data in mails for line in data.split(b"\r\n"))
    keys = {message_from_bytes(data)["Message-ID"] for _, data in mails}
    assert len(keys) == len({sender for sender, _ in mails}) == len({data for _, data in mails}) == 40
    assert mail("a", 7) == mail("a", 7)


def test_a_picture_is_well_formed_and_holds_every_figure() -> None:
    drawn = ET.fromstring(draw("Taking <mail>", "2 cores & more", FIGURES))
    words = [text.text for text in drawn.iter(f"{SVG}text")]
    assert {"Taking <mail>", "2 cores & more", "accept", "<ack> & p99", "mails/s", "ms", "sqlite"} <= set(words)
    least, middle, most = sorted(float(bar.attrib["width"]) for bar in drawn.iter(f"{SVG}rect") if "rx" in bar.attrib)
    assert least == 0.0
    assert middle / most == pytest.approx(300 / 400, rel=0.01)


def test_what_is_written_is_as_promised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results")
    with Place(tmp_path) as place:
        bench._write({"machine": machine(place), "versions": versions()}, {"accept": FIGURES})
    written = json.loads((tmp_path / "results" / "latest.json").read_text())
    assert set(written) == {"machine", "versions", "figures"}
    assert {"cpu", "cores", "sync_ms"} <= set(written["machine"])
    assert {"firstline", "python", "sqlite"} <= set(written["versions"])
    promised = {"name", "unit", "median", "min", "max", "runs", "database"}
    assert all(promised <= set(figure) for figure in written["figures"])
    assert (tmp_path / "results" / "accept.svg").read_text().startswith("<svg ")


def test_a_group_that_cannot_be_measured_does_not_end_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(place: Place) -> list[Figure]:
        raise OSError("no room")

    monkeypatch.setattr(bench, "RESULTS", tmp_path)
    monkeypatch.setattr(bench, "GROUPS", {"bad": ("Bad", broken), "good": ("Good", lambda place: iter(FIGURES))})
    monkeypatch.setattr("sys.argv", ["bench"])
    assert bench.main() == 1
    assert len(json.loads((tmp_path / "latest.json").read_text())["figures"]) == len(FIGURES)
    assert "bad could not be measured" in capsys.readouterr().err


def test_a_real_desk_takes_a_load_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with (
        Place(tmp_path) as place,
        place.desk(SQLITE, TRIAGE__TRIAGER="instant", TRIAGE__LEVEL="automatic") as desk,
    ):
        desk.start()
        sent = send(desk, 5, lines=2)
        assert kept(desk.url) == len(sent.acks) == 5
        ended = until_sync(lambda: len(found := ways(desk.url)) == 5 and found, 30, "all are delivered")
        assert isinstance(ended, list)
        assert all(begin < end for begin, end in ended)
        assert desk.memory() > 1
        assert desk.cpu() > 0
        desk.stop()
        assert desk.processes() == []
