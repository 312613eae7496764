"""Does the model answer? One tiny call, with the client and the protocol that Decisions use."""

from bot.clock import HostClock
from bot.triagers.openai_failures import NoAnswer
from bot.triagers.openai_prompt import Prompt
from bot.triagers.openai_wire import Wire, connect

_SCHEMA = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}

_ASKED = Prompt(
    messages=({"role": "user", "content": 'Answer with this JSON and nothing else: {"ok": true}'},),
    schema=_SCHEMA,
    passages={},
    secrets=(),
    hash="",
)


async def probe(base_url: str, api_key: str | None, model: str, seconds: float) -> str | None:
    """Why the model can't be asked, in a few words; None when it answered, whatever it said. On nobody's budget."""
    try:
        await Wire(connect(base_url, api_key, seconds), model, HostClock()).ask(_ASKED)
    except NoAnswer as failed:
        return failed.outcome.value
    return None
