"""How far a folder has been kept.

A UID rises with each mail, as long as UIDVALIDITY stays the same (RFC 3501, section 2.3.1.1). So everything above the
highest UID that was kept is new, whoever has read it meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

# Of mails that are kept and have not been marked or moved yet; more than that are left as they are.
OWED = 5000


@dataclass(frozen=True)
class Mark:
    """`uid`: the highest that is kept. `began`: mail that was there before then is none of ours. `before`: an id under
    this one was there when we looked at this folder first, so its date decides. `rewound`: how often the server has
    given out ids again, which makes new mails of them. `owed`: kept, but not yet marked or moved. `kept`: how many."""

    validity: int
    uid: int
    began: datetime
    before: int
    rewound: int = 0
    owed: tuple[int, ...] = ()
    kept: int = 0

    @staticmethod
    def first(validity: int, next_uid: int, now: datetime, since: datetime | None) -> "Mark":
        """New mail only, unless we are told from when. Servers date mails to the second."""
        began = since or now.replace(microsecond=0)
        return Mark(validity, 0 if since else next_uid - 1, began, before=next_uid)

    def suits(self, validity: int, next_uid: int) -> bool:
        """False also when the server has gone back, as one does that was restored from a backup."""
        return self.validity == validity and next_uid > self.uid

    def again(self, validity: int, next_uid: int) -> "Mark":
        """The folder is another: all of it is looked at again, and what was kept before is known by its content."""
        rewound = self.rewound + (validity == self.validity)
        return replace(self, validity=validity, uid=0, before=next_uid, rewound=rewound, owed=())

    def wants(self, uid: int, date: datetime | None) -> bool:
        return uid >= self.before or date is None or date >= self.began

    def advanced(self, uid: int, kept: Sequence[int], *, owing: bool) -> "Mark":
        owed = (*self.owed, *(kept if owing else ()))[-OWED:]
        return replace(self, uid=uid, owed=owed, kept=self.kept + len(kept))

    def tidied(self) -> "Mark":
        return replace(self, owed=())

    def key(self, uid: int) -> str:
        """Of a mail among all that this folder ever had."""
        generation = f"{self.validity}.{self.rewound}" if self.rewound else f"{self.validity}"
        return f"{generation};{uid}"

    # -------------------------------------------------------------- as it is stored

    def as_object(self) -> dict[str, Any]:
        return {
            "uid_validity": self.validity,
            "uid": self.uid,
            "began": self.began.isoformat(),
            "before": self.before,
            "rewound": self.rewound,
            "owed": list(self.owed),
            "kept": self.kept,
        }

    @staticmethod
    def of(stored: Mapping[str, Any]) -> "Mark":
        return Mark(
            validity=stored["uid_validity"],
            uid=stored["uid"],
            began=datetime.fromisoformat(stored["began"]).astimezone(UTC),
            before=stored["before"],
            rewound=stored["rewound"],
            owed=tuple(stored["owed"]),
            kept=stored["kept"],
        )
