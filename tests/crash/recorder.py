"""The clients: each hands over its mails by SMTP and sends one again, byte for byte, until it is acknowledged."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from tests.crash.history import History, Mail

# Of one step of a session. A desk that is stopped (SIGSTOP) answers late, not never.
PATIENCE = 20.0
# A 451 means that the database is away.
PAUSE = 0.05

Address = Callable[[], Awaitable[tuple[str, int]]]
"""Where the desk listens; waits while it is down."""


class Refused(Exception):
    """The desk refused a mail for good, and all of them are good ones."""


async def send_all(clients: Iterable[tuple[float, Sequence[Mail]]], desk: Address, history: History) -> None:
    """Each client begins after so many seconds. Returns when every mail is acknowledged. Raises Refused."""
    async with asyncio.TaskGroup() as group:
        for wait, mails in clients:
            group.create_task(_send(wait, mails, desk, history))


async def _send(wait: float, mails: Sequence[Mail], desk: Address, history: History) -> None:
    await asyncio.sleep(wait)
    for mail in mails:
        while not await _try(mail, await desk(), history):  # noqa: ASYNC110 (mail servers do just that)
            await asyncio.sleep(PAUSE)


async def _try(mail: Mail, address: tuple[str, int], history: History) -> bool:
    history.begins(mail)
    try:
        code, text = await hand_over(mail, address)
    except (OSError, EOFError, ValueError) as error:
        history.cut(mail, error)
        return False
    history.answered(mail, code, text)
    if code >= 500:
        raise Refused(f"{mail.key}: {code} {text}")
    return code == 250


async def hand_over(mail: Mail, address: tuple[str, int]) -> tuple[int, str]:
    """The answer to the final dot, or to the command before it that was not accepted. Raises OSError or EOFError."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        code, text = await _answer(reader)
        for command in ("EHLO client.example", f"MAIL FROM:<{mail.sender}>", f"RCPT TO:<{mail.recipient}>", "DATA"):
            if code >= 400:
                return code, text
            writer.write(f"{command}\r\n".encode())
            code, text = await _answer(reader)
        if code != 354:
            return code, text
        writer.write(mail.data.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        code, text = await _answer(reader)
        writer.write(b"QUIT\r\n")
        return code, text
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, str]:
    async with asyncio.timeout(PATIENCE):
        while True:
            line = (await reader.readuntil(b"\n")).decode()
            if line[3:4] != "-":
                return int(line[:3]), line[4:].strip()
