"""HTTP mode: Slack calls us, with a signature (docs.slack.dev/authentication/verifying-requests-from-slack)."""

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.app.async_app import AsyncApp
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from connectors.slack.manifest import PATH

# Bytes. The longest message with its blocks is far below.
LARGEST = 1_000_000


def door(app: AsyncApp) -> Route:
    """Where the desk's HTTP application takes events."""

    async def take(request: Request) -> Response:
        try:
            body = await _body(request)
            asked = to_async_bolt_request(request, body)
        except (ValueError, RecursionError):
            # Before the signature is checked: Bolt takes the body apart first.
            return PlainTextResponse("this is no request of Slack's", 400)
        return to_starlette_response(await app.async_dispatch(asked))

    return Route(PATH, take, methods=["POST"])


async def _body(request: Request) -> bytes:
    """Raises ValueError when it is too large."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            raise ValueError("too large")
    return bytes(body)
