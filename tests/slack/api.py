"""The Web API's way in: arguments in whatever form, faults, the token and its scopes, then the method.

The checks follow the order of docs.slack.dev/apis/web-api: which method, which token, which scopes, which arguments.
"""

import asyncio
import base64
import json
from typing import Any

from aiohttp import web

from tests.slack import chat, conversations, files, oauth, users, views
from tests.slack.calls import Call, Calls
from tests.slack.faults import Cut, Faults, Hang, Limited, Refusal, Status
from tests.slack.methods import Ask, Method, Refused
from tests.slack.nouns import Json, Token
from tests.slack.workspace import Workspace

METHODS: dict[str, Method] = {
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **oauth.METHODS,
    **users.METHODS,
    **views.METHODS,
}
POSTS = ("chat.postMessage",)


class Api:
    def __init__(self, workspace: Workspace, faults: Faults, calls: Calls) -> None:
        self.workspace = workspace
        self.faults = faults
        self.calls = calls
        self._posted: dict[str, float] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        args = await arguments(request)
        method = request.match_info["method"]
        call = Call(method, args, self.workspace.time.now(), request.method)
        self.calls.all.append(call)
        response = await self._answer(request, call)
        call.status = response.status
        return response

    async def _answer(self, request: web.Request, call: Call) -> web.StreamResponse:
        effect = self.faults.take(call.method, str(call.args.get("channel", ""))) or self._too_fast(call)
        if isinstance(effect, Limited):
            told = {"ok": False, "error": "ratelimited"}
            return web.json_response(told, status=429, headers={"Retry-After": str(effect.retry_after)})
        if isinstance(effect, Status):
            return web.Response(status=effect.code, text="upstream error")
        if isinstance(effect, Refusal):
            call.answer = effect.answer
            return web.json_response(call.answer)
        if effect is None or effect.done:
            call.answer = self._run(call.method, call.args, _token(request, call.args))
        if effect is not None:
            call.answer = {}
        if isinstance(effect, Cut):
            return _cut(request)
        if isinstance(effect, Hang):
            await asyncio.Event().wait()
        return web.json_response(call.answer, headers=self._scopes(request, call))

    def _run(self, name: str, args: Json, token_value: str) -> Json:
        method = METHODS.get(name)
        try:
            if method is None:
                raise Refused("unknown_method", req_method=name)
            token = self._check(method, token_value)
            ask = Ask(self.workspace, args, token, self.faults.strict_history)
            if method.scopes:
                ask.scope(*method.scopes)
            return method.run(ask)
        except Refused as refused:
            return refused.answer

    def _check(self, method: Method, value: str) -> Token:
        """docs.slack.dev/authentication/tokens"""
        if method.token == "none":
            return Token("", "none", set())
        if not value:
            raise Refused("not_authed")
        token = self.workspace.tokens.get(value)
        if token is None:
            raise Refused("invalid_auth")
        if token.trouble:
            raise Refused(token.trouble)
        if token.expires is not None and token.expires <= self.workspace.time.now():
            raise Refused("token_expired")
        if token.kind != method.token:
            raise Refused("not_allowed_token_type")
        return token

    def _too_fast(self, call: Call) -> Limited | None:
        """About one message a second in a channel, says docs.slack.dev/apis/web-api/rate-limits."""
        if self.faults.pace is None or call.method not in POSTS:
            return None
        channel, now = str(call.args.get("channel", "")), self.workspace.time.seconds()
        if now - self._posted.get(channel, 0.0) < self.faults.pace:
            return Limited(max(1, round(self.faults.pace)))
        self._posted[channel] = now
        return None

    def _scopes(self, request: web.Request, call: Call) -> dict[str, str]:
        token, method = self.workspace.tokens.get(_token(request, call.args)), METHODS.get(call.method)
        if token is None or method is None:
            return {}
        return {
            "X-OAuth-Scopes": ",".join(sorted(token.scopes)),
            "X-Accepted-OAuth-Scopes": ",".join(method.scopes),
        }


async def arguments(request: web.Request) -> Json:
    """The query, and the body as a form, multipart or JSON. What slack_sdk sends as "0" and "1" stays that."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.text()
        args |= _object(body)
    elif request.content_type.startswith(("application/x-www-form-urlencoded", "multipart/")):
        args |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return args | _basic(request.headers.get("Authorization", ""))


def _basic(header: str) -> Json:
    """How slack_sdk passes on the app's own id and secret."""
    if not header.startswith("Basic "):
        return {}
    login, _, password = base64.b64decode(header.removeprefix("Basic ")).decode("latin-1").partition(":")
    return {"client_id": login, "client_secret": password}


def _object(body: str) -> Json:
    try:
        given: Any = json.loads(body or "{}")
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _token(request: web.Request, args: Json) -> str:
    header = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ") if header.startswith("Bearer ") else str(args.get("token", ""))


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
