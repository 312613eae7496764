"""What goes wrong when a test wants it to. Every knob is off at first."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.slack.nouns import Json

ALWAYS = 10**9


class Download(Enum):
    """How a file comes instead of as itself."""

    LOGIN_PAGE = "login page"  # 200 and HTML, as for a wrong token
    REDIRECT = "redirect"  # to another host
    HUGE = "huge"  # goes on and on, whatever size was named
    SLOW = "slow"  # a byte now and then


@dataclass(frozen=True)
class Limited:
    """429 with Retry-After in whole seconds: certainly not done (docs.slack.dev/apis/web-api/rate-limits)."""

    retry_after: int


@dataclass(frozen=True)
class Status:
    """A server's failure, without JSON."""

    code: int


@dataclass(frozen=True)
class Refusal:
    answer: Json


@dataclass(frozen=True)
class Cut:
    """The connection breaks without an answer. `done`: after the method did its work."""

    done: bool


@dataclass(frozen=True)
class Hang:
    """No answer, until the caller has gone. `done`: the method did its work."""

    done: bool


Effect = Limited | Status | Refusal | Cut | Hang


@dataclass
class Rule:
    effect: Effect
    method: str
    channel: str
    times: int

    def fits(self, method: str, channel: str) -> bool:
        return self.times > 0 and self.method in (method, "*") and self.channel in (channel, "*")


@dataclass
class Faults:
    rules: list[Rule] = field(default_factory=list)

    # Of events. `twice`: every event is delivered once more under its event_id. `new_ids`: and once more under another
    # event_id. `double_gesture`: what a person says is stored twice, with one client_msg_id and two ts. `unheard`:
    # so many acknowledgements get lost on their way. `holding`: events wait for `FakeSlack.release`.
    twice: bool = False
    new_ids: bool = False
    double_gesture: bool = False
    unheard: int = 0
    holding: bool = False

    # Of signed requests. `skew` in seconds is added to their time; a wrong secret signs them.
    wrong_signature: bool = False
    skew: float = 0.0

    # Of interactions: what they give has expired before the app has it.
    stale_triggers: bool = False
    dead_response_urls: bool = False

    # Of the Web API. `pace`: seconds between two posts in a channel, else 429 (one a second, says Slack; None: no
    # limit). `strict_history`: 15 objects at most (docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-
    # marketplace-apps); the one call a minute is `limit`'s to give.
    pace: float | None = None
    strict_history: bool = False
    download: Download | None = None

    def limit(self, method: str, *, retry_after: int = 1, channel: str = "*", times: int = 1) -> None:
        self._add(Limited(retry_after), method, channel, times)

    def status(self, method: str, code: int, *, channel: str = "*", times: int = 1) -> None:
        self._add(Status(code), method, channel, times)

    def refuse(self, method: str, error: str, *, channel: str = "*", times: int = 1, **more: Any) -> None:
        self._add(Refusal({"ok": False, "error": error, **more}), method, channel, times)

    def cut(self, method: str, *, done: bool, channel: str = "*", times: int = 1) -> None:
        self._add(Cut(done), method, channel, times)

    def hang(self, method: str, *, done: bool, channel: str = "*", times: int = 1) -> None:
        self._add(Hang(done), method, channel, times)

    def clear(self) -> None:
        """Back to a Slack that works."""
        self.__init__()  # type: ignore[misc]

    def take(self, method: str, channel: str) -> Effect | None:
        """What this call has coming; the first rule that fits is used up by one."""
        for rule in self.rules:
            if rule.fits(method, channel):
                rule.times -= 1
                return rule.effect
        return None

    def loses_ack(self) -> bool:
        lost = self.unheard > 0
        self.unheard -= lost
        return lost

    def _add(self, effect: Effect, method: str, channel: str, times: int) -> None:
        self.rules.append(Rule(effect, method, channel, times))
