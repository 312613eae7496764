"""oauth.v2.access (docs.slack.dev/authentication/installing-with-oauth and …/using-token-rotation)."""

import secrets
from datetime import timedelta

from tests.slack.methods import Ask, Methods, Refused
from tests.slack.nouns import Json, Token, User

METHODS = Methods()
method = METHODS.method

CLIENT_ID = "1234.5678"
CLIENT_SECRET = "client-secret"
TOKEN_LIVES = timedelta(hours=12)


@method("oauth.v2.access", token="none")
def access(ask: Ask) -> Json:
    """A code, or a refresh token, each good for once."""
    if ask.get("client_id") != CLIENT_ID:
        raise Refused("invalid_client_id")
    if ask.get("client_secret") != CLIENT_SECRET:
        raise Refused("bad_client_secret")
    if ask.get("grant_type") == "refresh_token":
        return _refreshed(ask)
    installer = ask.workspace.codes.pop(ask.get("code"), None)
    if installer is None:
        raise Refused("invalid_code")
    return _granted(ask, installer)


def _granted(ask: Ask, installer: User) -> Json:
    answer = _answer(ask, {"id": installer.id})
    return answer | (_rotating(ask) if ask.workspace.token_rotation else {})


def _refreshed(ask: Ask) -> Json:
    known = ask.workspace.refresh_tokens
    if ask.get("refresh_token") not in known:
        raise Refused("invalid_refresh_token")
    known.discard(ask.get("refresh_token"))
    return _answer(ask, {}) | _rotating(ask)


def _rotating(ask: Ask) -> Json:
    """The token that was good until now stays good until it ends by itself."""
    workspace = ask.workspace
    token = Token(f"xoxe.xoxb-1-{secrets.token_hex(12)}", "bot", set(workspace.bot_token.scopes))
    token.expires = workspace.time.now() + TOKEN_LIVES
    workspace.tokens[token.value] = token
    refresh = f"xoxe-1-{secrets.token_hex(12)}"
    workspace.refresh_tokens.add(refresh)
    return {"access_token": token.value, "refresh_token": refresh, "expires_in": int(TOKEN_LIVES.total_seconds())}


def _answer(ask: Ask, authed_user: Json) -> Json:
    workspace = ask.workspace
    return {
        "ok": True,
        "app_id": workspace.app_id,
        "authed_user": authed_user,
        "scope": ",".join(sorted(workspace.bot_token.scopes)),
        "token_type": "bot",
        "access_token": workspace.bot_token.value,
        "bot_user_id": workspace.bot.id,
        "team": {"id": workspace.team, "name": workspace.domain.title()},
        "enterprise": None,
        "is_enterprise_install": False,
    }
