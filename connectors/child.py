"""Reading in a child process that can be killed: what a stranger sent may hang, grow or crash its reader."""

import ctypes
import os
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import anyio
import anyio.to_process
from anyio import BrokenWorkerProcess, CapacityLimiter

from bot.failpoints import failpoint
from bot.reading import Unreadable

MIB = 1024 * 1024
M_MMAP_THRESHOLD = -3

A = TypeVar("A")
T = TypeVar("T")


class ReaderDied(Unreadable):
    """The reader raised, was killed for its time or memory, or crashed over this Arrival."""


class Child:
    """At most `children` processes, started when needed; one that was killed is replaced by the next mail.

    wall, cpu: seconds for one Arrival. memory: MiB of address space; a mail of 25 MB needs up to 320.
    """

    def __init__(self, *, children: int = 1, wall: float = 5.0, cpu: int = 2, memory: int = 512) -> None:
        self.wall = wall
        self.cpu = cpu
        self.memory = memory
        # Two of them, so that waiting for a free child doesn't count against the Arrival.
        self._turn = CapacityLimiter(children)
        self._processes = CapacityLimiter(children)

    async def warm(self, *readers: object) -> None:
        """Start a child and have it import what these readers need, so that the first mail doesn't wait for it."""
        async with self._turn:
            await self._prepared(*readers)

    async def read(self, reader: Callable[[A], T], arrival: A) -> T:
        """What the reader makes of it: plain values.

        Raises ReaderDied, which is about this Arrival; any other exception is about the machine: try again later.
        """
        async with self._turn:
            await self._prepared(reader)
            failpoint("reader.before")
            meaning = await self._run(reader, arrival)
            failpoint("reader.after")
        if isinstance(meaning, _Failed):
            raise ReaderDied(meaning.reason)
        return meaning

    async def _prepared(self, *readers: object) -> None:
        """The start of a child has no part in the Arrival's time. One that died while it was idle is replaced."""
        try:
            await self._prepare(readers)
        except BrokenWorkerProcess:
            await self._prepare(readers)

    async def _prepare(self, readers: tuple[object, ...]) -> None:
        await anyio.to_process.run_sync(_prepare, self.memory, readers, cancellable=True, limiter=self._processes)

    async def _run(self, reader: Callable[[A], T], arrival: A) -> "T | _Failed":
        try:
            with anyio.fail_after(self.wall):
                return await anyio.to_process.run_sync(
                    _read, reader, arrival, self.cpu, cancellable=True, limiter=self._processes
                )
        except TimeoutError:
            raise ReaderDied(f"reading took more than {self.wall:g} s and was stopped") from None
        except BrokenWorkerProcess:
            raise ReaderDied(
                f"reading took more than {self.cpu} s of processor time or {self.memory} MiB of memory, or crashed"
            ) from None


# ------------------------------------------------------------------ in the child


@dataclass(frozen=True)
class _Failed:
    """Text, because an exception of anybody's may not survive pickling."""

    reason: str


def _prepare(memory: int, readers: tuple[object, ...]) -> None:
    """Once is enough, but nobody knows which child is next. `readers` were imported by being unpickled."""
    # A Ctrl-C for the whole group is not for us: the desk ends its children when it has drained.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # The last is where systemd puts the desk's credentials: no secret by itself, but a way to them.
    for name in [name for name in os.environ if name.startswith("FIRSTLINE") or name == "CREDENTIALS_DIRECTORY"]:
        del os.environ[name]
    _give_memory_back()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory * MIB, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _give_memory_back() -> None:
    """By itself glibc keeps what the largest mail took: 65 MB for an idle child, where 18 are enough."""
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, MIB)


def _read(reader: Callable[[A], T], arrival: A, cpu: int) -> T | _Failed:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    # The limit counts the whole life of the process.
    resource.setrlimit(resource.RLIMIT_CPU, (used + cpu, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    try:
        return reader(arrival)
    except MemoryError:
        # What is left of the process is of no use; dying takes it away.
        os._exit(70)
    except BaseException as error:  # a SystemExit would end the desk
        return _Failed(f"the reader failed: {type(error).__name__} at {_place(error.__traceback__)}")


def _place(traceback: TracebackType | None) -> str:
    """Where, and not what: the words of an exception may be the customer's."""
    while traceback and traceback.tb_next:
        traceback = traceback.tb_next
    if traceback is None:
        return "an unknown place"
    return f"{Path(traceback.tb_frame.f_code.co_filename).name}:{traceback.tb_lineno}"
