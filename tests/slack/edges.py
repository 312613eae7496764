"""Addresses beside the Web API: uploads, downloads and response_urls."""

import asyncio
from datetime import timedelta
from typing import Any

from aiohttp import web

from tests.slack.blocks import checked
from tests.slack.calls import Call, Calls
from tests.slack.faults import Download, Faults
from tests.slack.methods import Refused
from tests.slack.nouns import Channel, File, Json, Message, ResponseUrl
from tests.slack.workspace import Workspace

MOST_USES = 5
URL_LIVES = timedelta(minutes=30)
LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in to continue</body></html>"


class Edges:
    def __init__(self, workspace: Workspace, faults: Faults, calls: Calls) -> None:
        self.workspace = workspace
        self.faults = faults
        self.calls = calls

    # ------------------------------------------------------------------ files

    async def upload(self, request: web.Request) -> web.Response:
        """docs.slack.dev/reference/methods/files.getUploadURLExternal: raw bytes or a form, answered in plain text."""
        file = self.workspace.files.get(request.match_info["file"])
        if file is None or file.uploaded:
            return web.Response(status=404, text="not found")
        file.data = await _uploaded(request)
        if len(file.data) != file.length:
            return web.Response(status=400, text="length mismatch")
        file.uploaded = True
        return web.Response(text=f"OK - {file.length}")

    async def download(self, request: web.Request) -> web.StreamResponse:
        """docs.slack.dev/reference/objects/file-object: with a bearer token that has files:read; else a page to sign
        in, with status 200.
        """
        self.calls.all.append(Call("file", dict(request.match_info), self.workspace.time.now(), request.method))
        file = self.workspace.files.get(request.match_info["file"])
        if not self._may_read(request) or self.faults.download is Download.LOGIN_PAGE:
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        if file is None:
            return web.Response(status=404)
        if self.faults.download is Download.REDIRECT:
            return web.Response(status=302, headers={"Location": "http://files.attacker.example/" + file.name})
        if self.faults.download is not None:
            return await _endless(request, file, pause=0.05 if self.faults.download is Download.SLOW else 0.0)
        return web.Response(body=file.data, content_type=file.mimetype)

    def _may_read(self, request: web.Request) -> bool:
        token = self.workspace.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        return token is not None and not token.trouble and "files:read" in token.scopes

    # ------------------------------------------------------------------ response_url

    async def respond(self, request: web.Request) -> web.Response:
        """docs.slack.dev/interactivity/handling-user-interaction#message_responses: no token, five uses, 30 minutes."""
        body = await request.json()
        url = self.workspace.response_urls.get(request.match_info["url"])
        call = Call("response_url", body, self.workspace.time.now(), request.method)
        self.calls.all.append(call)
        try:
            self._say(_used(url, self.workspace), body)
        except Refused as refused:
            call.answer, call.status = refused.answer, 404
            return web.json_response(refused.answer, status=404)
        call.answer, call.status = {"ok": True}, 200
        return web.Response(text="ok")

    def _say(self, url: ResponseUrl, body: Json) -> None:
        """Ephemeral unless told otherwise; an ephemeral original can be replaced only here."""
        text, blocks = str(body.get("text") or ""), checked(body.get("blocks"))
        original = url.original
        if body.get("delete_original") and original is not None:
            self._drop(original)
        elif body.get("replace_original") and original is not None:
            self._replace(original, text, blocks)
        elif not text and not blocks:
            raise Refused("no_text")
        else:
            show(self.workspace, self.workspace.channels[url.channel], url.user, body)

    def _replace(self, original: Message, text: str, blocks: list[Json]) -> None:
        if original in self.workspace.ephemerals:
            original.text, original.blocks = text, blocks
        else:
            self.workspace.change(original, self.workspace.bot, text=text, blocks=blocks)

    def _drop(self, original: Message) -> None:
        if original in self.workspace.ephemerals:
            self.workspace.ephemerals.remove(original)
        else:
            self.workspace.delete(original)


def show(workspace: Workspace, channel: Channel, user: str, body: Json) -> None:
    """A message that is part of an answer: ephemeral unless it says `in_channel`."""
    text, blocks = str(body.get("text") or ""), checked(body.get("blocks"))
    if body.get("response_type") == "in_channel":
        thread_ts = str(body.get("thread_ts") or "")
        workspace.post(channel, workspace.bot, text, blocks=blocks, thread_ts=thread_ts)
    else:
        ts = workspace.next_ts(channel)
        workspace.ephemerals.append(Message(channel.id, ts, user, text, workspace.team, blocks))


def _used(url: ResponseUrl | None, workspace: Workspace) -> ResponseUrl:
    """The words of these errors are seen in the wild; the page names the limits alone."""
    if url is None:
        raise Refused("invalid_url")
    if workspace.time.now() - url.born > URL_LIVES:
        raise Refused("expired_url")
    if url.uses >= MOST_USES:
        raise Refused("used_url")
    url.uses += 1
    return url


async def _uploaded(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    fields: list[Any] = list((await request.post()).values())
    return b"".join(field.file.read() for field in fields if isinstance(field, web.FileField))


async def _endless(request: web.Request, file: File, pause: float) -> web.StreamResponse:
    """The file over and over, and never its end: at once, or a byte now and then."""
    response = web.StreamResponse(headers={"Content-Type": file.mimetype})
    await response.prepare(request)
    while True:
        await response.write(b"x" if pause else b"x" * 65_536)
        await asyncio.sleep(pause)
