"""Waiting for a condition, never for a length of time. Both return what the condition gave, as soon as it is true."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

STEP = 0.01


async def until(condition: Callable[[], T | Awaitable[T]], deadline: float = 10.0, what: str = "") -> T:
    """Ask (a plain or an async function) again and again; AssertionError when it is not true in time."""
    end = time.monotonic() + deadline
    while True:
        asked = condition()
        value: T = await asked if inspect.isawaitable(asked) else asked  # type: ignore[assignment]
        if value:
            return value
        assert time.monotonic() < end, _late(condition, deadline, what, value)
        await asyncio.sleep(STEP)


def until_sync(condition: Callable[[], T], deadline: float = 10.0, what: str = "") -> T:
    """The same for tests without a loop, such as those that start a whole desk."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, _late(condition, deadline, what, value)
        time.sleep(STEP)


def _late(condition: object, deadline: float, what: str, value: object) -> str:
    return f"not within {deadline:g} s: {what or getattr(condition, '__qualname__', condition)} (last: {value!r})"
