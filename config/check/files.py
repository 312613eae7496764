"""Who may read what is meant for the desk alone, and how much room there is."""

import asyncio
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.check.finding import Finding, Problem, Scene, found
from config.database_file import DatabaseFile
from config.settings import known
from config.sources import Key, named_in, tables, tables_named

GROUP_AND_OTHERS = 0o077
OTHERS = 0o007

# systemd lets the desk in by an access list, which stat(2) shows as rights of the group.
CREDENTIALS = Path("/run/credentials")


async def permissions(scene: Scene) -> Finding:
    private = await asyncio.to_thread(lambda: dict(_private(scene)))
    return found(*(_too_open(path, mask) for path, mask in private.items()))


async def disk(scene: Scene) -> Finding:
    wanted = scene.settings.health.disk
    folders = dict.fromkeys(nearest(folder) for folder in _folders(scene))
    rooms = [(folder, await asyncio.to_thread(os.statvfs, folder)) for folder in folders]
    return found(*(problem for folder, room in rooms for problem in short(folder, room, wanted)))


def short(folder: Path, room: os.statvfs_result, wanted: float) -> Iterator[Problem]:
    """`wanted`: per cent of space and of inodes. Some file systems count no inodes."""
    do = f"make room there, or set HEALTH__DISK (now {wanted:g}) if it is enough"
    for what, free, of in (("space", room.f_bavail, room.f_blocks), ("inodes", room.f_favail, room.f_files)):
        if of and 100 * free < wanted * of:
            yield Problem(f"{folder}: {100 * free / of:.1f} % of the disk's {what} is free", do)


# ------------------------------------------------------------------ what is private


def _private(scene: Scene) -> Iterator[tuple[Path, int]]:
    """Each with the rights that nobody may have."""
    holds, named = secrets(scene.file, scene.environ)
    if holds:
        yield scene.file, GROUP_AND_OTHERS
    for path in (*named, scene.settings.desk.keys):
        yield path, GROUP_AND_OTHERS
    if scene.settings.smtp.certificate:
        # Debian lets the group ssl-cert read keys of TLS.
        yield scene.settings.smtp.key or scene.settings.smtp.certificate, OTHERS
    if base := sqlite(scene.settings.database.url):
        for one in (base, *(base.with_name(f"{base.name}-{part}") for part in ("wal", "shm"))):
            yield one, GROUP_AND_OTHERS
    for folder in _folders(scene):
        yield folder, GROUP_AND_OTHERS


def secrets(file: Path, environ: Mapping[str, str]) -> tuple[bool, list[Path]]:
    """Whether the file itself holds a secret, and the files that settings read secrets from."""
    written = tables(file) if file.exists() else {}
    holds, named = False, []
    for key in _secrets(written, environ):
        table: Mapping[str, Any] = written.get(key.section, {})
        table = table.get(key.table, {}) if key.table else table
        holds = holds or _is_secret(str(table.get(key.name, "")))
        named += [table.get(f"{key.name}_file"), environ.get(f"{key.variable}_FILE")]
    return holds, [Path(one) for one in named if one]


def _secrets(written: Mapping[str, Any], environ: Mapping[str, str]) -> Iterator[Key]:
    keys = [key for key in known() if key.secret]
    yield from (key for key in keys if not key.table)
    several = [key for key in keys if key.table]
    for table in {*written.get("mailboxes", {}), *tables_named(several, environ)}:
        yield from named_in(several, table)


def _is_secret(value: str) -> bool:
    """Of an address only its password is."""
    return urlsplit(value).password is not None if "://" in value else bool(value)


def _too_open(path: Path, mask: int) -> Problem | None:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None  # what isn't there, or can't be read, is the matter of other checks
    if not mode & mask or path.resolve().is_relative_to(CREDENTIALS):
        return None
    return Problem(f"{path} is open to others (mode {mode:04o})", f"chmod {mode & ~mask:o} {path}")


# ------------------------------------------------------------------ where things are


def sqlite(url: str) -> Path | None:
    """The database's file, or None when it is a server."""
    file = DatabaseFile.of(url)
    return file.path if file else None


def _folders(scene: Scene) -> Iterator[Path]:
    """Those that fill up with requests and replies."""
    if path := sqlite(scene.settings.database.url):
        yield path.parent
    if not scene.settings.relay.url:
        yield scene.settings.relay.outbox


def nearest(folder: Path) -> Path:
    """Itself, or the folder that is there and that it will be made in."""
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    return folder
