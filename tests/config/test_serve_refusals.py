"""What stops `firstline serve` from starting is named, with what to do, and nothing is lost or left behind."""

import os
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest

from storage.lock import hold
from storage.migrate import upgrade
from tests.crash.desk import PROGRAM


def serve(folder: Path, *words: str, **settings: str) -> tuple[int, str]:
    """(exit code, what it said); only for desks that don't start."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTLINE")}
    environ |= {"FIRSTLINE__SMTP__LISTEN": "127.0.0.1:0", "FIRSTLINE__HTTP__LISTEN": "127.0.0.1:0"}
    environ |= {f"FIRSTLINE__{name}": value for name, value in settings.items()}
    done = subprocess.run(
        [PROGRAM, "serve", *words], env=environ, cwd=folder, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "var" / "firstline.db"
    file.parent.mkdir()
    upgrade(f"sqlite:///{file}")
    return file


def test_an_unknown_setting(tmp_path: Path) -> None:
    code, said = serve(tmp_path, SMTP__LISTN="127.0.0.1:0")
    assert code == 2
    assert "FIRSTLINE__SMTP__LISTN is no setting; did you mean FIRSTLINE__SMTP__LISTEN?" in said
    assert not (tmp_path / "var").exists()


def test_an_unknown_lane(tmp_path: Path) -> None:
    code, said = serve(tmp_path, "--only", "reed")
    assert code == 2
    assert "--only reed" in said


@pytest.mark.parametrize("name", ["SMTP__LISTEN", "HTTP__LISTEN"])
def test_a_port_in_use(tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, said = serve(tmp_path, **{name: f"127.0.0.1:{taken.getsockname()[1]}"})
    assert code == 3
    assert name in said
    assert "in use" in said
    assert "free the port or choose another" in said


@pytest.mark.parametrize("certificate", ["nowhere.pem", "no-certificate.pem"])
def test_a_bad_certificate(tmp_path: Path, certificate: str) -> None:
    (tmp_path / "no-certificate.pem").write_text("not PEM at all")
    code, said = serve(tmp_path, SMTP__CERTIFICATE=certificate)
    assert code == 3
    assert "SMTP__CERTIFICATE" in said
    assert certificate in said


def test_a_second_desk_on_the_file(tmp_path: Path, database: Path) -> None:
    with hold(database):
        code, said = serve(tmp_path)
    assert code == 3
    assert f"process {os.getpid()}" in said


def test_a_schema_from_the_future(tmp_path: Path, database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    code, said = serve(tmp_path)
    assert code == 3
    assert "9999" in said
    assert "newer version" in said


def test_keys_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("not a key\n")
    code, said = serve(tmp_path, DESK__KEYS="keys")
    assert code == 3
    assert "keys" in said


def test_a_knowledge_folder_that_is_not_there(tmp_path: Path) -> None:
    code, said = serve(tmp_path, KNOWLEDGE__FOLDER="nowhere")
    assert code == 2
    assert "nowhere" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="wants root, to mount a small disk")
def test_a_full_and_a_read_only_disk(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("wants a system that lets root mount")
    try:
        code, said = serve(tmp_path)
        assert code == 3
        assert "firstline.db" in said
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        code, said = serve(tmp_path)
        assert code == 3
        assert "Read-only" in said
    finally:
        subprocess.run(["umount", folder], check=True)
