"""Whatever the model's server does, the request is decided in time and nobody outside sees an error."""

import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clock import SetClock
from bot.metrics import REGISTRY
from bot.model import Answer, Escalate
from bot.triagers import TriageUnavailable
from bot.triagers.local import LocalTriager
from bot.triagers.openai_breaker import Breaker, BreakerState
from tests.bot.openai_parts import ASKED, DEADLINE, RESET, SHIPPING, SHORT, Known, Purse, decided, proposed, triager
from tests.bot.talk import NOON, talk
from tests.bot.talk import says as customer
from tests.model_server import (
    BOMB,
    CUT,
    CUT_SHORT,
    DRIP,
    FLOOD,
    HANG,
    ModelServer,
    Step,
    completion,
    content,
    raw,
    refuses,
    says,
    status,
    thought,
)

KNOWN = Known(RESET, SHIPPING)
LATER = "Mon, 02 Mar 2026 12:00:20 GMT"

# What it does, how the trace names it, and how many requests it may get for one Decision.
MISBEHAVIOURS: dict[str, tuple[Step, str, int]] = {
    "hangs": (HANG, "no answer in time", 1),
    "a byte now and then": (DRIP, "no answer in time", 1),
    "cuts": (CUT, "connection lost", 3),
    "cuts short": (CUT_SHORT, "connection lost", 3),
    "ten megabytes": (FLOOD, "response too long", 1),
    "a bomb": (BOMB, "response too long", 1),
    "unauthorised": (status(401), "not authorised", 1),
    "forbidden": (status(403), "not authorised", 1),
    "not found": (status(404), "model or address not found", 1),
    "bad request": (status(400), "request rejected", 1),
    "teapot": (status(418), "request rejected", 1),
    "limited": (status(429), "rate limited", 3),
    "broken": (status(500), "server error", 3),
    "a long error": (status(500, "x" * 1_000_000), "response too long", 1),
    "moved": (status(307, Location="http://127.0.0.1:1/"), "malformed response", 1),
    "no json": (raw(b"<html>"), "malformed response", 1),
    "no choices": (raw(b'{"choices": []}'), "malformed response", 1),
    "a list": (raw(b"[1]"), "malformed response", 1),
    "deep": (raw(b"[" * 100_000), "malformed response", 1),
    "NaN outside": (content(lambda a: json.dumps(thought(a)), logprobs=float("nan")), "malformed response", 1),
    "a codec for a charset": (status(500, "eNoDAAAAAAE=", Content_Type="text/html; charset=zlib"), "server error", 3),
    "a deep error": (status(500, "[" * 100_000), "server error", 3),
    "an error of another kind": (status(400, '{"error": [{"message": 7}], "code": {}}'), "request rejected", 1),
    "a header without an end": (status(200, "", X="y" * 200_000), "connection lost", 3),
    "doubled keys outside": (raw(b'{"choices": [], "choices": []}'), "malformed response", 1),
    "prose": (content("I can't do that."), "invalid", 2),
    "nothing": (content(None), "invalid", 2),
    "wrong schema": (content('{"action": "answer"}'), "invalid", 2),
    "doubled keys": (content(lambda a: json.dumps(thought(a))[:-1] + ', "action": "answer"}'), "invalid", 2),
    "NaN": (content(lambda a: json.dumps(thought(a, language=float("nan")))), "invalid", 2),
    "surrogates": (content(lambda a: json.dumps(thought(a, answer="\ud800"))), "invalid", 2),
    "too much": (says(answer="word " * 5000), "invalid", 2),
    "one field more": (says(recipient="eve@evil.example"), "invalid", 2),
    "cut off": (content(lambda a: json.dumps(thought(a)), finish_reason="length"), "truncated", 1),
    "filtered": (content("", finish_reason="content_filter"), "filtered", 1),
    "a tool": (content(lambda a: json.dumps(thought(a)), finish_reason="tool_calls"), "filtered", 1),
    "refuses": (content(None, message={"role": "assistant", "content": None, "refusal": "No."}), "refused", 1),
}


@pytest.mark.parametrize("name", MISBEHAVIOURS)
async def test_the_local_triager_decides_instead(name: str) -> None:
    step, told, requests = MISBEHAVIOURS[name]
    late = told == "no answer in time"
    async with ModelServer(always=step) as server:
        began = time.monotonic()
        got = await proposed(server, deadline=SHORT if late else DEADLINE)
        assert time.monotonic() - began < (SHORT if late else DEADLINE) + 1
    local = await LocalTriager(KNOWN.search, KNOWN.categories).decide(ASKED)
    assert (got.triager, got.action, got.evidence["model"]) == ("local", local.action, told)
    assert len(server.requests) == got.evidence["calls"] == requests
    assert (got.model, len(got.prompt_hash)) == ("tiny", 64)
    assert got.seconds > 0


@pytest.mark.parametrize("name", MISBEHAVIOURS)
async def test_a_customer_who_needs_people_gets_them_all_the_same(name: str) -> None:
    step, told, _ = MISBEHAVIOURS[name]
    async with ModelServer(always=step) as server:
        deadline = SHORT if told == "no answer in time" else DEADLINE
        got = await decided(server, talk("Somebody hacked my account."), deadline=deadline)
    assert isinstance(got.action, Escalate)


async def test_a_server_that_is_away_is_no_error() -> None:
    async with ModelServer() as server:
        pass
    got = await proposed(server)
    assert (got.triager, got.evidence["model"], got.cost) == ("local", "unreachable", 0)


@pytest.mark.parametrize("step", [status(429), status(500), CUT, CUT_SHORT, status(429, Retry_After="0")])
async def test_a_passing_failure_is_tried_again(step: Step) -> None:
    async with ModelServer(step, step) as server:
        got = await proposed(server)
    assert (got.triager, len(server.requests), got.evidence["calls"]) == ("openai", 3, 3)
    assert isinstance(got.action, Answer)


async def test_a_short_wait_that_the_server_asks_for_is_waited() -> None:
    async with ModelServer(status(429, Retry_After="1")) as server:
        began = time.monotonic()
        got = await proposed(server, patience=60.0)
        assert time.monotonic() - began >= 1
    assert got.triager == "openai"


async def test_an_answer_of_no_use_is_asked_for_once_more_with_the_reason() -> None:
    async with ModelServer(content('{"action": "answer"}')) as server:
        got = await proposed(server)
    assert isinstance(got.action, Answer)
    again = server.requests[1].body["messages"]
    assert again[:2] == server.requests[0].body["messages"]
    assert again[2] == {"role": "assistant", "content": '{"action": "answer"}'}
    assert "language: missing" in again[3]["content"]


@pytest.mark.parametrize("wrap", ["```json\n{}\n```", "Here it is: {} Good luck!"])
async def test_fenced_json_is_taken(wrap: str) -> None:
    async with ModelServer(content(lambda asked: wrap.replace("{}", json.dumps(thought(asked))))) as server:
        assert isinstance((await proposed(server)).action, Answer)


# ------------------------------------------------------------------ what a server doesn't know


@pytest.mark.parametrize(
    ("unknown", "left"),
    [
        (["json_schema"], {"max_completion_tokens", "temperature", "response_format"}),
        (["json_schema", "json_object"], {"max_completion_tokens", "temperature"}),
        (["temperature", "max_completion_tokens"], {"max_tokens", "response_format"}),
        (["json_schema", "json_object", "temperature", "max_completion_tokens"], {"max_tokens"}),
    ],
)
async def test_what_the_server_refuses_is_left_out_from_then_on(unknown: list[str], left: set[str]) -> None:
    async with ModelServer(always=refuses(*unknown)) as server:
        asked = triager(server)
        first = await asked.decide(ASKED)
        before = len(server.requests)
        second = await asked.decide(ASKED)
    assert [type(one.action) for one in (first, second)] == [Answer, Answer]
    assert (before, len(server.requests)) == (1 + len(unknown), 2 + len(unknown))
    assert set(server.requests[-1].body) == {"model", "messages"} | left


async def test_a_server_that_refuses_everything_is_not_asked_forever() -> None:
    complaint = '{"error": "response_format temperature max_completion_tokens max_tokens"}'
    async with ModelServer(always=status(400, complaint)) as server:
        got = await proposed(server)
    assert (got.evidence["model"], len(server.requests)) == ("request rejected", 5)


# ------------------------------------------------------------------ waiting


@pytest.mark.parametrize("when", ["20", LATER])
async def test_a_longer_wait_is_left_to_the_queue(when: str) -> None:
    async with ModelServer(always=status(429, Retry_After=when)) as server:
        with pytest.raises(TriageUnavailable) as away:
            await proposed(server, patience=60.0)
    assert (away.value.after, len(server.requests)) == (20.0, 1)


@pytest.mark.parametrize(
    ("when", "age"), [("20", 50), ("61", 0), ("999999", 0), ("-5", 0), ("soon", 0), ("Tue, 99 Foo 2026", 0)]
)
async def test_a_request_without_patience_left_is_decided_locally(when: str, age: int) -> None:
    clock = SetClock(NOON + timedelta(seconds=age))
    async with ModelServer(always=status(429, Retry_After=when)) as server:
        got = await proposed(server, patience=60.0, clock=clock)
    assert (got.triager, got.evidence["model"]) == ("local", "rate limited")


async def test_the_oldest_word_counts() -> None:
    old = replace(customer("How do I reset my password?"), kept_at=NOON - timedelta(minutes=5))
    async with ModelServer(always=status(429, Retry_After="20")) as server:
        got = await proposed(server, talk(old, customer("Hello?")), patience=60.0)
    assert got.triager == "local"


# ------------------------------------------------------------------ the breaker


async def test_a_server_that_fails_is_left_alone_and_found_again() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    async with ModelServer(always=status(500)) as server:
        asked = triager(server, breaker=breaker)
        assert asked.trouble is None
        for _ in range(5):
            await asked.decide(ASKED)
        requests = len(server.requests)
        got = await asked.decide(ASKED)
        assert (got.evidence["model"], len(server.requests)) == ("left alone after failures", requests)
        assert (got.model, got.prompt_hash, got.seconds) == ("", "", 0)
        assert asked.trouble == "server error"
        now[0] += 30
        await asked.decide(ASKED)
        assert len(server.requests) == requests + 1
        server.always = says()
        now[0] += 60
        assert (await asked.decide(ASKED)).triager == "openai"
        assert asked.trouble is None


async def test_a_key_that_is_not_taken_opens_it_at_once() -> None:
    async with ModelServer(always=status(401)) as server:
        asked = triager(server)
        await asked.decide(ASKED)
        await asked.decide(ASKED)
    assert len(server.requests) == 1
    assert asked.trouble == "not authorised (see OPENAI__API_KEY)"


@pytest.mark.parametrize("name", ["prose", "cut off", "filtered", "refuses", "bad request"])
async def test_no_customer_can_shut_the_model_off(name: str) -> None:
    breaker = Breaker()
    async with ModelServer(always=MISBEHAVIOURS[name][0]) as server:
        for _ in range(6):
            await proposed(server, breaker=breaker)
    assert breaker.state is BreakerState.CLOSED


# ------------------------------------------------------------------ what it costs


async def test_what_was_reserved_is_settled_with_what_was_used() -> None:
    purse = Purse()
    async with ModelServer(status(500)) as server:
        got = await proposed(server, purse=purse)
    most = len(server.requests[1].raw)
    assert [most - 2000 < tokens < most + 4000 for tokens, _ in purse.reserved] == [True, True]
    assert purse.settled == [(0, 0), (1020, pytest.approx((900 + 120 * 10) / 1e6))]
    assert (got.tokens_in, got.tokens_out, got.cost) == (900, 120, pytest.approx(0.0021))


@pytest.mark.parametrize(
    "usage",
    [
        None,
        [],
        "many",
        {},
        {"prompt_tokens": -1, "completion_tokens": 5},
        {"prompt_tokens": 10**12, "completion_tokens": 5},
        {"prompt_tokens": 5, "completion_tokens": 2001},
        {"prompt_tokens": 5.5, "completion_tokens": True},
        {"prompt_tokens": "5", "completion_tokens": None},
    ],
)
async def test_a_usage_that_can_not_be_true_counts_as_the_most(usage: object) -> None:
    purse = Purse()
    async with ModelServer(content(lambda asked: json.dumps(thought(asked)), usage=usage)) as server:
        got = await proposed(server, purse=purse)
    assert isinstance(got.action, Answer)
    assert purse.settled == purse.reserved
    assert got.tokens_in + got.tokens_out == purse.reserved[0][0]


async def test_a_usage_without_end_is_no_number() -> None:
    body = json.dumps(completion("x", usage={"prompt_tokens": 7})).replace("7", "1" + "0" * 5000)
    async with ModelServer(always=raw(body.encode())) as server:
        assert (await proposed(server)).evidence["model"] == "malformed response"


async def test_a_call_that_never_ended_counts_as_the_most() -> None:
    purse = Purse()
    async with ModelServer(always=HANG) as server:
        got = await proposed(server, purse=purse, deadline=SHORT)
    assert purse.settled == purse.reserved
    assert got.cost > 0


async def test_without_money_nobody_is_asked() -> None:
    async with ModelServer() as server:
        breaker = Breaker()
        got = await proposed(server, purse=Purse(limit=100), breaker=breaker)
    assert (got.triager, got.evidence["model"], server.requests) == ("local", "budget spent", [])
    assert breaker.state is BreakerState.CLOSED


async def test_calls_are_counted_by_how_they_ended() -> None:
    def count(outcome: str) -> float:
        return REGISTRY.get_sample_value("firstline_model_calls_total", {"outcome": outcome}) or 0

    before = count("answered"), count("server error")
    async with ModelServer(status(500)) as server:
        await proposed(server)
    assert (count("answered"), count("server error")) == (before[0] + 1, before[1] + 1)
