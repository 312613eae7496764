"""users.*, usergroups.*, team.info, bots.info, auth.* and apps.connections.open (docs.slack.dev/reference/methods)."""

from tests.slack.methods import Ask, Methods, Refused
from tests.slack.nouns import Json

METHODS = Methods()
method = METHODS.method


@method("api.test", token="none")
def api_test(ask: Ask) -> Json:
    if error := ask.get("error"):
        raise Refused(error, args=ask.args)
    return {"ok": True, "args": ask.args}


@method("auth.test")
def auth_test(ask: Ask) -> Json:
    workspace = ask.workspace
    return {
        "ok": True,
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.domain.title(),
        "user": workspace.bot.name,
        "team_id": workspace.team,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot.bot_id,
        "app_id": workspace.app_id,
        "is_enterprise_install": False,
    }


@method("auth.revoke")
def auth_revoke(ask: Ask) -> Json:
    if not ask.flag("test"):
        ask.workspace.revoke()
    return {"ok": True, "revoked": not ask.flag("test")}


@method("users.info", "users:read")
def user_info(ask: Ask) -> Json:
    user = ask.workspace.users.get(ask.need("user"))
    if user is None:
        raise Refused("user_not_found")
    return {"ok": True, "user": user.as_json(with_email="users:read.email" in ask.token.scopes)}


@method("users.lookupByEmail", "users:read.email")
def lookup(ask: Ask) -> Json:
    email = ask.need("email").lower()
    for user in ask.workspace.users.values():
        if user.email.lower() == email and not user.deleted and user.team == ask.workspace.team:
            return {"ok": True, "user": user.as_json(with_email=True)}
    raise Refused("users_not_found")


@method("usergroups.users.list", "usergroups:read")
def group_members(ask: Ask) -> Json:
    users = ask.workspace.groups.get(ask.need("usergroup"))
    if users is None:
        raise Refused("no_such_subteam")
    return {"ok": True, "users": users}


@method("team.info", "team:read")
def team_info(ask: Ask) -> Json:
    workspace = ask.workspace
    return {"ok": True, "team": {"id": workspace.team, "name": workspace.domain.title(), "domain": workspace.domain}}


@method("bots.info", "users:read")
def bot_info(ask: Ask) -> Json:
    for user in ask.workspace.users.values():
        if user.bot_id and user.bot_id == ask.get("bot"):
            bot = {"id": user.bot_id, "app_id": user.app_id, "user_id": user.id, "name": user.name}
            return {"ok": True, "bot": bot | {"deleted": user.deleted}}
    raise Refused("bot_not_found")


@method("apps.connections.open", "connections:write", token="app")
def connections_open(ask: Ask) -> Json:
    """docs.slack.dev/apis/events-api/using-socket-mode. With which error it refuses when Socket Mode is switched off
    isn't documented; this is the general one.
    """
    if not ask.workspace.socket_mode:
        raise Refused("access_denied")
    ticket = ask.workspace.new_id("ticket-")
    ask.workspace.tickets.add(ticket)
    host = ask.workspace.url.removeprefix("http")
    return {"ok": True, "url": f"ws{host}/link/?ticket={ticket}&app_id={ask.workspace.app_id}"}
