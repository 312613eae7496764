"""`firstline eval`: request lines in, decision lines out, by the walk's own rules."""

import json
from pathlib import Path

import pytest

from tests.config.commands import Commands

SHARED = Path(__file__).parents[3] / "shared" / "triage"

ARTICLE = """---
title: Reset your password
tags: [password, reset, login]
url: https://x.example/reset
---
Open the page and press Send link. The link is valid for 30 minutes. The password needs ten characters.
"""
INTERNAL = (
    "---\ntitle: Elephants\ntags: [elephant]\naudience: internal\n---\nElephants are sold under the counter only.\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "handbook"
    made.mkdir()
    (made / "reset-password.md").write_text(ARTICLE)
    (made / "elephants.md").write_text(INTERNAL)
    (made / "categories.md").write_text("- access: passwords, login\n- other: all else\n")
    return made


def lines(*requests: object) -> bytes:
    return "\n".join(one if isinstance(one, str) else json.dumps(one) for one in requests).encode()


def request(id_: str, text: str, subject: str = "") -> dict[str, str]:
    return {"id": id_, "channel": "email", "subject": subject, "text": text}


def test_each_request_gets_a_decision(firstline: Commands, folder: Path) -> None:
    asked = lines(
        request("a", "How do I reset my password?"),
        request("b", "Do you sell elephants? How much is an elephant under the counter?"),
        "",
        request("c", "My lawyer will write to you."),
        request("d", "Thanks!"),
        request("e", "Wie kann ich mein Passwort zurücksetzen?"),
    )
    done = firstline("eval", "--decisions", "--knowledge", folder, said=asked)
    assert done.code == 0, done.err
    by_id = {one["id"]: one for one in done.json}
    assert [by_id[i]["action"] for i in "abcde"] == ["Answer", "FileTicket", "Escalate", "Ignore", "FileTicket"]
    assert by_id["a"]["articles"] == ["reset-password"]
    assert by_id["a"]["category"] == "access"
    assert "valid for 30 minutes" in by_id["a"]["answer"]
    assert by_id["c"]["priority"] == "high"
    assert by_id["e"]["language"] == "de"
    assert "automatische" in by_id["e"]["answer"]
    assert all(by_id[i]["articles"] == [] for i in "bcde")
    assert "counter" not in done.out


def test_with_a_folder_the_desks_own_store_is_left_alone(firstline: Commands, folder: Path) -> None:
    firstline("eval", "--decisions", "--knowledge", folder, said=lines(request("a", "x")))
    assert firstline.read(lambda look: look.articles.rows()) == []


def test_without_a_folder_the_desks_own_knowledge_counts(firstline: Commands, folder: Path) -> None:
    asked = lines(request("a", "How do I reset my password?"))
    assert firstline("eval", "--decisions", said=asked).json[0]["action"] == "FileTicket"
    firstline("knowledge", "add", folder)
    assert firstline("eval", "--decisions", said=asked).json[0]["action"] == "Answer"


@pytest.mark.parametrize(
    "line", ["nonsense", "[]", "7", "{}", '{"id": 1}', '{"id": "x", "text": []}', "[" * 100_000, '{"id": "\ud800"']
)
def test_a_line_that_is_no_request_is_told_and_the_others_decided(firstline: Commands, folder: Path, line: str) -> None:
    asked = line.encode("utf-8", "surrogatepass") + b"\n" + lines(request("a", "Thanks!"))
    done = firstline("eval", "--decisions", "--knowledge", folder, said=asked)
    assert (done.code, [one["id"] for one in done.json]) == (1, ["a"])
    assert done.err.startswith("line 1 is no request")


def test_a_text_that_no_database_would_keep_is_decided(firstline: Commands, folder: Path) -> None:
    asked = lines(request("a", "password\0 \ud800 reset?"))
    assert firstline("eval", "--decisions", "--knowledge", folder, said=asked).code == 0


def test_what_it_cannot_do_it_says(firstline: Commands, folder: Path, tmp_path: Path) -> None:
    assert firstline("eval").code == 2
    assert firstline("eval", "--decisions", "--knowledge", tmp_path / "nowhere").code == 2
    done = firstline("eval", "--decisions", "--triager", "openai", "--knowledge", folder)
    assert (done.code, done.out) == (2, "")
    assert "OPENAI__MODEL" in done.err


@pytest.mark.needs_shared
def test_the_labelled_requests_are_decided_well(firstline: Commands) -> None:
    """A floor well under what is reached, so that a change for the worse is seen."""
    labelled = [json.loads(line) for line in (SHARED / "requests.jsonl").read_text(encoding="utf-8").splitlines()]
    said = lines(*({k: v for k, v in one.items() if k != "expect"} for one in labelled))
    done = firstline("eval", "--decisions", "--knowledge", SHARED / "knowledge", said=said)
    assert done.code == 0, done.err
    got = {one["id"]: one for one in done.json}
    pairs = [(one["expect"], got[one["id"]]) for one in labelled]
    answers = [(wanted, one) for wanted, one in pairs if one["action"] == "Answer"]
    right = [one for wanted, one in answers if set(one["articles"]) & set(wanted["articles"])]
    assert len(right) >= 25
    assert len(right) / len(answers) >= 0.85
    assert sum(wanted["action"] == "escalate" and one["action"] != "Escalate" for wanted, one in pairs) <= 6
    assert not [one for wanted, one in pairs if one["action"] == "Ignore" and wanted["action"] != "ignore"]
    assert not [one for _, one in pairs if any(slug.startswith("internal") for slug in one["articles"])]
