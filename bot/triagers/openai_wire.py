"""One request to a server that speaks OpenAI's chat completions, and its response as plain values.

The server may be anybody's and its response is hostile: bounded in size before it is read, then read strictly.
"""

import logging
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

import httpx2
import openai

from bot.clock import Clock
from bot.triagers.openai_budget import Usage, reported
from bot.triagers.openai_failures import NoAnswer, Outcome
from bot.triagers.openai_prompt import Prompt
from bot.triagers.openai_schema import strict_json

LONGEST = 256_000
"""Bytes of a response: some fifty times what a good one has."""

# Opening a connection; for the rest there is the deadline.
_CONNECT = 5.0


class Form(StrEnum):
    """How much a server can be asked to hold the model to."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a server or model takes of the protocol; found out by being refused."""

    form: Form = Form.SCHEMA
    limit: str = "max_completion_tokens"
    temperature: bool = True

    def options(self, prompt: Prompt) -> dict[str, Any]:
        options: dict[str, Any] = {self.limit: prompt.most.out}
        if self.temperature:
            options["temperature"] = 0
        if self.form is Form.OBJECT:
            options["response_format"] = {"type": "json_object"}
        if self.form is Form.SCHEMA:
            named = {"name": "triage", "strict": True, "schema": prompt.schema}
            options["response_format"] = {"type": "json_schema", "json_schema": named}
        return options

    def simpler(self, complaint: str) -> "Dialect | None":
        """Without what the server complains about; None when that is nothing of these."""
        # Reasoning models refuse a temperature, older servers the newer name of the limit.
        if self.temperature and "temperature" in complaint:
            return replace(self, temperature=False)
        if self.limit != "max_tokens" and self.limit in complaint:
            return replace(self, limit="max_tokens")
        if self.form is not Form.TEXT and re.search("response_format|json_?schema|json_?object|grammar", complaint):
            return replace(self, form=Form.OBJECT if self.form is Form.SCHEMA else Form.TEXT)
        return None


SIMPLER_AT_MOST = 4
"""Steps from the richest Dialect to the plainest."""


@dataclass(frozen=True, slots=True)
class Response:
    """`used` is None when the server didn't tell it credibly."""

    text: str
    finish: str
    refused: bool
    used: Usage | None

    def checked(self) -> str:
        """The whole of what the model said. Raises NoAnswer: half an answer may look like one."""
        if self.refused:
            raise NoAnswer(Outcome.REFUSED)
        if self.finish == "length":
            raise NoAnswer(Outcome.TRUNCATED)
        if self.finish != "stop":
            raise NoAnswer(Outcome.FILTERED)
        return self.text


def connect(base_url: str, api_key: str | None, seconds: float) -> openai.AsyncOpenAI:
    """A client that tries once, follows no redirect and keeps no connection, so that nobody needs to close it."""
    logging.getLogger("openai").setLevel(logging.WARNING)
    timeout = httpx2.Timeout(seconds, connect=min(seconds, _CONNECT))
    http = openai.DefaultAsyncHttpxClient(
        limits=httpx2.Limits(max_keepalive_connections=0),
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [_bound]},
    )
    client = openai.AsyncOpenAI(
        base_url=base_url, api_key=api_key or "none", timeout=timeout, max_retries=0, http_client=http
    )
    # Imports what is needed for chat now: at the first request it would hold up the loop.
    client.chat.completions  # noqa: B018
    return client


class _TooLong(Exception):
    """The response is longer than we read, or packed so that it may be."""


@dataclass(frozen=True)
class _Bounded(httpx2.AsyncByteStream):
    stream: httpx2.AsyncByteStream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = LONGEST
        async for chunk in self.stream:
            left -= len(chunk)
            if left < 0:
                raise _TooLong
            yield chunk

    async def aclose(self) -> None:
        await self.stream.aclose()


async def _bound(response: httpx2.Response) -> None:
    # RFC 8259, 8.1; and a charset from outside may name any codec that Python has, zlib among them.
    response.encoding = "utf-8"
    if response.headers.get("content-encoding", "identity") != "identity":
        raise _TooLong
    response.stream = _Bounded(cast(httpx2.AsyncByteStream, response.stream))


class Wire:
    """A server, a model there, and the dialect that they have turned out to speak."""

    def __init__(self, client: openai.AsyncOpenAI, model: str, clock: Clock) -> None:
        self.client = client
        self.model = model
        self.clock = clock
        self.dialect = Dialect()

    async def ask(self, prompt: Prompt) -> Response:
        """Raises NoAnswer. What the server refuses of the protocol is left out from then on."""
        for _ in range(SIMPLER_AT_MOST + 1):
            spoken = self.dialect
            try:
                return _response(await self._post(prompt, spoken), prompt.most)
            except _Refused as refused:
                simpler = spoken.simpler(refused.complaint)
                if simpler is None:
                    break
                self.dialect = simpler
        raise NoAnswer(Outcome.REJECTED)

    async def _post(self, prompt: Prompt, dialect: Dialect) -> bytes:
        try:
            raw = await self.client.chat.completions.with_raw_response.create(
                model=self.model,
                messages=[dict(message) for message in prompt.messages],  # type: ignore[misc]
                **dialect.options(prompt),
            )
        except _TooLong:
            raise NoAnswer(Outcome.TOO_LONG) from None
        except openai.APIStatusError as error:
            raise self._failure(error) from None
        except openai.APIConnectionError as error:
            never_sent = isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout)
            raise NoAnswer(Outcome.UNREACHABLE if never_sent else Outcome.CUT) from None
        except Exception as error:
            # The SDK and what is below it look into headers and errors by themselves, and may trip over them.
            raise NoAnswer(Outcome.MALFORMED) from error
        return bytes(raw.content)

    def _failure(self, error: openai.APIStatusError) -> Exception:
        match error.status_code:
            case 401 | 403:
                return NoAnswer(Outcome.UNAUTHORISED)
            case 404:
                return NoAnswer(Outcome.NOT_FOUND)
            case 429:
                return NoAnswer(Outcome.LIMITED, after=self._after(error.response.headers))
            case 400 | 422 | 501:
                return _Refused(error.response.text[:4000].lower())
            case code if code >= 500 or code == 408:
                return NoAnswer(Outcome.ERROR, after=self._after(error.response.headers))
            case code:
                return NoAnswer(Outcome.REJECTED if code >= 400 else Outcome.MALFORMED)

    def _after(self, headers: Mapping[str, str]) -> float | None:
        """RFC 9110, 10.2.3: seconds or a date."""
        value = headers.get("retry-after", "").strip()
        if re.fullmatch(r"\d{1,6}(?:\.\d{1,3})?", value):
            return max(float(value), 1.0)
        try:
            then = datetime.strptime(value, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
        except ValueError:
            return None
        return max((then - self.clock.now()).total_seconds(), 1.0)


class _Refused(Exception):
    """The server doesn't take the request as it is."""

    def __init__(self, complaint: str) -> None:
        super().__init__("the server refused the request")
        self.complaint = complaint


# ------------------------------------------------------------------ the response


def _response(body: bytes, most: Usage) -> Response:
    """Raises NoAnswer (MALFORMED)."""
    try:
        whole = strict_json(body)
        choice = whole["choices"][0]
        message, finish = choice["message"], choice["finish_reason"]
        text, refusal = message["content"], message.get("refusal")
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        raise NoAnswer(Outcome.MALFORMED) from None
    return Response(
        text=text if isinstance(text, str) else "",
        finish=finish if isinstance(finish, str) else "",
        refused=bool(refusal),
        used=reported(whole.get("usage"), most),
    )
