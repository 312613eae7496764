"""What `firstline check` says about the desk itself: database, clock, keys, knowledge, people, budget."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from bot.ids import new_id
from bot.model import Agent, Arrival, Role
from bot.rows import Spent
from config.check.database import clocks, schema
from config.check.desk import called, enough, workers
from config.check.model import within
from config.sections import OpenAI
from config.settings import Settings
from storage.migrate import State
from tests.config.commands import Commands, filed, owed

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def finding(commands: Commands, name: str) -> dict[str, object]:
    (line,) = [line for line in commands("check", "--json").json if line["name"] == name]
    return line


def agent(role: Role, active: bool = True) -> Agent:
    return Agent(new_id(), "bea", role, active=active)


# ------------------------------------------------------------------ rules


@pytest.mark.parametrize(
    ("state", "server", "wrong"),
    [
        (State.CURRENT, True, False),
        (State.EMPTY, True, True),
        (State.BEHIND, True, True),
        (State.EMPTY, False, False),
        (State.BEHIND, False, False),
        (State.FUTURE, False, True),
    ],
)
def test_schemas(state: State, server: bool, wrong: bool) -> None:
    assert (schema(state, server=server) is not None) is wrong


@pytest.mark.parametrize(
    ("host", "server", "kept_later", "said"),
    [
        (NOW, None, False, ""),
        (NOW, NOW + timedelta(seconds=9), False, ""),
        (NOW, NOW - timedelta(seconds=90), False, "90 s apart"),
        (NOW, None, True, "set back"),
        (NOW.replace(year=1970), None, False, "1970-03-02"),
    ],
)
def test_clocks(host: datetime, server: datetime | None, kept_later: bool, said: str) -> None:
    problems = list(clocks(host, server, kept_later=kept_later))
    assert bool(problems) is bool(said)
    assert all(said in problem.text for problem in problems)


def test_budgets() -> None:
    assert within(OpenAI(tokens_a_day=100), Spent(99, 0)).ok
    assert not within(OpenAI(tokens_a_day=100), Spent(100, 0)).ok
    money = OpenAI(tokens_a_day=0, money_a_day=1, price_in=1)
    assert within(money, Spent(10**9, 0.5)).ok
    assert not within(money, Spent(0, 1.0)).ok
    assert "any amount" in within(OpenAI(tokens_a_day=0), Spent()).problems[0].text


def test_knowledge() -> None:
    assert enough(["hours"], ["billing"], ["billing", "other"]) == []
    assert [problem.text for problem in enough([], [], ["billing"])] == [
        "there is no article: nothing can be answered",
        "there are no categories",
    ]
    (problem,) = enough(["hours"], ["billing"], ["biling"])
    assert "biling" in problem.text


def test_people() -> None:
    assert workers([agent(Role.AGENT)]) is None
    for nobody in ([], [agent(Role.AUDITOR)], [agent(Role.LEAD, active=False)]):
        assert "firstline agent add" in str(workers(nobody))


def test_calls_to_people_must_not_come_in_by_our_own_door() -> None:
    for mail, problems in (("oncall@corp.example", 0), ("oncall@Desk.example", 1), (None, 0)):
        ours = Settings.model_validate({"smtp": {"domains": ["desk.example"]}, "agents": {"mail": mail}})
        assert len(list(called(ours))) == problems


def test_agents_who_answer_by_mail_need_somebody_who_vouches_for_them() -> None:
    by_mail = {"agents": {"mail": "oncall@corp.example", "by_mail": True}}
    (problem,) = called(Settings.model_validate(by_mail))
    assert "SMTP__AUTHSERV_ID" in problem.do
    believing = {"smtp": {"authserv_id": "mx.corp.example", "upstreams": ["10.0.0.0/8"]}}
    assert list(called(Settings.model_validate(by_mail | believing))) == []


# ------------------------------------------------------------------ looking


def test_a_database_that_is_in_order(firstline_on_both: Commands) -> None:
    assert finding(firstline_on_both, "database")["ok"]
    assert finding(firstline_on_both, "clock")["ok"]


def test_a_server_without_a_schema(firstline: Commands, postgresql_url: str) -> None:
    firstline.monkeypatch.setenv("FIRSTLINE__DATABASE__URL", postgresql_url)
    line = finding(firstline, "database")
    assert not line["ok"]
    assert "firstline migrate" in str(line["do"])


def test_a_server_that_is_away_and_its_password(firstline: Commands) -> None:
    firstline.monkeypatch.setenv("FIRSTLINE__DATABASE__URL", "postgresql://u:hunter2@127.0.0.1:1/none")
    done = firstline("check", "--json")
    lines = {line["name"]: line for line in done.json}
    assert not lines["database"]["ok"]
    assert "DATABASE__URL" in lines["database"]["do"]
    assert lines["clock"]["ok"]
    assert "hunter2" not in done.out + done.err


def test_a_file_that_is_no_database(firstline: Commands) -> None:
    Path(firstline.url.removeprefix("sqlite:///")).write_bytes(b"not a database at all, but long enough" * 100)
    assert not finding(firstline, "database")["ok"]


def test_looking_makes_and_migrates_nothing(firstline: Commands) -> None:
    firstline.monkeypatch.setenv("FIRSTLINE__DATABASE__URL", "sqlite:///var/new.db")
    line = finding(firstline, "database")
    assert line["ok"]
    assert "is made when the desk starts" in str(line["note"])
    assert not Path("var").exists()


def test_a_whole_file_is_read_when_asked_to(firstline: Commands) -> None:
    done = firstline("check", "--json", "--thorough")
    assert next(line for line in done.json if line["name"] == "database")["ok"]
    file = Path(firstline.url.removeprefix("sqlite:///"))
    with file.open("r+b") as damaged:
        damaged.seek(file.stat().st_size // 2 // 4096 * 4096)
        damaged.write(b"\xff" * 4096)
    done = firstline("check", "--json", "--thorough")
    line = next(line for line in done.json if line["name"] == "database")
    assert not line["ok"]
    assert "restore" in line["do"] or "disk" in line["do"]


def test_a_clock_that_was_set_back(firstline: Commands) -> None:
    """Ids begin with the time: nothing but another host's clock has to be later for it."""
    later = UUID(int=int((datetime.now(UTC) + timedelta(hours=1)).timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62)
    firstline.write(lambda tx: tx.arrivals.keep([Arrival(later, "smtp", "k", b"x", {})]))
    assert "set back" in str(finding(firstline, "clock")["problem"])


def test_keys_that_are_not_made_yet_and_keys_that_are_lost(firstline: Commands) -> None:
    assert finding(firstline, "keys")["ok"]
    firstline.write(lambda tx: owed(tx, filed(tx)))
    line = finding(firstline, "keys")
    assert not line["ok"]
    assert "restore it from the backup" in str(line["do"])
    Path("var").mkdir(exist_ok=True)
    Path("var/keys").write_text("not a key\n")
    assert "holds no key" in str(finding(firstline, "keys")["problem"])


def test_agents_and_articles_in_the_database_are_seen(firstline: Commands) -> None:
    assert not finding(firstline, "agents")["ok"]
    firstline("agent", "add", "bea")
    assert finding(firstline, "agents")["ok"]
    Path("articles").mkdir()
    Path("articles/hours.md").write_text("---\ntitle: Hours\n---\nNine to five.\n")
    Path("articles/categories.md").write_text("- other: all\n")
    firstline("knowledge", "add", "articles")
    assert finding(firstline, "knowledge")["ok"]


def test_a_folder_of_knowledge_that_cant_be_understood(firstline: Commands) -> None:
    Path("articles").mkdir()
    Path("articles/hours.md").write_text("no front matter\n")
    firstline.monkeypatch.setenv("FIRSTLINE__KNOWLEDGE__FOLDER", "articles")
    assert "hours.md: no front matter" in str(finding(firstline, "knowledge")["problem"])


def test_why_nothing_is_answered_is_said(firstline: Commands) -> None:
    firstline.monkeypatch.setenv("FIRSTLINE__DESK__WATCH", "true")
    firstline.monkeypatch.setenv("FIRSTLINE__TRIAGE__LEVELS", "billing=off")
    firstline("triage", "stop")
    line = finding(firstline, "mode")
    assert line["ok"]
    for said in ("level draft", "billing off", "watch only", "triage is stopped by op"):
        assert said in str(line["note"])
