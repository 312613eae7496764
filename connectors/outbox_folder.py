"""Mail out without a relay: one .eml file per Parcel."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from bot.connector import DeliveryFailed
from bot.failpoints import failpoint
from bot.model import Absent, Parcel, Receipt, Rendered
from connectors.mail.out import envelope, stored


class OutboxFolder:
    """Writes each mail whole or not at all; the file's name is the Parcel's id, so a second try changes nothing."""

    def __init__(self, folder: Path, render: Callable[[Parcel], Rendered]) -> None:
        self.folder = folder
        self.render = render

    async def deliver(self, parcel: Parcel) -> Receipt:
        envelope(parcel)
        failpoint("relay.send.before")
        try:
            await asyncio.to_thread(_write, self._file(parcel), stored(parcel))
        except OSError as error:
            raise DeliveryFailed(
                f"can't write to {self.folder}: {error.strerror}; make room there or set RELAY__URL", unreachable=True
            ) from error
        failpoint("relay.send.after")
        return self._receipt(parcel)

    async def settle(self, parcel: Parcel) -> Receipt | Absent | None:
        there = await asyncio.to_thread(self._file(parcel).is_file)
        return self._receipt(parcel) if there else Absent()

    def _receipt(self, parcel: Parcel) -> Receipt:
        return Receipt(parcel.reference or "", str(self._file(parcel)))

    def _file(self, parcel: Parcel) -> Path:
        return self.folder / f"{parcel.id}.eml"


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part")
    try:
        with unfinished.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(file)
        _sync_folder(file.parent)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """So that the name survives a power cut, not only the bytes."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
