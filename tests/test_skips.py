"""What a run says about the tests it did not run."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
WANTING = "import pytest\ndef test_wanting():\n    pytest.skip('wants PostgreSQL: there is none')\n"
OTHER = "import pytest\n@pytest.mark.skip(reason='not today')\ndef test_other(): pass\n"
SLOW = "import pytest\n@pytest.mark.slow\ndef test_slow(): assert 0\n"
FINE = "def test_fine(): pass\n"


def test_the_last_line_tells_how_many_and_which_server_they_want(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(FINE + OTHER + WANTING + SLOW)
    assert run(tmp_path, {}) == ("skipped: 2 (wants: PostgreSQL)", 0)
    assert run(tmp_path, {"FIRSTLINE_NO_SKIPS": "1"}) == ("skipped: 2 (wants: PostgreSQL)", 1)


def test_other_skips_fail_no_run(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(FINE + OTHER)
    assert run(tmp_path, {"FIRSTLINE_NO_SKIPS": "1"}) == ("skipped: 1", 0)


def test_slow_tests_run_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SLOW)
    assert run(tmp_path, {}, "--slow") == ("skipped: 0", 1)


def run(folder: Path, environ: dict[str, str], *options: str) -> tuple[str, int]:
    # `make test-all` runs this test too, with the variable set.
    outer = {name: value for name, value in os.environ.items() if name != "FIRSTLINE_NO_SKIPS"}
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", *options]
    ended = subprocess.run(
        [*command, "-c", ROOT / "pyproject.toml", "--rootdir", folder, folder],
        cwd=ROOT,
        env=outer | environ,
        capture_output=True,
        text=True,
    )
    assert "error" not in ended.stderr.lower(), ended.stderr
    return ended.stdout.splitlines()[-1], ended.returncode
