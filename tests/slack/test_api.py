"""The Web API of the fake, asked by slack_sdk's own client."""

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack import FakeSlack, Kind, Person
from tests.slack.conftest import error_of
from tests.slack.nouns import Channel, Json
from tests.slack.oauth import CLIENT_ID, CLIENT_SECRET

# ------------------------------------------------------------------ who calls


async def test_the_app_learns_who_it_is(slack: FakeSlack, client: AsyncWebClient) -> None:
    said = await client.auth_test()
    assert (said["user_id"], said["team_id"]) == (slack.bot_id, "T0HOME")
    assert "chat:write" in said.headers["x-oauth-scopes"]


async def test_tokens_are_looked_at_before_anything_else(slack: FakeSlack, client: AsyncWebClient) -> None:
    assert await error_of(client.auth_test(token="xoxb-other")) == "invalid_auth"
    assert await error_of(client.auth_test(token=slack.app_token)) == "not_allowed_token_type"
    assert await error_of(AsyncWebClient(base_url=slack.base_url).auth_test()) == "not_authed"
    assert await error_of(client.api_call("chat.postmessage")) == "unknown_method"
    slack.workspace.revoke()
    assert await error_of(client.auth_test()) == "token_revoked"
    slack.workspace.uninstall()
    assert await error_of(client.auth_test()) == "account_inactive"


async def test_a_missing_scope_is_named(slack: FakeSlack, client: AsyncWebClient, ann: Person) -> None:
    slack.workspace.bot_token.scopes.discard("users:read")
    with pytest.raises(SlackApiError) as refused:
        await client.users_info(user=ann.id)
    assert refused.value.response["error"] == "missing_scope"
    assert refused.value.response["needed"] == "users:read"
    assert "chat:write" in refused.value.response["provided"].split(",")


@pytest.mark.parametrize("form", ["query", "form", "json", "multipart"])
async def test_arguments_come_in_every_form(slack: FakeSlack, support: Channel, form: str) -> None:
    args = {"channel": support.id, "text": "hello"}
    given: Json = {
        "query": {"params": args},
        "form": {"data": args},
        "json": {"json": args},
        "multipart": {"data": args, "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
    }[form]
    if form == "multipart":
        parts = "".join(f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in args.items())
        given["data"] = f"{parts}--b--\r\n"
    headers = {"Authorization": f"Bearer {slack.bot_token}"} | given.pop("headers", {})
    async with (
        ClientSession() as session,
        session.post(f"{slack.base_url}chat.postMessage", headers=headers, **given) as response,
    ):
        assert (await response.json())["message"]["text"] == "hello"


# ------------------------------------------------------------------ people, places, files


async def test_people_of_all_kinds(slack: FakeSlack, client: AsyncWebClient, ann: Person) -> None:
    guest = slack.person("guest", kind=Kind.SINGLE_CHANNEL_GUEST)
    stranger = slack.person("stranger", external=True, email="s@away.example")
    known = (await client.users_info(user=ann.id))["user"]
    assert (known["profile"]["email"], known["is_stranger"]) == ("ann@cust.example", False)
    assert (await client.users_info(user=guest.id))["user"]["is_ultra_restricted"]
    foreign = (await client.users_info(user=stranger.id))["user"]
    assert (foreign["is_stranger"], foreign["team_id"]) == (True, "T0AWAY")
    assert (await client.users_lookupByEmail(email="ANN@cust.example"))["user"]["id"] == ann.id
    assert await error_of(client.users_lookupByEmail(email="s@away.example")) == "users_not_found"
    slack.workspace.bot_token.scopes.discard("users:read.email")
    assert "email" not in (await client.users_info(user=ann.id))["user"]["profile"]


async def test_channels_groups_and_direct_messages(
    slack: FakeSlack, client: AsyncWebClient, ann: Person, support: Channel
) -> None:
    told = (await client.conversations_info(channel=support.id))["channel"]
    assert (told["name"], told["is_member"], told["is_ext_shared"]) == ("support", True, False)
    assert sorted((await client.conversations_members(channel=support.id))["members"]) == sorted([ann.id, slack.bot_id])
    opened = (await client.conversations_open(users=[ann.id]))["channel"]["id"]
    assert opened == slack.dm(ann).id
    assert (await client.chat_postMessage(channel=ann.id, text="hi"))["channel"] == opened
    group = slack.user_group([ann])
    assert (await client.usergroups_users_list(usergroup=group))["users"] == [ann.id]
    slack.workspace.bot_token.scopes.discard("channels:read")
    assert await error_of(client.conversations_info(channel=support.id)) == "missing_scope"


async def test_reactions_and_permalinks(
    slack: FakeSlack, client: AsyncWebClient, ann: Person, support: Channel
) -> None:
    said = await ann.say(support, "hello")
    await client.reactions_add(channel=support.id, timestamp=said.ts, name="eyes")
    assert said.reactions == {"eyes": [slack.bot_id]}
    again = client.reactions_add(channel=support.id, timestamp=said.ts, name="eyes")
    assert await error_of(again) == "already_reacted"
    await client.reactions_remove(channel=support.id, timestamp=said.ts, name="eyes")
    assert said.reactions == {}
    link = (await client.chat_getPermalink(channel=support.id, message_ts=said.ts))["permalink"]
    assert link.endswith(f"/archives/{support.id}/p{said.ts.replace('.', '')}")


async def test_a_file_goes_up_in_three_calls_and_comes_down_with_the_token(
    slack: FakeSlack, client: AsyncWebClient, ann: Person, support: Channel
) -> None:
    root = await ann.say(support, "the log, please")
    await client.files_upload_v2(
        channel=support.id, thread_ts=root.ts, filename="log.txt", content="it burns", initial_comment="here"
    )
    [_, shared] = slack.messages(support, thread=root)
    assert (shared.text, shared.files[0]["name"]) == ("here", "log.txt")
    told = (await client.files_info(file=shared.files[0]["id"]))["file"]
    async with ClientSession() as session:
        good = {"Authorization": f"Bearer {slack.bot_token}"}
        async with session.get(told["url_private_download"], headers=good) as response:
            assert await response.text() == "it burns"
        async with session.get(told["url_private_download"]) as response:
            assert (response.status, response.content_type) == (200, "text/html")


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_an_installation_by_oauth_and_its_rotating_tokens(slack: FakeSlack, client: AsyncWebClient) -> None:
    async def access(**args: str) -> Json:
        given = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} | args
        answer: Json = (await client.oauth_v2_access(**given)).data  # type: ignore[assignment]
        return answer

    slack.workspace.token_rotation = True
    slack.workspace.codes["code"] = slack.person("admin").user
    granted = await access(code="code")
    assert await error_of(access(code="code")) == "invalid_code"
    assert (await client.auth_test(token=granted["access_token"]))["ok"]
    slack.advance(12 * 3600)
    assert await error_of(client.auth_test(token=granted["access_token"])) == "token_expired"
    refreshed = await access(grant_type="refresh_token", refresh_token=granted["refresh_token"])
    assert (await client.auth_test(token=refreshed["access_token"]))["ok"]
    again = access(grant_type="refresh_token", refresh_token=granted["refresh_token"])
    assert await error_of(again) == "invalid_refresh_token"
