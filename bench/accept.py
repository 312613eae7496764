"""How fast mail is taken: from MAIL to the 250, which comes after the commit. Nothing is read, decided or delivered."""

from collections.abc import Iterator

from bench.figure import Figure, percentile
from bench.place import POSTGRESQL, SQLITE, Place, progress
from bench.sending import kept, send

RUNS = 3
MAILS = 2000
WARM = 200


def accept(place: Place) -> Iterator[Figure]:
    for database in (SQLITE, POSTGRESQL):
        rates, latest = [], []
        with place.desk(database, "--only", "smtp") as desk:
            desk.start()
            send(desk, WARM)
            for run in range(RUNS):
                sent = send(desk, MAILS)
                rates.append(MAILS / sent.seconds)
                latest.append(1000 * percentile(sent.acks, 0.99))
                progress(f"accept, {database}, run {run + 1}: {rates[-1]:.0f} mails/s")
            if (stored := kept(desk.url)) != WARM + RUNS * MAILS:
                raise AssertionError(f"{WARM + RUNS * MAILS} mails were acknowledged and {stored} are stored")
            desk.stop()
        yield Figure("accept", "mails/s", database, rates)
        yield Figure("accept-ack-p99", "ms", database, latest)
