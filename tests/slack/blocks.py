"""Whether blocks and views may be sent, as Slack would say: its own models, and limits that they don't have."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.slack.methods import Refused
from tests.slack.nouns import Json

MOST_BLOCKS = 50  # docs.slack.dev/reference/block-kit/blocks
MOST_TEXT = 40_000  # docs.slack.dev/reference/methods/chat.postMessage#truncating: what is above is cut off
MOST_UPDATED = 4_000  # docs.slack.dev/reference/methods/chat.update
MOST_MARKDOWN = 12_000  # docs.slack.dev/reference/block-kit/blocks/markdown-block: all of a message together
MOST_IN_ALL = 13_200  # not documented: github.com/slackapi/bolt-js/issues/2509
MOST_METADATA = 8_000  # the error metadata_too_large is documented, its limit isn't: a guess
MOST_OF_A_VIEW = 250_000  # bytes of JSON; docs.slack.dev/reference/methods/views.open, view_too_large

# Their models warn of what they don't know; here it's an error of the answer.
logging.getLogger("slack_sdk.models").setLevel(logging.ERROR)


def checked(blocks: Any) -> list[Json]:
    """A message's blocks. Refused: `invalid_blocks_format`, `invalid_blocks`, `msg_blocks_too_long`."""
    if blocks is None or blocks == []:
        return []
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refused("invalid_blocks_format")
    wrong = list(problems(blocks))
    if len(blocks) > MOST_BLOCKS:
        wrong.append(f"no more than {MOST_BLOCKS} items allowed [json-pointer:/blocks]")
    if wrong:
        told = [f"[ERROR] {problem}" for problem in wrong]
        raise Refused("invalid_blocks", errors=wrong, response_metadata={"messages": told})
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > MOST_MARKDOWN or sum(map(len, texts(blocks))) > MOST_IN_ALL:
        raise Refused("msg_blocks_too_long")
    return with_ids(blocks)


def checked_view(view: Any, kind: str) -> Json:
    """docs.slack.dev/reference/views. Refused: `invalid_arguments`, `view_too_large`."""
    if not isinstance(view, dict):
        raise Refused("invalid_arguments", response_metadata={"messages": ["[ERROR] must provide an object: view"]})
    if len(json.dumps(view).encode()) > MOST_OF_A_VIEW:
        raise Refused("view_too_large")
    wrong = [problem for problem in (_view_problem(view, kind),) if problem] + list(problems(view.get("blocks") or []))
    if wrong:
        raise Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] {one}" for one in wrong]})
    return view | {"blocks": with_ids(view["blocks"])}


def problems(blocks: list[Json]) -> Iterator[str]:
    for place, block in enumerate(blocks):
        if problem := _problem(block):
            yield f"{problem} [json-pointer:/blocks/{place}]"
        names = [element["action_id"] for element in elements(block) if element.get("action_id")]
        yield from (f"`action_id` {name} already exists" for name, times in Counter(names).items() if times > 1)
    known = Counter(block["block_id"] for block in blocks if block.get("block_id"))
    yield from (f"`block_id` {name} already exists" for name, times in known.items() if times > 1)


def elements(block: Json) -> list[Json]:
    """What a person can act on in a block."""
    inner: Any = block.get("elements")
    found = [*(inner if isinstance(inner, list) else []), block.get("accessory"), block.get("element")]
    return [one for one in found if isinstance(one, dict) and "type" in one]


def texts(part: Any) -> Iterator[str]:
    """Every text that would be read."""
    if isinstance(part, list):
        for one in part:
            yield from texts(one)
    elif isinstance(part, dict):
        for name, value in part.items():
            if isinstance(value, str) and name in ("text", "alt_text", "title"):
                yield value
            elif not isinstance(value, str):
                yield from texts(value)


def with_ids(blocks: list[Json]) -> list[Json]:
    """Slack names what the app left without a name."""
    return [{"block_id": f"b{place}", **block} for place, block in enumerate(blocks)]


def _problem(block: Json) -> str:
    try:
        known = Block.parse(dict(block))
        if known is None:
            return f"unsupported type: {block.get('type')}"
        known.to_dict()
    except (SlackObjectFormationError, TypeError, ValueError, KeyError, AttributeError) as error:
        return str(error)
    unknown = set(block) - known.attributes - {"type", "block_id"}
    if unknown:
        return f"invalid additional property: {min(unknown)}"
    if block.get("elements") == []:
        return "no fewer than 1 items allowed [json-pointer:/elements]"
    if any(text == "" for text in texts({**block, "title": None})):
        return "must be more than 0 characters"
    return ""


def _view_problem(view: Json, kind: str) -> str:
    if view.get("type") != kind:
        return f"unsupported type: {view.get('type')}"
    if not view.get("blocks"):
        return "missing required field: blocks"
    if kind == "modal" and not view.get("title"):
        return "missing required field: title"
    if any(block.get("type") == "input" for block in view["blocks"]) and kind == "modal" and not view.get("submit"):
        return "missing required field: submit, as there are input blocks"
    try:
        View(**view).to_dict()
    except (SlackObjectFormationError, TypeError, ValueError, AttributeError) as error:
        return str(error)
    return ""
