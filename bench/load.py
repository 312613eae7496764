"""Customers who send mail over SMTP, in a process of their own: python -m bench.load HOST PORT RUN MAILS LINES RATE

LINES connections stay open, each sends its mails one after the other, as fast as they are taken or, all together, RATE
a second (0: as fast as can be). Prints {"seconds": from the first mail to the last 250, "acks": [seconds each]}.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.mails import DOMAIN, mail


@dataclass
class Load:
    run: str
    mails: int
    rate: float
    began: float = field(default_factory=time.monotonic)
    acks: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Made beforehand: what is measured is the desk.
        self.ready = [mail(self.run, number) for number in range(self.mails)]
        self.numbers: Iterator[int] = iter(range(self.mails))

    async def send(self, host: str, port: int) -> None:
        """On one connection, until all are sent by somebody."""
        reader, writer = await asyncio.open_connection(host, port)
        await _answer(reader, 220)
        await _say(reader, writer, b"EHLO bench.example.org\r\n", 250)
        for number in self.numbers:
            await asyncio.sleep(self._wait(number))
            await self._one(reader, writer, *self.ready[number])
        await _say(reader, writer, b"QUIT\r\n", 221)
        writer.close()

    def _wait(self, number: int) -> float:
        return max(0.0, self.began + number / self.rate - time.monotonic()) if self.rate else 0.0

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sender: str, data: bytes) -> None:
        await _say(reader, writer, f"MAIL FROM:<{sender}> SIZE={len(data)}\r\n".encode(), 250)
        await _say(reader, writer, f"RCPT TO:<support@{DOMAIN}>\r\n".encode(), 250)
        await _say(reader, writer, b"DATA\r\n", 354)
        began = time.monotonic()
        await _say(reader, writer, data + b".\r\n", 250)
        self.acks.append(time.monotonic() - began)


async def _say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, words: bytes, code: int) -> None:
    writer.write(words)
    await writer.drain()
    await _answer(reader, code)


async def _answer(reader: asyncio.StreamReader, code: int) -> None:
    """Raises ConnectionError for another answer."""
    while (line := await reader.readline())[3:4] == b"-":
        pass
    if not line.startswith(str(code).encode()):
        raise ConnectionError(f"{line!r} instead of {code}")


async def main(host: str, port: str, run: str, mails: str, lines: str, rate: str) -> None:
    load = Load(run, int(mails), float(rate))
    load.began = time.monotonic()
    await asyncio.gather(*(load.send(host, int(port)) for _ in range(int(lines))))
    print(json.dumps({"seconds": time.monotonic() - load.began, "acks": load.acks}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
