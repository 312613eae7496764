"""Whatever stands in an event, the reader makes values of it that a database takes, or says that it can't."""

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Edit, Inbound, Skipped
from tests.connectors.slack.events import changed, deleted, mention, read, said

NAMES = ["type", "subtype", "channel", "channel_type", "user", "text", "ts", "thread_ts", "files", "attachments"]
NAMES += ["bot_id", "message", "previous_message", "deleted_ts"]

simple = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.just("\ud800\0"))
anything = st.recursive(
    simple,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner)),
    max_leaves=8,
)
events = st.sampled_from([said(), mention(), changed(said(), said("b")), deleted(said())])


@settings(max_examples=400, deadline=None)
@given(events, st.dictionaries(st.sampled_from(NAMES), anything, max_size=4))
def test_any_event_is_read_or_refused(event: dict[str, Any], odd: dict[str, Any]) -> None:
    try:
        meaning = read(event | odd)
    except ValueError:
        return
    assert isinstance(meaning, Inbound | Edit | Skipped)
    assert not re.search(r"\\x00|\\ud[89a-f]", repr(meaning))
