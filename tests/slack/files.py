"""files.*: the three calls of an upload, and what is told of a file (docs.slack.dev/reference/methods)."""

from tests.slack.chat import posting_to
from tests.slack.methods import Ask, Methods, Refused, bad_arguments
from tests.slack.nouns import File, Json

METHODS = Methods()
method = METHODS.method


@method("files.getUploadURLExternal", "files:write")
def upload_url(ask: Ask) -> Json:
    workspace = ask.workspace
    name, length = ask.need("filename"), ask.number("length", 0)
    if length < 1:
        raise bad_arguments("must be greater than 0 [json-pointer:/length]")
    file = File(workspace.new_id("F"), name, workspace.bot.id, length=length)
    workspace.files[file.id] = file
    return {"ok": True, "upload_url": f"{workspace.url}/upload/v1/{file.id}", "file_id": file.id}


@method("files.completeUploadExternal", "files:write")
def complete_upload(ask: Ask) -> Json:
    """Shares the files where it's told to, all in one message; nowhere: they stay private."""
    given = ask.data("files")
    if not isinstance(given, list) or not given:
        raise bad_arguments("missing required field: files")
    files = [_uploaded(ask, one) for one in given]
    workspace = ask.workspace
    told = [workspace.file_json(file) for file in files]
    for name in filter(None, [ask.get("channel_id"), *ask.get("channels").split(",")]):
        channel, thread_ts = posting_to(ask, name)
        workspace.post(
            channel,
            workspace.bot,
            ask.get("initial_comment"),
            files=told,
            thread_ts=thread_ts,
            subtype="file_share",
        )
    return {"ok": True, "files": told}


@method("files.info", "files:read")
def info(ask: Ask) -> Json:
    file = ask.workspace.files.get(ask.need("file"))
    if file is None or not file.uploaded:
        raise Refused("file_not_found")
    return {"ok": True, "file": ask.workspace.file_json(file)}


def _uploaded(ask: Ask, given: Json) -> File:
    file = ask.workspace.files.get(str(given.get("id")))
    if file is None or not file.uploaded:
        raise Refused("file_not_found")
    file.title = str(given.get("title") or file.name)
    return file
