"""The Triager without a model: it answers what approved knowledge says in so many words, and nothing else."""

from collections.abc import Sequence

import pytest

from bot.knowledge import evidence
from bot.knowledge.evidence import STRONG
from bot.model import Answer, Category, Conversation, Escalate, FileTicket, Ignore, Level, Passage, Priority, Proposal
from bot.rows import Hit
from bot.triage import Rules, decide, without
from bot.triagers import TriageUnavailable
from bot.triagers.instant import InstantTriager
from bot.triagers.local import LocalTriager
from tests.bot.talk import answer, passage, proposes, says, talk

RESET = passage(
    "Open https://x.example/forgot and press Send link. The link is valid for 2 hours.",
    article="reset-password",
    title="Reset your password",
    heading="password, login, reset",
)
SHIPPING = passage("We ship within 3 days.", article="shipping", title="Shipping times", heading="shipping, delivery")
GERMAN = passage(
    "Öffnen Sie die Seite und drücken Sie auf Senden. Der Link ist nicht länger als 2 Stunden gültig.",
    article="passwort",
    title="Passwort zurücksetzen",
    heading="passwort, zurücksetzen, anmelden",
)
CATEGORIES = [
    Category("access", "signing in: passwords, login"),
    Category("shipping", "delivery times, parcels"),
    Category("security", "break-in, leaks, data"),
    Category("other", "press, jobs, anything else"),
]


class Known:
    """Finds every passage that it was given, and records what was searched for."""

    def __init__(self, *passages: Passage) -> None:
        self.hits = [Hit(one, 1.0) for one in passages]
        self.asked: list[list[str]] = []

    async def search(self, asked: Sequence[str]) -> Sequence[Hit]:
        self.asked.append(list(asked))
        return self.hits

    async def categories(self) -> Sequence[Category]:
        return CATEGORIES


async def proposal(conversation: Conversation, *passages: Passage) -> Proposal:
    known = Known(*(passages or (RESET, SHIPPING)))
    return await LocalTriager(known.search, known.categories).decide(conversation)


async def test_strong_evidence_is_quoted_with_its_source() -> None:
    got = await proposal(talk(says("How do I reset my password?", subject="Re: Login")))
    assert isinstance(got.action, Answer)
    assert got.action.text == f"{RESET.text}\n\n“Reset your password” https://x.example/help"
    assert got.action.articles == ("reset-password",)
    assert [citation.quote for citation in got.action.citations] == [RESET.text]
    assert (got.triager, got.category, got.language, got.summary) == ("local", "access", "en", "Login")
    assert got.evidence["article"] == "reset-password"
    assert got.evidence["probability"] >= STRONG
    assert got.evidence["others"] == ["shipping"]


async def test_an_article_without_an_address_is_named() -> None:
    bare = passage(RESET.text, article="a", title=RESET.title, heading=RESET.heading, url="")
    got = await proposal(talk("How do I reset my password?"), bare, SHIPPING)
    assert isinstance(got.action, Answer)
    assert got.action.text.endswith("\n\n“Reset your password”")


async def test_weak_evidence_is_a_ticket_with_the_draft() -> None:
    got = await proposal(
        talk("Our office moved and the password sheet got wet, does the guarantee cover new printers?")
    )
    assert isinstance(got.action, FileTicket)
    assert got.action.draft is not None
    assert got.action.draft.articles == ("reset-password",)


async def test_nothing_found_is_a_ticket_without_one() -> None:
    known = Known()
    got = await LocalTriager(known.search, known.categories).decide(talk("Do you sell elephants?"))
    assert got.action == FileTicket("approved knowledge holds nothing about this")
    assert got.category == "other"


async def test_words_without_meaning_are_not_searched_for() -> None:
    known = Known(RESET)
    await LocalTriager(known.search, known.categories).decide(talk("how is it"))
    assert known.asked == []


async def test_another_language_is_a_ticket() -> None:
    got = await proposal(talk("How do I reset it? Passwort zurücksetzen anmelden, how can I do that, please?"), GERMAN)
    assert isinstance(got.action, FileTicket)
    assert "another language" in got.action.reason


async def test_the_same_language_is_answered() -> None:
    got = await proposal(
        talk("Wie kann ich mein Passwort zurücksetzen? Wie lange ist der Link gültig?"), GERMAN, SHIPPING
    )
    assert isinstance(got.action, Answer)
    assert got.language == "de"


async def test_a_sign_escalates_before_anything_else() -> None:
    got = await proposal(talk("How do I reset my password? Somebody hacked my account."))
    assert isinstance(got.action, Escalate)
    assert got.action.reason == "break-in or leak"
    assert got.action.draft, "people are shown what knowledge has to say"
    assert (got.priority, got.category) == (Priority.URGENT, "security")
    assert (await proposal(talk("I want to speak to a human"))).priority is Priority.HIGH


async def test_thanks_and_machines_are_ignored() -> None:
    for ignorable in (talk("Thanks a lot!"), talk(says("Away.", subject="Out of office: hello"))):
        got = await proposal(ignorable)
        assert isinstance(got.action, Ignore)
        assert (got.priority, got.category) == (Priority.LOW, "other")


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        ("We are locked out and the parcel waits", Priority.HIGH),
        ("I can't log in any more", Priority.HIGH),
        ("Ich kann mich nicht anmelden", Priority.HIGH),
        ("It would be great if lamps came in blue", Priority.LOW),
        ("Where is my parcel", Priority.NORMAL),
    ],
)
async def test_who_stands_still_comes_first(text: str, priority: Priority) -> None:
    assert (await proposal(talk(text))).priority is priority


async def test_no_categories_is_other() -> None:
    async def none() -> Sequence[Category]:
        return []

    assert (await LocalTriager(Known(RESET).search, none).decide(talk("password?"))).category == "other"


async def test_the_instant_triager_always_says_the_same() -> None:
    first, second = [await InstantTriager().decide(talk(text)) for text in ("a", "my lawyer")]
    assert first == second
    assert isinstance(first.action, FileTicket)


# ------------------------------------------------------------------ evidence


def weighed(text: str, *passages: Passage) -> evidence.Evidence:
    asked = text.lower().replace("?", "").split()
    return evidence.weigh(text, asked, [Hit(one, 1.0) for one in passages])


def test_nothing_found_is_no_evidence() -> None:
    nothing = evidence.weigh("x?", ["x"], [])
    assert not nothing.strong
    assert nothing.as_json()["article"] is None


def test_each_feature_points_the_way_its_name_says() -> None:
    sure = weighed("reset password link?", RESET, SHIPPING)
    assert sure.passage == RESET
    assert sure.probability > weighed("reset password elephants zebras?", RESET, SHIPPING).probability
    assert sure.probability > weighed("reset password link", RESET, SHIPPING).probability
    assert sure.probability > weighed("reset password link? can you look into 20104417", RESET, SHIPPING).probability
    twin = passage(RESET.text, article="twin", title=RESET.title, heading=RESET.heading)
    assert sure.probability > weighed("reset password link?", RESET, twin, SHIPPING).probability


def test_an_article_is_as_good_as_its_best_passage() -> None:
    other = passage("The link, the link.", article="reset-password", title="Reset your password", heading="")
    assert weighed("reset password forgot?", other, RESET).passage == RESET
    assert weighed("reset password forgot?", RESET, other).others == ()


# ------------------------------------------------------------------ decide


class Says:
    """A Triager that says what it was told to say."""

    name = "says"

    def __init__(self, proposal: Proposal | Exception) -> None:
        self.proposal = proposal
        self.asked = 0

    async def decide(self, conversation: Conversation) -> Proposal:
        self.asked += 1
        if isinstance(self.proposal, Exception):
            raise self.proposal
        return self.proposal


async def everything(slugs: Sequence[str]) -> Sequence[str]:
    return slugs


async def nothing(slugs: Sequence[str]) -> Sequence[str]:
    return ()


ASKED = talk("How do I reset my password?", turn=2, revision=7)
GOOD = answer(RESET.text, RESET)
AUTOMATIC = Rules(Level.AUTOMATIC)


async def test_a_decision_tells_what_it_saw() -> None:
    got = await decide(ASKED, triager=Says(proposes(GOOD, category="access")), rules=AUTOMATIC, approved=everything)
    assert (got.conversation, got.turn, got.revision) == (ASKED.id, 3, 7)
    assert got.saw == tuple(message.id for message in ASKED.messages)
    assert (got.action, got.level, got.overruled) == (GOOD, Level.AUTOMATIC, ())
    assert got.proposal.seconds > 0


async def test_guards_and_levels_are_named_in_order() -> None:
    rules = Rules(Level.AUTOMATIC, {"access": Level.SHADOW})
    got = await decide(ASKED, triager=Says(proposes(GOOD, category="access")), rules=rules, approved=everything)
    assert (type(got.action), got.overruled, got.level) == (FileTicket, ("level-shadow",), Level.SHADOW)
    got = await decide(ASKED, triager=Says(proposes(GOOD)), rules=rules, approved=nothing)
    assert got.overruled == ("not-approved",)
    got = await decide(ASKED, triager=Says(proposes(GOOD)), rules=rules, approved=everything, stopped=True)
    assert got.overruled == ("stopped",)
    assert got.proposal.action == GOOD


async def test_the_priority_of_the_guards_counts() -> None:
    hurt = talk("Somebody hacked my account")
    got = await decide(hurt, triager=Says(proposes(Ignore("x"))), rules=AUTOMATIC, approved=everything)
    assert (type(got.action), got.proposal.priority) == (Escalate, Priority.URGENT)


async def test_nobody_is_asked_when_all_is_off_or_a_machine_wrote() -> None:
    asked = Says(proposes(GOOD))
    off = await decide(ASKED, triager=asked, rules=Rules(Level.OFF, {"a": Level.OFF}), approved=everything)
    assert (type(off.action), off.proposal.triager) == (FileTicket, "none")
    machine = talk(says("Away", signs=("auto-submitted",)))
    ignored = await decide(machine, triager=asked, rules=AUTOMATIC, approved=everything)
    assert (type(ignored.action), ignored.overruled) == (Ignore, ("machine",))
    assert asked.asked == 0
    await decide(ASKED, triager=asked, rules=Rules(Level.OFF, {"a": Level.DRAFT}), approved=everything)
    assert asked.asked == 1


async def test_a_triager_that_is_away_is_told() -> None:
    with pytest.raises(TriageUnavailable):
        await decide(ASKED, triager=Says(TriageUnavailable("x")), rules=AUTOMATIC, approved=everything)


def test_without_a_triager_a_person_decides() -> None:
    assert without(ASKED, "the model is away", rules=AUTOMATIC).action == FileTicket("the model is away")
    assert isinstance(without(talk("my lawyer"), "x", rules=AUTOMATIC).action, Escalate)
    assert isinstance(without(talk(says("x", signs=("mailer-daemon",))), "x", rules=AUTOMATIC).action, Ignore)
