"""Mail out as files."""

import errno
import os
from pathlib import Path

import pytest

from bot.connector import DeliveryFailed
from bot.failpoints import FailpointReached, arm
from bot.model import Absent, Receipt
from connectors.outbox_folder import OutboxFolder
from tests.connectors.parcels import parcel, ready, render


def _names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


async def test_a_mail_becomes_a_file_with_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = OutboxFolder(Path("var/outbox"), render)
    one = ready()
    assert folder.render(one).data == one.rendered
    assert await folder.settle(one) == Absent()
    receipt = await folder.deliver(one)
    assert receipt == Receipt(one.reference or "", f"var/outbox/{one.id}.eml")
    assert (tmp_path / "var" / "outbox" / f"{one.id}.eml").read_bytes() == one.rendered
    assert await folder.settle(one) == receipt
    assert await folder.deliver(one) == receipt
    assert _names(tmp_path / "var" / "outbox") == [f"{one.id}.eml"]


async def test_a_bad_address_is_refused_here_too(tmp_path: Path) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        await OutboxFolder(tmp_path, render).deliver(ready(parcel({"to": {"address": "nobody"}})))
    assert caught.value.permanent
    assert _names(tmp_path) == []


async def test_a_full_disk_pauses_the_channel_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    folder = OutboxFolder(tmp_path, render)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(DeliveryFailed, match="No space left on device") as caught:
            await folder.deliver(ready())
    assert caught.value.unreachable
    assert not caught.value.permanent
    assert _names(tmp_path) == []
    assert await folder.settle(ready()) == Absent()
    assert (await folder.deliver(ready())).file


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(DeliveryFailed, match="taken") as caught:
        await OutboxFolder(tmp_path / "taken", render).deliver(ready())
    assert caught.value.unreachable


@pytest.mark.parametrize(("point", "written"), [("relay.send.before", False), ("relay.send.after", True)])
async def test_a_fault_on_either_side(tmp_path: Path, point: str, written: bool) -> None:
    folder = OutboxFolder(tmp_path, render)
    arm(f"{point}:fail@1")
    try:
        with pytest.raises(FailpointReached):
            await folder.deliver(ready())
    finally:
        arm(None)
    assert isinstance(await folder.settle(ready()), Receipt) is written
