"""How a desk is, for `firstline status`: what its process says, what its database says, and what the disk says."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.figures import Activity
from bot.model import DeliveryState
from bot.store import Look, Store, StoreError
from config.asking import Answer, ask
from config.database_file import DatabaseFile, Room
from config.settings import Settings
from config.standing import Standing, standing


@dataclass(frozen=True, slots=True)
class Counted:
    """What the database said."""

    standing: Standing
    hour: Activity
    day: Activity


@dataclass(frozen=True, slots=True)
class Status:
    """`counted` is None when the database didn't answer, and `problem` says why. `holder` serves the SQLite file."""

    at: datetime
    settings: Settings
    answer: Answer
    counted: Counted | None
    problem: str = ""
    holder: str | None = None
    wal: int | None = None
    room: Room | None = None

    @property
    def level(self) -> str:
        """As the running desk says: a trial has another than the settings."""
        return self.answer.info.get("level", self.settings.triage.level)

    @property
    def triager(self) -> str:
        return self.answer.info.get("triager", self.settings.triage.triager)

    @property
    def watch(self) -> bool:
        return self.answer.info["watch"] == "yes" if "watch" in self.answer.info else self.settings.desk.watch


async def look_at(settings: Settings, store: Store) -> Status:
    """Takes some seconds at most; what doesn't answer in time is told as such."""
    answer = await ask(settings.http.listen)
    counted, problem = await _count(store)
    file = DatabaseFile.of(settings.database.url)
    return Status(
        at=counted.standing.at if counted else datetime.now(UTC),
        settings=settings,
        answer=answer,
        counted=counted,
        problem=problem,
        holder=file.holder() if file else None,
        wal=file.wal() if file else None,
        room=_room(file),
    )


async def _count(store: Store) -> tuple[Counted | None, str]:
    try:
        return await store.read(_counted), ""
    except StoreError as error:
        return None, str(error)


def _counted(look: Look) -> Counted:
    hour, day = (look.figures.since(look.now - timedelta(hours=hours)) for hours in (1, 24))
    return Counted(standing(look), hour, day)


def _room(file: DatabaseFile | None) -> Room | None:
    try:
        return file.room() if file else None
    except OSError:
        return None


# ------------------------------------------------------------------ as one object


def as_object(status: Status) -> dict[str, Any]:
    """Plain values for JSON. What the database would have said is left out when it doesn't answer."""
    return {
        "at": status.at,
        "desk": {
            "ready": status.answer.ready,
            "reason": status.answer.reason,
            "http": str(status.settings.http.listen),
            "served_by": status.holder,
            "version": status.answer.info.get("version"),
            "triager": status.triager,
            "level": status.level,
            "watch": status.watch,
        },
        "database": {
            "ok": status.counted is not None,
            "problem": status.problem,
            "bytes": status.counted.standing.size if status.counted else None,
            "wal_bytes": status.wal,
            "disk_free_bytes": status.room.free if status.room else None,
            "disk_bytes": status.room.whole if status.room else None,
        },
        **(_of_database(status.counted, status.settings) if status.counted else {}),
    }


def _of_database(counted: Counted, settings: Settings) -> dict[str, Any]:
    now = counted.standing
    return {
        "triage": asdict(now.desk),
        "lanes": [asdict(lane) for lane in now.lanes],
        "last_hour": _activity(counted.hour),
        "last_day": _activity(counted.day),
        "deliveries_owed": _by_name(now.owed),
        "channels_paused": [asdict(pause) for pause in now.pauses],
        "tickets": _by_name(now.tickets),
        "escalations_untaken": asdict(now.untaken),
        "alerts": [asdict(trouble) for trouble in now.troubles],
        "budget": {
            "tokens": now.spent.tokens,
            "tokens_limit": settings.openai.tokens_a_day,
            "money": now.spent.cost,
            "money_limit": settings.openai.money_a_day,
        },
    }


def _activity(activity: Activity) -> dict[str, Any]:
    return {
        "kept": activity.kept,
        "set_aside": activity.set_aside,
        "answered": activity.actions("Answer"),
        "ticketed": activity.actions("FileTicket"),
        "escalated": activity.actions("Escalate"),
        "ignored": activity.actions("Ignore"),
        "deflection": activity.deflection,
        "delivered": activity.deliveries(DeliveryState.DELIVERED),
        "undeliverable": activity.deliveries(DeliveryState.UNDELIVERABLE),
        "tokens": activity.tokens,
        "cost": activity.cost,
        "decisions": [asdict(one) for one in activity.decided],
        "deliveries": [asdict(one) for one in activity.handed],
    }


def _by_name(counts: Mapping[Any, int]) -> dict[str, int]:
    return {str(name): number for name, number in counts.items()}
