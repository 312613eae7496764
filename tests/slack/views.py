"""views.* (docs.slack.dev/reference/methods, docs.slack.dev/surfaces/modals): modals and the home tab."""

from datetime import timedelta
from typing import Any

from tests.slack.blocks import checked_view
from tests.slack.methods import Ask, Methods, Refused, bad_arguments
from tests.slack.nouns import Json, View
from tests.slack.workspace import Workspace

METHODS = Methods()
method = METHODS.method

TRIGGER_LIVES = timedelta(seconds=3)
MOST_STACKED = 3


@method("views.open")
def open_(ask: Ask) -> Json:
    body = _body(ask, "modal")
    user = _triggered(ask)
    return {"ok": True, "view": shown(ask.workspace, opened(ask.workspace, user, body))}


@method("views.push")
def push(ask: Ask) -> Json:
    body = _body(ask, "modal")
    user = _triggered(ask)
    below = stack(ask.workspace, user)
    if len(below) >= MOST_STACKED:
        raise Refused("push_limit_reached")
    return {"ok": True, "view": shown(ask.workspace, opened(ask.workspace, user, body, below[-1] if below else None))}


@method("views.update")
def update(ask: Ask) -> Json:
    view = _named(ask)
    body = _body(ask, "modal" if view.id in ask.workspace.views else "home")
    if ask.get("hash") and ask.get("hash") != view.hash:
        raise Refused("hash_conflict")
    replaced(ask.workspace, view, body)
    return {"ok": True, "view": shown(ask.workspace, view)}


@method("views.publish")
def publish(ask: Ask) -> Json:
    user = ask.need("user_id")
    if user not in ask.workspace.users:
        raise bad_arguments("user_id is not a valid user")
    body = _body(ask, "home")
    known = ask.workspace.homes.get(user)
    if known is not None and ask.get("hash") and ask.get("hash") != known.hash:
        raise Refused("hash_conflict")
    if known is None:
        known = ask.workspace.homes[user] = _new(ask.workspace, user, body)
    replaced(ask.workspace, known, body)
    return {"ok": True, "view": shown(ask.workspace, known)}


# ------------------------------------------------------------------ what a person sees


def stack(workspace: Workspace, user: str) -> list[View]:
    """The open modals of a person, the one on top last."""
    return [view for view in workspace.views.values() if view.user == user]


def opened(workspace: Workspace, user: str, body: Json, below: View | None = None) -> View:
    """A modal opened over nothing takes the place of all that were open."""
    if below is None:
        closed(workspace, user)
    view = _new(workspace, user, body)
    if below is not None:
        view.root, view.previous = below.root, below.id
    workspace.views[view.id] = view
    return view


def closed(workspace: Workspace, user: str, *, top_only: bool = False) -> None:
    open_views = stack(workspace, user)
    for view in open_views[-1:] if top_only else open_views:
        del workspace.views[view.id]


def replaced(workspace: Workspace, view: View, body: Json) -> None:
    view.body, view.hash = body, _new_hash(workspace)


def shown(workspace: Workspace, view: View, state: Json | None = None) -> Json:
    """docs.slack.dev/reference/interaction-payloads/view-interactions-payload: the view as payloads carry it."""
    usual = {"private_metadata": "", "callback_id": "", "external_id": "", "clear_on_close": False}
    return {
        **usual,
        **view.body,
        "id": view.id,
        "team_id": workspace.team,
        "app_id": workspace.app_id,
        "bot_id": workspace.bot.bot_id,
        "state": {"values": state or {}},
        "hash": view.hash,
        "root_view_id": view.root,
        "previous_view_id": view.previous or None,
    }


def _new(workspace: Workspace, user: str, body: Json) -> View:
    id_ = workspace.new_id("V")
    return View(id_, user, body, _new_hash(workspace), root=id_)


def _new_hash(workspace: Workspace) -> str:
    return f"{int(workspace.time.seconds())}.{workspace.new_id('')}"


# ------------------------------------------------------------------ what was asked


def _body(ask: Ask, kind: str) -> Any:
    if not ask.args.get("view"):
        raise bad_arguments("missing required field: view")
    body = checked_view(ask.data("view"), kind)
    external = body.get("external_id")
    known = [view for view in ask.workspace.views.values() if external and view.body.get("external_id") == external]
    if known and known[0].id != ask.get("view_id") and external != ask.get("external_id"):
        raise Refused("duplicate_external_id")
    return body


def _named(ask: Ask) -> View:
    views = [*ask.workspace.views.values(), *ask.workspace.homes.values()]
    for view in views:
        if view.id == ask.get("view_id") or (view.body.get("external_id") or None) == ask.get("external_id"):
            return view
    raise Refused("not_found")


def _triggered(ask: Ask) -> str:
    """Whose interaction it was. A view that was refused hasn't used the trigger up."""
    trigger = ask.workspace.triggers.get(ask.need("trigger_id"))
    if trigger is None:
        raise Refused("invalid_trigger_id")
    if trigger.used:
        raise Refused("exchanged_trigger_id")
    if ask.workspace.time.now() - trigger.born > TRIGGER_LIVES:
        raise Refused("expired_trigger_id")
    trigger.used = True
    return trigger.user
