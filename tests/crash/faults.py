"""What is done to a desk in the middle of its work. Each is over when the desk may be started again, or works again."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import psycopg

from tests.crash.postgres import CrashableCluster
from tests.crash.sink import Mood
from tests.crash.site import Site
from tests.waiting import until

# From the beginning of the load; by then most of it has been worked off.
WINDOW = 0.7
# How long after a fault of its database's the desk may still fail to write a delivery down.
RECOVERY = 1.5


@dataclass(frozen=True)
class Situation:
    """`load` ends when every mail is acknowledged; `cluster` is the server that may be crashed, if any."""

    site: Site
    load: "asyncio.Task[None]"
    cluster: CrashableCluster | None = None

    async def somewhen(self) -> None:
        await asyncio.sleep(self.site.chance.uniform(0, WINDOW))


Fault = Callable[[Situation], Awaitable[None]]


async def killed(now: Situation) -> None:
    await now.somewhen()
    await now.site.desk.kill()
    now.site.history.fault("killed", now.site.doubtful())


async def failpoint_reached(now: Situation) -> None:
    """The desk was started with a failpoint that kills it; if the load doesn't lead there, it is killed at its end."""
    desk = now.site.desk
    with suppress(AssertionError):
        await until(lambda: not desk.is_running or now.load.done(), 20)
        await until(lambda: not desk.is_running, 1)
    await desk.kill()
    now.site.history.fault("failpoint", now.site.doubtful())


async def asked_to_stop(now: Situation) -> None:
    """Nothing is in doubt after an orderly end."""
    await now.somewhen()
    now.site.history.fault("asked to stop")
    seconds = await now.site.desk.stop()
    now.site.history.note("drained", seconds=round(seconds, 3))


async def stopped_and_woken(now: Situation) -> None:
    await now.somewhen()
    now.site.desk.send(signal.SIGSTOP)
    now.site.history.fault("stopped and woken")
    await asyncio.sleep(now.site.chance.uniform(0.05, 0.5))
    now.site.desk.send(signal.SIGCONT)


async def stopped_past_its_leases(now: Situation) -> None:
    """While it sleeps all its claims run out. What it then writes is fenced; what it sends, nobody can stop."""
    await now.somewhen()
    began = time.monotonic()
    now.site.desk.send(signal.SIGSTOP)
    doubtful = now.site.doubtful()
    now.site.desk.clock.move(61)
    now.site.desk.send(signal.SIGCONT)
    await _recovered(now, "stopped past its leases", doubtful, began)


async def relay_doubtful(now: Situation) -> None:
    now.site.sink.moods += [Mood.CUT_LATE] * now.site.chance.randint(1, 3)


async def relay_refusing(now: Situation) -> None:
    moods = [Mood.REFUSE, Mood.REFUSE_LATE, Mood.CUT_EARLY]
    now.site.sink.moods += now.site.chance.choices(moods, k=now.site.chance.randint(1, 5))
    now.site.history.fault("relay refusing")


async def relay_away(now: Situation) -> None:
    """Whoever was cut off in the middle may or may not have been heard, as the sink tells by what it took."""
    await now.somewhen()
    began = time.monotonic()
    doubtful = now.site.doubtful()
    await now.site.sink.close()
    now.site.history.fault("relay away", doubtful | now.site.history.taken_since(began))
    await asyncio.sleep(now.site.chance.uniform(0.1, 1.0))
    await now.site.sink.open()


async def connections_cut(now: Situation) -> None:
    await now.somewhen()
    began = time.monotonic()
    doubtful = now.site.doubtful()
    with psycopg.connect(now.site.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'firstline'"
        )
    await _recovered(now, "connections cut", doubtful, began)


async def server_crashed(now: Situation) -> None:
    assert now.cluster is not None
    await now.somewhen()
    began = time.monotonic()
    doubtful = now.site.doubtful()
    await asyncio.to_thread(now.cluster.crash)
    await asyncio.to_thread(now.cluster.start)
    await _recovered(now, "server crashed", doubtful, began)


async def _recovered(now: Situation, kind: str, doubtful: set[str], began: float) -> None:
    """What the relay took just then could perhaps not be written down by whoever had sent it."""
    await asyncio.sleep(RECOVERY)
    now.site.history.fault(kind, doubtful | now.site.history.taken_since(began))


# How often each is chosen. The first two are what `make crash` is about.
ANYWHERE: Mapping[Fault, int] = {
    killed: 8,
    failpoint_reached: 8,
    asked_to_stop: 2,
    stopped_and_woken: 1,
    stopped_past_its_leases: 1,
    relay_doubtful: 2,
    relay_refusing: 1,
    relay_away: 1,
}
ON_A_SERVER: Mapping[Fault, int] = {connections_cut: 2}
ON_OUR_SERVER: Mapping[Fault, int] = {server_crashed: 2}
