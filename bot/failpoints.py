"""Named points at which a test may stop, break or kill the desk: around every commit and every outside call.

Armed once at start from `FIRSTLINE_FAILPOINT=name:action@N` (N counts passages from 1); otherwise passing one costs
a comparison. `FIRSTLINE_FAILPOINT=list:count@1` kills nothing; the names passed are then found in `passed`.
"""

import os
import re
import signal
import threading
import time
from collections import Counter


class FailpointReached(Exception):
    """A failpoint armed with `fail` was reached."""


_lock = threading.Lock()
_armed: tuple[str, str, int] | None = None
passed: Counter[str] = Counter()


def arm(spec: str | None) -> None:
    """Arm one failpoint, or none. Raises ValueError when the text isn't `name:action@N`."""
    global _armed
    passed.clear()
    if spec is None:
        _armed = None
        return
    match = re.fullmatch(r"([a-z0-9_.]+):(kill|fail|hang|count)@([1-9][0-9]*)", spec)
    if not match:
        raise ValueError(f"a failpoint is name:action@N with action kill, fail or hang, not {spec!r}")
    _armed = (match[1], match[2], int(match[3]))


def failpoint(name: str) -> None:
    if _armed is None:
        return
    wanted, action, number = _armed
    with _lock:
        passed[name] += 1
        count = passed[name]
    if name != wanted or count != number:
        return
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if action == "fail":
        raise FailpointReached(name)
    if action == "hang":
        time.sleep(3600)
