"""`firstline eval --decisions --triager openai`: the same decisions without a desk."""

import asyncio
import json
import os
from pathlib import Path

from tests.crash.desk import PROGRAM
from tests.model_server import ModelServer, status

ARTICLE = """---
title: Reset your password
tags: [password, reset, login]
url: https://x.example/reset
---
Open the page and press Send link. The link is valid for 30 minutes. The password needs ten characters.
"""
ASKED = [
    {"id": "a", "channel": "email", "subject": "", "text": "How do I reset my password?"},
    {"id": "b", "channel": "email", "subject": "", "text": "My lawyer will write to you."},
]


async def evaluated(folder: Path, **environ: str) -> tuple[int, list[dict[str, object]], str]:
    (folder / "handbook").mkdir()
    (folder / "handbook" / "reset-password.md").write_text(ARTICLE)
    (folder / "handbook" / "categories.md").write_text("- access: passwords, login\n- other: all else\n")
    process = await asyncio.create_subprocess_exec(
        *(PROGRAM, "eval", "--decisions", "--triager", "openai", "--knowledge", "handbook"),
        env={"PATH": os.environ["PATH"]} | {f"FIRSTLINE__OPENAI__{name}": value for name, value in environ.items()},
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said = "\n".join(json.dumps(one) for one in ASKED).encode()
    out, err = await asyncio.wait_for(process.communicate(said), 60)
    return process.returncode or 0, [json.loads(line) for line in out.splitlines()], err.decode()


async def test_the_model_decides(tmp_path: Path) -> None:
    async with ModelServer() as server:
        code, lines, err = await evaluated(tmp_path, BASE_URL=server.url, MODEL="tiny", API_KEY="sk-x")
    assert (code, err) == (0, "")
    assert [(one["id"], one["action"]) for one in lines] == [("a", "Answer"), ("b", "Escalate")]
    assert lines[0]["articles"] == ["reset-password"]
    assert len(server.requests) == 2


async def test_budgets_are_off_and_nobody_is_put_off(tmp_path: Path) -> None:
    async with ModelServer(always=status(429, Retry_After="40")) as server:
        code, lines, err = await evaluated(tmp_path, BASE_URL=server.url, MODEL="tiny", TOKENS_A_DAY="1")
    assert (code, [one["action"] for one in lines]) == (0, ["Answer", "Escalate"]), err
    assert len(server.requests) == 2


async def test_without_a_model_it_says_which_setting_is_missing(tmp_path: Path) -> None:
    code, lines, err = await evaluated(tmp_path)
    assert (code, lines) == (2, [])
    assert "OPENAI__MODEL" in err
