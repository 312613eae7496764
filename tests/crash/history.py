"""What happened as seen from outside the desk, by its clients and its relay: in memory, and line by line on disk."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Mail:
    """One mail of a customer. `follows` is the key of the mail that it continues, `answers` a Message-ID of ours."""

    key: str
    kind: str
    sender: str
    recipient: str
    message_id: str
    data: bytes = field(repr=False)
    follows: str = ""
    answers: str = ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Acknowledged:
    """A 250, with the id of the Arrival that it named."""

    key: str
    arrival: str


@dataclass(frozen=True)
class Taken:
    """One copy of a mail that the relay has got to the final dot, whatever it said then."""

    message_id: str
    in_reply_to: str
    reply_to: str
    to: str
    subject: str
    at: float


@dataclass(frozen=True)
class Fault:
    """`doubtful`: Message-IDs that may have been on their way just then, so that each may come once more."""

    kind: str
    doubtful: frozenset[str]


class History:
    def __init__(self, file: Path) -> None:
        self.mails: dict[str, Mail] = {}
        self.acknowledged: list[Acknowledged] = []
        self.taken: list[Taken] = []
        self.faults: list[Fault] = []
        self.tries: Counter[str] = Counter()
        self._file = file.open("a", encoding="utf-8")

    def close(self) -> None:
        self._file.close()

    # -------------------------------------------------------------- clients

    def begins(self, mail: Mail) -> None:
        """Written before anything is sent."""
        if mail.key not in self.mails:
            self.mails[mail.key] = mail
            self._write("mail", key=mail.key, kind=mail.kind, message_id=mail.message_id, sha256=mail.sha256)
        self.tries[mail.key] += 1
        self._write("try", key=mail.key, number=self.tries[mail.key])

    def answered(self, mail: Mail, code: int, text: str) -> None:
        self._write("answer", key=mail.key, code=code, text=text)
        if code == 250:
            self.acknowledged.append(Acknowledged(mail.key, text.split()[-1]))

    def cut(self, mail: Mail, error: BaseException) -> None:
        self._write("cut", key=mail.key, error=type(error).__name__)

    # -------------------------------------------------------------- the relay, and what was done to the desk

    def took(self, taken: Taken) -> None:
        self.taken.append(taken)
        self._write("taken", message_id=taken.message_id, in_reply_to=taken.in_reply_to, to=taken.to)

    def turned_away(self, how: str, message_id: str) -> None:
        self._write("turned away", how=how, message_id=message_id)

    def fault(self, kind: str, doubtful: Iterable[str] = ()) -> None:
        fault = Fault(kind, frozenset(doubtful))
        self.faults.append(fault)
        self._write("fault", kind=kind, doubtful=sorted(fault.doubtful))

    def note(self, what: str, **facts: Any) -> None:
        self._write(what, **facts)

    def taken_since(self, at: float) -> set[str]:
        return {one.message_id for one in self.taken if one.at >= at}

    def _write(self, what: str, **facts: Any) -> None:
        self._file.write(json.dumps({"at": round(time.time(), 4), "what": what, **facts}) + "\n")
        self._file.flush()
