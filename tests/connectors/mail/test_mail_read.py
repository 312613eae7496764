import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.mail.letters import letter

LINE = """
file kind message_id in_reply_to references from reply_to to cc subject text html reply elided attachments bounce
problems
"""
SHARED = Path(__file__).parents[4] / "shared" / "mail"
COMMAND = [sys.executable, "-c", "from config.cli.mail import app; app()", "read"]


def run(*files: str, stdin: bytes = b"") -> tuple[int, list[dict[str, Any]]]:
    done = subprocess.run([*COMMAND, *files], input=stdin, capture_output=True, timeout=30, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_every_file_gets_its_line_with_all_keys(tmp_path: Path) -> None:
    good, odd = tmp_path / "good.eml", tmp_path / "odd.eml"
    good.write_bytes(letter("Subject: Hi\n"))
    odd.write_bytes(bytes(range(256)))
    status, lines = run(str(good), str(odd), "-", stdin=letter("Subject: Piped\n"))
    assert status == 0
    assert [line["file"] for line in lines] == [str(good), str(odd), "-"]
    assert [line["subject"] for line in lines] == ["Hi", "", "Piped"]
    assert all(set(LINE.split()) <= set(line) for line in lines)
    assert lines[0]["from"] == {"name": "Ann", "address": "ann@example.org"}


def test_a_missing_file_gets_a_line_and_is_said(tmp_path: Path) -> None:
    good = tmp_path / "good.eml"
    good.write_bytes(letter("Subject: Hi\n"))
    status, lines = run(str(tmp_path / "none.eml"), str(good))
    assert status == 1
    assert lines[0]["problems"]
    assert lines[1]["subject"] == "Hi"


def test_no_file_is_wrong_use() -> None:
    assert run()[0] == 2


@pytest.mark.needs_shared
@pytest.mark.slow
def test_the_labelled_mails_are_read_as_well_as_before() -> None:
    score = [sys.executable, str(SHARED / "score.py"), "--json", "--command"]
    wrapper = f"{sys.executable} -c 'from config.cli.mail import app; app()' read"
    done = subprocess.run([*score, wrapper], capture_output=True, timeout=120, check=True)
    total = json.loads(done.stdout)["corpora"]["total"]
    exact = {name: field["exact"] for name, field in total["fields"].items()}
    assert total["read"] == total["shape"] == total["files"]
    assert (total["lost_text"], total["whole"]) == (0, total["whole_of"])
    least = {
        "kind": 356,
        "text": 48,
        "attachments": 26,
        "reply": 31,
        "bounce.count": 290,
        "bounce.original_message_id": 139,
    }
    assert [name for name in least if exact[name] < least[name]] == []
