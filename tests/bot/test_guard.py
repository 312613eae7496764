"""The Guards, each alone. None may turn anything away from a human."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import guard
from bot.model import (
    Action,
    Answer,
    Author,
    Conversation,
    Escalate,
    FileTicket,
    Ignore,
    Kind,
    Level,
    Priority,
    Visibility,
)
from tests.bot.talk import FILE, answer, passage, proposes, says, talk

SOURCE = passage("You may send back anything within 30 days of its arrival. See https://x.example/returns for more.")
GOOD = answer(SOURCE.text, SOURCE)
ASKED = talk("How do I send back a lamp?")


def judged(action: Action, conversation: Conversation = ASKED, **fields: object) -> guard.Checked:
    return guard.after(proposes(action, **fields), conversation, approved=lambda article: article == "returns")


# ------------------------------------------------------------------ before


@pytest.mark.parametrize("kind", [Kind.AUTO_REPLY, Kind.BOUNCE, Kind.REPORT])
def test_no_triager_is_asked_about_machines(kind: Kind) -> None:
    action, name = guard.before(talk(says("I am away.", kind=kind))) or (None, None)
    assert isinstance(action, Ignore)
    assert kind.value in action.reason
    assert name == "machine"


def test_a_strong_sign_is_a_machine_too() -> None:
    action, _ = guard.before(talk(says("Hello", signs=("auto-submitted", "no-reply")))) or (None, None)
    assert action == Ignore("written by a machine: auto-submitted")


@pytest.mark.parametrize("sign", ["no-reply", "list", "precedence", "own-address", "several-from", "whatever"])
def test_a_weak_sign_is_none(sign: str) -> None:
    assert guard.before(talk(says("How do I pay?", signs=(sign,)))) is None


def test_one_person_among_machines_is_heard() -> None:
    assert guard.before(talk(says("Away.", kind=Kind.AUTO_REPLY), says("How do I pay?"))) is None


def test_what_has_been_decided_is_not_decided_again() -> None:
    assert guard.before(talk(says("How do I pay?", decided=True))) == (Ignore("nothing new was said"), "nothing-new")


# ------------------------------------------------------------------ what must escalate


@pytest.mark.parametrize("action", [GOOD, FileTicket("x", draft=GOOD), FileTicket("x"), Ignore("x")])
def test_a_sign_escalates_whatever_was_proposed(action: Action) -> None:
    got, priority, names = judged(action, talk("How do I send back a lamp? My lawyer wants to know."))
    assert isinstance(got, Escalate)
    assert got.reason == "law and authorities"
    assert got.draft == (GOOD if action == GOOD else getattr(action, "draft", None))
    assert (priority, names) == (Priority.HIGH, ("must-escalate",))


def test_an_escalation_that_was_proposed_keeps_its_reason_and_rises() -> None:
    own = Escalate("the model saw smoke")
    assert judged(own, talk("someone hacked our account")) == (own, Priority.URGENT, ())
    assert judged(own) == (own, Priority.HIGH, ())
    assert judged(own, priority=Priority.URGENT) == (own, Priority.URGENT, ())


def test_a_proposed_priority_is_never_lowered() -> None:
    _, priority, _ = judged(GOOD, talk("I want to talk to a human."), priority=Priority.URGENT)
    assert priority is Priority.URGENT


def test_only_the_own_words_count() -> None:
    quoted = talk("How do I send back a lamp?\n\n> my lawyer will write to you\n\n-- \nAnn, lawyer of Ann & Bob")
    assert judged(GOOD, quoted)[0] is GOOD
    assert judged(GOOD, talk(says("My lawyer will write.", decided=True), "How do I send back a lamp?"))[0] is GOOD
    subject = talk(says("How do I send it back?", subject="Re: My lawyer"))
    assert isinstance(judged(GOOD, subject)[0], Escalate)


# ------------------------------------------------------------------ what may be answered


def test_a_founded_answer_stays() -> None:
    assert judged(GOOD, priority=Priority.LOW) == (GOOD, Priority.LOW, ())


MARKUP = passage('Put <script src="x.js"></script> into your page and it works for everybody at once.')

UNFIT = {
    "uncited": Answer("Just send it.", ()),
    "misquoted": answer("You may send it back.", SOURCE, quote="You may keep everything for ever."),
    "not-approved": answer("Send it back.", passage("Send it back whenever you like to.", article="internal")),
    "unfounded": answer("You may send it back within 60 days.", SOURCE),
    "language": answer("Sie können alles in der Frist zurückschicken, und das ist nicht schwer.", SOURCE),
}


@pytest.mark.parametrize("name", UNFIT)
def test_an_unfit_answer_becomes_a_ticket_with_the_draft(name: str) -> None:
    got, priority, names = judged(UNFIT[name], priority=Priority.HIGH)
    assert got == FileTicket(f"not answered automatically: {name}", draft=UNFIT[name])
    assert (priority, names) == (Priority.HIGH, (name,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "See [here](https://x.example/returns).",
        "![](https://x.example/returns)",
        "See [here][1].\n[1]: https://x.example/returns",
        "<b>Send</b> it back.",
        "Send it back\u202e.",
        "Send it\u200bback.",
    ],
)
def test_what_does_not_read_as_it_is_is_not_sent(text: str) -> None:
    assert "unreadable" in judged(answer(text, SOURCE))[2]


def test_markup_that_the_passage_shows_may_be_shown() -> None:
    assert judged(answer(MARKUP.text, MARKUP)) == (answer(MARKUP.text, MARKUP), Priority.NORMAL, ())


def test_a_quote_needs_twenty_characters_and_may_be_wrapped_otherwise() -> None:
    assert judged(answer("You may.", SOURCE, quote="You may send back a"))[2] == ("misquoted",)
    assert judged(answer("You may.", SOURCE, quote="You may\n  send back any"))[2] == ()


def test_each_quote_must_stand_in_its_own_passage() -> None:
    other = passage("Shipping within the country takes three days.")
    swapped = Answer("You may.", (*answer("", other, quote=SOURCE.text[:40]).citations, *GOOD.citations))
    assert judged(swapped)[2] == ("misquoted",)


def test_the_language_is_the_customers() -> None:
    german = talk("Wie kann ich eine Lampe zurückschicken, und was kostet das?")
    assert judged(GOOD, german)[2] == ("language",)
    assert judged(GOOD, talk("Lampe?"))[2] == ()


def test_after_three_automatic_replies_a_person_answers() -> None:
    bot = says("Hello", author=Author.BOT)
    note = says("x", author=Author.BOT, visibility=Visibility.NOTE)
    assert judged(GOOD, talk(bot, bot, note, "How do I send back a lamp?"))[2] == ()
    assert judged(GOOD, talk(bot, bot, bot, "How do I send back a lamp?"))[2] == ("turns",)


def test_the_limit_of_replies_can_be_set() -> None:
    proposal, asked = proposes(GOOD), talk(says("Hello", author=Author.BOT), "How do I send it back?")
    assert guard.after(proposal, asked, approved=lambda _: True, turns=1)[2] == ("turns",)
    assert guard.after(proposal, asked, approved=lambda _: True, turns=2)[2] == ()


def test_what_was_read_in_part_is_read_by_a_person() -> None:
    assert judged(GOOD, talk(says("How do I send it back?", partly=True)))[2] == ("partly-read",)
    assert judged(Ignore("x"), talk(says("Thanks!", partly=True)))[2] == ("not-ignorable",)


def test_nobody_answers_a_doubtful_sender() -> None:
    assert judged(GOOD, talk(says("How do I send it back?", signs=("no-reply",))))[2] == ("doubtful-sender",)


# ------------------------------------------------------------------ what may be ignored


def test_thanks_and_absence_notices_may_be_ignored() -> None:
    for ignorable in (talk("Thanks a lot!"), talk(says("Back on Monday.", subject="Automatic reply: Your order"))):
        assert judged(Ignore("x"), ignorable, priority=Priority.LOW) == (Ignore("x"), Priority.LOW, ())


@pytest.mark.parametrize(
    "words", ["Thanks! And where is my parcel?", "Where is it", "Cheap loans for you", "thanks for nothing, it broke"]
)
def test_whatever_else_is_not(words: str) -> None:
    got, priority, names = judged(Ignore("spam"), talk(words), priority=Priority.LOW)
    assert isinstance(got, FileTicket)
    assert (priority, names) == (Priority.NORMAL, ("not-ignorable",))


def test_a_picture_is_not_nothing() -> None:
    assert judged(Ignore("x"), talk(says("", attachments=(FILE,))))[2] == ("not-ignorable",)


def test_a_ticket_stays_a_ticket() -> None:
    assert judged(FileTicket("x"), priority=Priority.LOW) == (FileTicket("x"), Priority.LOW, ())


# ------------------------------------------------------------------ levels and the kill switch

DRAFTED = FileTicket("why", draft=GOOD)


@pytest.mark.parametrize("level", [Level.OFF, Level.SHADOW])
@pytest.mark.parametrize("stopped", [True, False])
def test_off_and_shadow_end_in_tickets_without_a_draft(level: Level, stopped: bool) -> None:
    for action in (GOOD, Ignore("x")):
        assert guard.at_level(action, level, stopped) == (
            FileTicket(f"the category is at level {level}"),
            f"level-{level}",
        )
    assert guard.at_level(DRAFTED, level, stopped) == (FileTicket("why"), None)
    assert guard.at_level(Escalate("why", draft=GOOD), level, stopped) == (Escalate("why"), None)


def test_draft_and_stopped_keep_the_answer_for_the_agent() -> None:
    assert guard.at_level(GOOD, Level.DRAFT, stopped=False) == (
        FileTicket("the category is at level draft", draft=GOOD),
        "level-draft",
    )
    for level in (Level.DRAFT, Level.AUTOMATIC):
        assert guard.at_level(GOOD, level, stopped=True) == (FileTicket("triage is stopped", draft=GOOD), "stopped")


@pytest.mark.parametrize("level", [Level.DRAFT, Level.AUTOMATIC])
@pytest.mark.parametrize("stopped", [True, False])
def test_the_rest_acts_from_draft_on(level: Level, stopped: bool) -> None:
    for action in (Ignore("x"), DRAFTED, Escalate("why", draft=GOOD)):
        assert guard.at_level(action, level, stopped) == (action, None)


def test_only_automatic_sends() -> None:
    assert guard.at_level(GOOD, Level.AUTOMATIC, stopped=False) == (GOOD, None)


# ------------------------------------------------------------------ how often


def test_an_unproven_sender_gets_so_many_replies_a_day() -> None:
    assert [guard.may_reply(count, 2) for count in range(4)] == [True, True, False, False]
    assert guard.may_reply(99, 0)


# ------------------------------------------------------------------ in general

HUMAN = {Answer: 0, Ignore: 0, FileTicket: 1, Escalate: 2}
ACTIONS = st.sampled_from([GOOD, *UNFIT.values(), FileTicket("x"), DRAFTED, Escalate("x"), Ignore("x")])
WORDS = st.sampled_from(["Thanks!", "How do I pay?", "I want a human", "outage!", "", "?", "my lawyer", "danke", "é"])
MESSAGES = st.builds(
    says,
    st.lists(WORDS, max_size=4).map("\n".join),
    st.sampled_from(["", "Re: Help", "Automatic reply: x"]),
    partly=st.booleans(),
    signs=st.sampled_from([(), ("no-reply",)]),
)


@given(ACTIONS, st.lists(MESSAGES, min_size=1, max_size=3), st.sampled_from(list(Level)), st.booleans())
def test_guards_turn_only_towards_a_human(action: Action, said: list[object], level: Level, stopped: bool) -> None:
    after, _, names = judged(action, talk(*said))  # type: ignore[arg-type]
    acted, name = guard.at_level(after, level, stopped)
    assert HUMAN[type(after)] >= HUMAN[type(action)]
    assert HUMAN[type(acted)] >= HUMAN[type(after)]
    assert bool(names) == (type(after) is not type(action)) or isinstance(action, Escalate)
    assert (name is None) == (type(acted) is type(after))
    if isinstance(acted, Answer):
        assert (acted, level, stopped) == (action, Level.AUTOMATIC, False)
