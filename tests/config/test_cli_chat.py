"""firstline chat: a whole desk in the terminal, as a new user tries it."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.waiting import until_sync

FIRSTLINE = Path(sys.executable).with_name("firstline")

ARTICLE = """---
title: Reset a password
tags: [password, login]
---

To reset a forgotten password open **Sign in > Forgot password**, enter your address and follow the link in the mail.
The link to reset your password is valid for one hour.
"""


@pytest.fixture
def surroundings(tmp_path: Path) -> Mapping[str, str]:
    folder = tmp_path / "knowledge"
    folder.mkdir()
    (folder / "password.md").write_text(ARTICLE)
    (tmp_path / "tmp").mkdir()
    return os.environ | {"FIRSTLINE__KNOWLEDGE__FOLDER": str(folder), "TMPDIR": str(tmp_path / "tmp"), "LOGNAME": "ann"}


def test_what_is_piped_in_is_answered_before_the_end(surroundings: Mapping[str, str], tmp_path: Path) -> None:
    said = "\nHow do I reset my password?"
    ended = subprocess.run(
        [FIRSTLINE, "chat"], input=said, env=surroundings, cwd=tmp_path, capture_output=True, text=True, timeout=30
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    assert "Forgot password" in ended.stdout
    assert list((tmp_path / "tmp").iterdir()) == [], "the database is thrown away"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["knowledge", "tmp"]


def test_a_question_is_answered_while_more_is_waited_for(surroundings: Mapping[str, str], tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    chat = subprocess.Popen(
        [FIRSTLINE, "chat"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=surroundings,
        cwd=tmp_path,
    )
    try:
        assert chat.stdout
        assert chat.stderr
        assert b"Ctrl-D" in chat.stderr.readline()
        os.write(ours, b"How do I reset my password?\n")
        os.set_blocking(chat.stdout.fileno(), False)
        seen: list[bytes] = []

        def answered() -> bool:
            seen.append(chat.stdout.read() or b"")
            return b"Forgot password" in b"".join(seen)

        until_sync(answered, 30, "the answer")
        chat.send_signal(signal.SIGINT)
        assert chat.wait(10) == 0
    finally:
        chat.kill()
        chat.wait()
        os.close(ours)
        os.close(theirs)
        for stream in (chat.stdout, chat.stderr):
            stream and stream.close()
