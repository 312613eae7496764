"""The key ring's file and `firstline keys`."""

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from bot.ids import new_id
from bot.keyring import KeysUnusable
from config import keys
from config.errors import NotDone
from tests.config.commands import Commands, audited
from tests.crash.desk import PROGRAM

BYTES = re.compile(r"[0-9a-f]{64}")


@pytest.fixture
def ring(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    keys.load_or_make(path)
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# ------------------------------------------------------------------ the file


def test_a_new_key_signs_and_the_old_one_still_verifies(ring: Path) -> None:
    thread = new_id()
    before = keys.load(ring).sign(thread, "address")
    assert keys.rotate(ring) == "b"
    after = keys.load(ring)
    assert after.newest == "b"
    assert after.verify(before, "address") == thread
    assert after.sign(thread, "address") != before
    assert mode(ring) == 0o600
    assert [path.name for path in ring.parent.iterdir()] == ["keys"]


def test_the_ids_of_dropped_keys_are_given_again_only_after_all_others(ring: Path) -> None:
    keys.rotate(ring)
    keys.drop(ring, "a")
    assert [keys.rotate(ring) for _ in keys.IDS[2:]] == list(keys.IDS[2:])
    assert keys.rotate(ring) == "a"


def test_a_link_is_followed(ring: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(ring)
    keys.rotate(link)
    assert link.is_symlink()
    assert keys.load(ring).newest == "b"


def test_when_all_ids_are_taken_the_way_out_is_named(ring: Path) -> None:
    for _ in keys.IDS[1:]:
        keys.rotate(ring)
    with pytest.raises(NotDone, match="firstline keys drop a"):
        keys.rotate(ring)
    assert len(keys.load(ring).keys) == len(keys.IDS)


def test_the_key_that_signs_is_not_dropped(ring: Path) -> None:
    with pytest.raises(NotDone, match="key a signs"):
        keys.drop(ring, "a")
    with pytest.raises(NotDone, match="no key 'q'"):
        keys.drop(ring, "q")


@pytest.mark.parametrize("content", [None, b"", b"a short\n", b"\xff"])
def test_what_is_no_file_of_keys_is_left_as_it_is(ring: Path, content: bytes | None) -> None:
    ring.unlink()
    if content is not None:
        ring.write_bytes(content)
    with pytest.raises(KeysUnusable, match="keys"):
        keys.rotate(ring)
    assert (ring.read_bytes() if ring.exists() else None) == content


def test_rotations_at_once_lose_no_key(ring: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTLINE")}
    environ["FIRSTLINE__DESK__KEYS"] = str(ring)
    running = [
        subprocess.Popen([PROGRAM, "keys", "rotate"], env=environ, cwd=ring.parent, stdout=subprocess.DEVNULL)
        for _ in range(3)
    ]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert list(keys.load(ring).keys) == ["a", "b", "c", "d"]


@pytest.mark.skipif(os.geteuid() != 0, reason="wants root, to give files away")
def test_the_owner_stays(ring: Path) -> None:
    os.chown(ring, 65534, 65534)
    keys.rotate(ring)
    assert (ring.stat().st_uid, ring.stat().st_gid, mode(ring)) == (65534, 65534, 0o600)


# ------------------------------------------------------------------ the commands


def test_without_keys_there_is_nothing_to_list(firstline: Commands) -> None:
    done = firstline("keys", "list")
    assert done.code == 3
    assert "var/keys: No such file" in done.err


def test_the_bytes_are_never_shown(firstline: Commands) -> None:
    keys.load_or_make(Path("var/keys"))
    rotated = firstline("keys", "rotate")
    listed = firstline("keys", "list", "--json")
    assert listed.json == [{"id": "a", "signs": False}, {"id": "b", "signs": True}]
    assert "key b" in rotated.out
    assert "SIGHUP" in rotated.err
    for done in (rotated, listed, firstline("keys", "list")):
        assert not BYTES.search(done.out + done.err)


def test_a_change_is_in_the_audit_trail(firstline: Commands) -> None:
    keys.load_or_make(Path("var/keys"))
    firstline("keys", "rotate")
    assert firstline("keys", "drop", "a", "--yes").code == 0
    assert [verb for _, verb in audited(firstline, "b")] == ["rotate"]
    assert [(actor.name, verb) for actor, verb in audited(firstline, "a")] == [("op", "drop")]


def test_keys_can_be_changed_while_the_database_is_away(firstline: Commands) -> None:
    keys.load_or_make(Path("var/keys"))
    firstline.monkeypatch.setenv("FIRSTLINE__DATABASE__URL", "postgresql://u:hunter2@127.0.0.1:1/none")
    done = firstline("keys", "rotate")
    assert done.code == 0
    assert "not in the audit trail" in done.err
    assert "hunter2" not in done.err
    assert keys.load(Path("var/keys")).newest == "b"


def test_a_key_is_not_dropped_without_a_word(firstline: Commands) -> None:
    keys.load_or_make(Path("var/keys"))
    firstline("keys", "rotate")
    done = firstline("keys", "drop", "a", said=b"n\n")
    assert done.code == 1
    assert "new conversations" in done.err
    assert list(keys.load(Path("var/keys")).keys) == ["a", "b"]
