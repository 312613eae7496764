"""Every call that came in, with its time: what tests count."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tests.slack.nouns import Json


@dataclass
class Call:
    """`answer` is empty when the caller got none, or one that isn't JSON."""

    method: str
    args: Json
    at: datetime
    http_method: str
    status: int = 0
    answer: Json = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return bool(self.answer.get("ok"))

    @property
    def error(self) -> str:
        return str(self.answer.get("error", ""))


class Calls:
    def __init__(self) -> None:
        self.all: list[Call] = []

    def __iter__(self) -> Iterator[Call]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def of(self, method: str, **args: str) -> list[Call]:
        """Those of a method, with these arguments."""
        return [
            call
            for call in self.all
            if call.method == method and all(str(call.args.get(name)) == value for name, value in args.items())
        ]
