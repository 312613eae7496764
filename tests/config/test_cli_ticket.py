"""firstline ticket and firstline agent: what waits for people, and what they do about it."""

from pathlib import Path

import pytest

from bot.ids import new_id
from bot.model import (
    Action,
    Actor,
    ActorKind,
    Answer,
    Attachment,
    Citation,
    Conversation,
    ConversationState,
    Decision,
    File,
    FileTicket,
    Inbound,
    Kind,
    Level,
    ParcelKind,
    Passage,
    Proposal,
    Role,
    TicketState,
    Visibility,
)
from bot.store import Transaction
from config.cli import ticket
from tests.config.commands import ANN, Commands, audited, filed, there, thread_of, ticketed

PASSAGE = Passage(new_id(), "parcels", "Parcels", "", "They take a week.")
ANSWER = Answer("A week.", (Citation(PASSAGE, "They take a week."),))


def agents(tx: Transaction, *names: str) -> None:
    for name in names:
        tx.people.add_agent(name, Role.AUDITOR if name == "olga" else Role.AGENT, [])


def waiting(tx: Transaction) -> int:
    return ticketed(tx, filed(tx))


def decided(tx: Transaction, conversation: Conversation, action: Action) -> None:
    cost = {"model": "m", "prompt_hash": "ab12", "tokens_in": 900, "tokens_out": 120, "cost": 0.25, "seconds": 1.5}
    proposal = Proposal(ANSWER, "openai", evidence={"best": 0.25}, **cost)
    tx.conversations.decide(
        Decision(
            id=new_id(),
            conversation=conversation.id,
            turn=0,
            revision=conversation.revision,
            saw=tuple(m.id for m in conversation.messages),
            action=action,
            proposal=proposal,
            level=Level.DRAFT,
            overruled=("level",),
        )
    )


# ------------------------------------------------------------------ list, show


def test_the_list_has_what_waits_and_with_all_the_rest(firstline_on_both: Commands) -> None:
    firstline = firstline_on_both

    def work(tx: Transaction) -> None:
        for n in range(3):
            ticketed(tx, filed(tx, key=f"{n}@example.org"), title=f"Parcel {n}")
        tx.tickets.become(1002, TicketState.CLOSED)

    firstline.write(work)
    rows = firstline("ticket", "list", "--json").json
    assert [(row["number"], row["title"]) for row in rows] == [(1001, "Parcel 0"), (1003, "Parcel 2")]
    assert rows[0]["state"] == "new"
    assert rows[0]["reason"] == "no strong evidence"
    everything = firstline("ticket", "list", "--all", "--json").json
    assert [row["state"] for row in everything] == ["new", "closed", "new"]
    assert len(firstline("ticket", "list").out.splitlines()) == 3


def test_all_tickets_are_listed_however_many(firstline: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticket, "PAGE", 2)
    firstline.write(lambda tx: [ticketed(tx, filed(tx, key=f"{n}@example.org")) for n in range(5)])
    numbers = [row["number"] for row in firstline("ticket", "list", "--json").json]
    assert numbers == [1001, 1002, 1003, 1004, 1005]


def test_a_ticket_is_shown_with_all_that_is_known(firstline_on_both: Commands) -> None:
    firstline = firstline_on_both
    hint = new_id()

    def work(tx: Transaction) -> None:
        agents(tx, "bob")
        conversation = filed(tx, "Where is \x1b[1mmy parcel?\nTicket 1: closed")
        decided(tx, conversation, FileTicket("level draft", draft=ANSWER))
        number = ticketed(tx, conversation, draft="A week.")
        tx.tickets.call(tx.tickets.get(number).id, "an angry customer")
        listed = Attachment(1, "bill\u202efdp.exe", "application/pdf", 12, "00", inline=False)
        more = Inbound(Kind.MESSAGE, ANN, text="More", reply="More", attachments=(listed,), problems=("cut",))
        other = tx.conversations.open(team="support", channel="smtp", customer=ANN, subject="", possible_reply_to=hint)
        tx.conversations.add(other, None, None, more, tx.now)
        ticketed(tx, there(tx, other))

    firstline.write(work)
    firstline("ticket", "note", 1001, "Ann is a friend of ours.")
    (whole,) = firstline("ticket", "show", 1001, "--json").json
    assert whole["customer"] == {"kind": "mail", "value": "ann@example.org", "proven": False}
    assert [(m["author"], m["note"]) for m in whole["messages"]] == [("customer", False), ("agent", True)]
    assert whole["draft"] == "A week."
    assert whole["escalations"][0]["reason"] == "an angry customer"
    (decision,) = whole["decisions"]
    assert (decision["action"], decision["proposed"], decision["overruled"]) == ("FileTicket", "Answer", ["level"])
    assert (decision["model"], decision["prompt_hash"], decision["seconds"]) == ("m", "ab12", 1.5)
    assert (decision["tokens_in"], decision["tokens_out"], decision["cost"]) == (900, 120, 0.25)
    assert decision["evidence"] == {"best": 0.25}
    assert decision["citations"][0]["quote"] == "They take a week."

    out = firstline("ticket", "show", 1001).out
    for words in (
        "Ticket 1001: Parcel",
        "no strong evidence",
        "unverified",
        "an angry customer (nobody is called",
        "NOTE of agent bob (for agents only):\n  Ann is a friend of ours.",
        "FileTicket: level draft, overruled by level (proposed Answer)",
        "openai, m, 1020 tokens, level draft",
        "best: 0.25",
        "parcels: “They take a week.”",
        "Draft, not sent:\n  A week.",
        "  Where is ?[1mmy parcel?\n  Ticket 1: closed",
    ):
        assert words in out
    out = firstline("ticket", "show", 1002).out
    assert f"May continue: {hint}" in out
    assert "[attachment: bill?fdp.exe, application/pdf, 12 bytes]" in out
    assert "[not all could be read: cut]" in out


def test_a_proven_customer_is_shown_as_such(firstline: Commands) -> None:
    firstline.write(lambda tx: (waiting(tx), tx.people.prove(ANN)))
    assert "ann@example.org (proven)" in firstline("ticket", "show", 1001).out


def test_a_ticket_that_is_not_there_is_named(firstline: Commands) -> None:
    firstline.write(lambda tx: agents(tx, "bob"))
    for words in (["show", 77], ["take", 77], ["reply", 77, "Hello"], ["note", 77, "Hello"], ["close", 77]):
        ended = firstline("ticket", *words)
        assert (ended.code, ended.out) == (1, "")
        assert "no ticket 77" in ended.err


# ------------------------------------------------------------------ what Agents do


def test_a_taken_ticket_silences_the_bot(firstline: Commands) -> None:
    firstline.write(lambda tx: (agents(tx, "bob"), waiting(tx)))
    assert firstline("ticket", "take", 1001).out == "ticket 1001 is bob's now\n"
    taken = firstline.read(lambda look: look.tickets.get(1001))
    assert (taken.assignee, taken.state) == ("bob", TicketState.OPEN)
    conversation = firstline.read(lambda look: there(look, taken.conversation))
    assert conversation.state is ConversationState.HUMAN
    assert audited(firstline, taken.id) == [(Actor(ActorKind.AGENT, "bob"), "take")]


def test_a_reply_is_owed_to_the_customer(firstline: Commands) -> None:
    conversation = firstline.write(lambda tx: (agents(tx, "bob"), found := filed(tx), ticketed(tx, found))[1])
    text = "It arrives on Tuesday.\n\nGrüße, Bob"
    assert firstline("ticket", "reply", 1001, said=f"{text}\n".encode()).code == 0
    thread = firstline.read(lambda look: thread_of(look, conversation))
    parcel = firstline.read(lambda look: look.outbox.next_in(thread.id))
    assert (parcel.text, parcel.kind, parcel.ticket) == (text, ParcelKind.AGENT, 1001)
    assert not parcel.automatic
    assert firstline.read(lambda look: look.tickets.get(1001)).state is TicketState.PENDING
    (row,) = firstline("outbox", "list", "--json").json
    assert (row["kind"], row["to"], row["ticket"]) == ("agent", ["ann@example.org"], 1001)


def test_files_go_with_a_reply(firstline_on_both: Commands, tmp_path: Path) -> None:
    firstline = firstline_on_both
    conversation = firstline.write(lambda tx: (agents(tx, "bob"), found := filed(tx), ticketed(tx, found))[1])
    (tmp_path / "März.pdf").write_bytes(b"%PDF\0")
    (tmp_path / "logs.tar.gz").write_bytes(b"")
    attach = [word for name in ("März.pdf", "logs.tar.gz") for word in ("--attach", tmp_path / name)]
    assert firstline("ticket", "reply", 1001, "Here.", *attach).code == 0
    thread = firstline.read(lambda look: thread_of(look, conversation))
    parcel = firstline.read(lambda look: look.outbox.next_in(thread.id))
    assert parcel.text == "Here."
    assert parcel.files == (
        File("März.pdf", "application/pdf", b"%PDF\0"),
        File("logs.tar.gz", "application/octet-stream", b""),
    )


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["nowhere.pdf"], "there is no such file"),
        (["folder"], "no plain file"),
        (["half", "half", "half"], "more than the 20 MB"),
        (["small"] * 21, "at most 20"),
    ],
)
def test_what_cannot_be_sent_along_stops_the_whole_reply(
    firstline: Commands, tmp_path: Path, names: list[str], problem: str
) -> None:
    firstline.write(lambda tx: (agents(tx, "bob"), waiting(tx)))
    (tmp_path / "folder").mkdir()
    (tmp_path / "half").write_bytes(bytes(9_000_000))
    (tmp_path / "small").write_bytes(b"x")
    attach = [word for name in names for word in ("--attach", tmp_path / name)]
    ended = firstline("ticket", "reply", 1001, "Here.", *attach)
    assert (ended.code, ended.out) == (2, "")
    assert problem in ended.err
    assert firstline("outbox", "list", "--json").json == []


def test_a_note_is_owed_to_nobody(firstline: Commands) -> None:
    conversation = firstline.write(lambda tx: (agents(tx, "bob"), found := filed(tx), ticketed(tx, found))[1])
    firstline("ticket", "note", 1001, "-", said=b"Careful.")
    last = firstline.read(lambda look: there(look, conversation.id)).messages[-1]
    assert (last.text, last.visibility) == ("Careful.", Visibility.NOTE)
    assert firstline("outbox", "list", "--json").out == ""


def test_a_remark_stays_with_the_ticket(firstline: Commands) -> None:
    firstline.write(lambda tx: (agents(tx, "bob"), waiting(tx)))
    firstline("ticket", "take", 1001)
    assert firstline("ticket", "close", 1001, "It had arrived.").out == "ticket 1001 is closed\n"
    (whole,) = firstline("ticket", "show", 1001, "--json").json
    assert (whole["state"], whole["conversation_state"]) == ("closed", "closed")
    assert (whole["messages"][-1]["text"], whole["messages"][-1]["note"]) == ("It had arrived.", True)
    assert firstline("outbox", "list", "--json").out == ""


def test_a_desk_that_only_watches_takes_no_reply(firstline: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    firstline.write(lambda tx: (agents(tx, "bob"), waiting(tx)))
    monkeypatch.setenv("FIRSTLINE__DESK__WATCH", "true")
    ended = firstline("ticket", "reply", 1001, "It is on its way.")
    assert ended.code == 1
    assert "DESK__WATCH" in ended.err
    assert firstline("outbox", "list", "--json").json == []


def test_a_closed_ticket_takes_no_reply(firstline: Commands) -> None:
    firstline.write(lambda tx: (agents(tx, "bob"), waiting(tx)))
    firstline("ticket", "close", 1001)
    ended = firstline("ticket", "reply", 1001, "One thing more")
    assert ended.code == 1
    assert "is closed" in ended.err


@pytest.mark.parametrize(
    ("text", "said"), [(" \n", b""), ("-", b"\n"), (None, b""), ("-", b"\xff\xfe"), ("-", b"a\0b")]
)
def test_no_words_are_no_reply(firstline: Commands, text: str | None, said: bytes) -> None:
    firstline.write(lambda tx: (agents(tx, "bob"), waiting(tx)))
    for verb in ("reply", "note"):
        ended = firstline("ticket", verb, 1001, *([text] if text else []), said=said)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith("firstline: ")
    assert len(firstline("ticket", "show", 1001, "--json").json[0]["messages"]) == 1


# ------------------------------------------------------------------ as whom


def test_the_only_active_agent_needs_no_name(firstline: Commands) -> None:
    firstline.write(lambda tx: (agents(tx, "bob"), waiting(tx)))
    assert "bob" in firstline("ticket", "take", 1001).out


def test_among_several_the_login_says_who(firstline: Commands) -> None:
    firstline.write(lambda tx: (agents(tx, "bob", "cid"), waiting(tx)))
    ended = firstline("ticket", "take", 1001)
    assert ended.code == 2
    assert "bob, cid" in ended.err
    firstline("agent", "add", "anna", "--terminal", "anna")
    firstline("agent", "add", "dora", "--terminal", "op")
    assert "dora" in firstline("ticket", "take", 1001).out
    firstline("ticket", "release", 1001)
    assert "cid" in firstline("ticket", "take", 1001, "--as", "cid").out


def test_without_agents_one_has_to_be_added(firstline: Commands) -> None:
    firstline.write(waiting)
    ended = firstline("ticket", "take", 1001)
    assert ended.code == 2
    assert "firstline agent add" in ended.err


def test_an_unknown_agent_is_wrong_use(firstline: Commands) -> None:
    firstline.write(lambda tx: (agents(tx, "bob"), waiting(tx)))
    ended = firstline("ticket", "take", 1001, "--as", "eve")
    assert ended.code == 2
    assert "no agent eve" in ended.err


def test_an_auditor_may_only_look(firstline: Commands) -> None:
    firstline.write(lambda tx: (agents(tx, "olga"), waiting(tx)))
    ended = firstline("ticket", "reply", 1001, "Hello")
    assert ended.code == 1
    assert "olga is auditor and may not reply" in ended.err
    assert firstline("ticket", "show", 1001).code == 0
