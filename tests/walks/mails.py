"""What the walks about mail have in common: an upstream that vouches for senders, and a look at what became of it."""

from bot.model import Conversation
from tests.waiting import until
from tests.walks.desk import Story

SERVER = "mx.firstline.localhost"
BELIEVED = {"smtp": {"authserv_id": SERVER, "upstreams": ["127.0.0.0/8"]}}


def vouched(domain: str = "example.org", dmarc: str = "pass") -> dict[str, str]:
    """What an upstream says about a mail whose sender it has looked at."""
    return {"Authentication-Results": f"{SERVER}; dmarc={dmarc} header.from={domain}"}


async def conversations(desk: Story, number: int) -> list[Conversation]:
    """All of them, once there are so many and nothing is left to do."""

    async def enough() -> bool:
        return len(await desk.conversations()) >= number

    await until(enough, what=f"{number} conversations")
    await desk.quiet()
    found = await desk.conversations()
    assert len(found) == number
    return found
