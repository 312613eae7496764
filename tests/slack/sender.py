"""Payloads by HTTP, signed as docs.slack.dev/authentication/verifying-requests-from-slack says."""

import json
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

from tests.slack.delivery import Answer, Payload
from tests.slack.faults import Faults
from tests.slack.nouns import Json
from tests.slack.workspace import Workspace

FORM = "application/x-www-form-urlencoded"


class Sender:
    """Signs with the Clock's own time, whatever was let pass: the app compares it with its own."""

    def __init__(self, workspace: Workspace, faults: Faults, session: ClientSession, url: str) -> None:
        self.workspace = workspace
        self.faults = faults
        self.session = session
        self.url = url

    async def carry(self, payload: Payload, number: int, reason: str) -> Answer:
        """docs.slack.dev/apis/events-api#retries; anything but 2xx is a failure, at most two redirects are followed."""
        headers = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason} if number else {}
        body, content_type = _body(payload)
        return await self._post(body, headers | {"Content-Type": content_type})

    async def verify(self) -> bool:
        """docs.slack.dev/reference/events/url_verification: whether the app gives the challenge back."""
        challenge = self.workspace.new_id("challenge")
        body = json.dumps({"type": "url_verification", "token": "legacy-verification-token", "challenge": challenge})
        answer = await self._post(body, {"Content-Type": "application/json"})
        return challenge in (answer.body.get("challenge"), answer.body.get("text"))

    async def _post(self, body: str, headers: dict[str, str]) -> Answer:
        signed = headers | self._signature(body)
        try:
            async with self.session.post(self.url, data=body.encode(), headers=signed, max_redirects=2) as response:
                said = await response.text()
                if response.ok:
                    return Answer(body=_read(said), status=response.status)
                stop = response.headers.get("X-Slack-No-Retry") == "1"
                return Answer("http_error", _read(said), response.status, stop)
        except ClientError:
            return Answer("connection_failed")

    def _signature(self, body: str) -> dict[str, str]:
        timestamp = str(int(self.workspace.time.clock.now().timestamp() + self.faults.skew))
        secret = "wrong" if self.faults.wrong_signature else self.workspace.signing_secret
        signature = SignatureVerifier(secret, SignatureClock()).generate_signature(timestamp=timestamp, body=body)
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature or ""}


def _body(payload: Payload) -> tuple[str, str]:
    """Events are JSON; interactions a form with JSON in `payload`; commands a form of their own."""
    if payload.kind == "events_api":
        return json.dumps(payload.body), "application/json"
    if payload.kind == "interactive":
        return urlencode({"payload": json.dumps(payload.body)}), FORM
    return urlencode(payload.body), FORM


def _read(said: str) -> Json:
    try:
        read = json.loads(said)
    except ValueError:
        return {"text": said} if said else {}
    return read if isinstance(read, dict) else {"text": said}
