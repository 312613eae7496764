"""What a model is told: our rules, approved knowledge and this episode's public words, and nothing else."""

import json
from dataclasses import replace

import pytest

from bot.model import Author, Category, Passage, Visibility
from bot.triagers.openai_prompt import LARGEST, MOST_OUT, prompt
from tests.bot.openai_parts import ASKED, CATEGORIES, RESET, SHIPPING, proposed
from tests.bot.talk import FILE, passage, says, talk
from tests.model_server import ModelServer


def told(*messages: object, passages: list[Passage] | None = None) -> str:
    conversation = talk(*messages)  # type: ignore[arg-type]
    return prompt(conversation, [RESET] if passages is None else passages, CATEGORIES).messages[1]["content"]


def by(author: Author, text: str, **fields: object) -> object:
    return says(text, author=author, decided=True, **fields)


def test_what_never_changes_stands_first_and_byte_for_byte() -> None:
    first, second = (prompt(talk(text), [RESET, SHIPPING], CATEGORIES) for text in ("a", "b"))
    assert first.messages[0] == second.messages[0]
    assert json.dumps(first.schema) == json.dumps(second.schema)
    assert first.hash == second.hash
    assert "- access: signing in: passwords, login" in first.messages[0]["content"]


def test_the_customers_words_come_last_between_marks_of_this_call_alone() -> None:
    first, second = (prompt(ASKED, [RESET], CATEGORIES) for _ in range(2))
    mark = first.secrets[0]
    text = first.messages[1]["content"]
    assert text.count(mark) == 2
    assert text.index(RESET.text) < text.index(mark) < text.index("How do I reset") < text.rindex(mark)
    assert text.endswith(f"=== {mark} ===")
    assert mark not in second.messages[1]["content"]
    assert len(mark) == 32


def test_a_category_for_the_rest_is_always_there() -> None:
    made = prompt(ASKED, [], [Category("access", "x")])
    assert made.schema["properties"]["category"]["enum"] == ["access", "other"]
    assert made.schema["properties"]["citations"]["items"]["properties"]["passage_id"]["enum"] == ["none"]
    assert "nothing was found" in made.messages[1]["content"]


def test_the_schema_is_strict_and_in_thinking_order() -> None:
    made = prompt(ASKED, [RESET], CATEGORIES).schema
    assert made["required"] == list(made["properties"])
    assert made["required"].index("citations") < made["required"].index("answer") < made["required"].index("action")
    assert made["additionalProperties"] is False


# ------------------------------------------------------------------ what is in it


def test_notes_and_what_machines_wrote_are_not_in_it() -> None:
    text = told(
        by(Author.BOT, "secret note", visibility=Visibility.NOTE),
        by(Author.CUSTOMER, "secret customer note", visibility=Visibility.NOTE),
        says("undecided secret", visibility=Visibility.NOTE),
        by(Author.CUSTOMER, "secret bounce", signs=("mailer-daemon",)),
        says("secret absence", signs=("auto-submitted",)),
        "How?",
    )
    assert "secret" not in text
    assert "How?" in text


def test_only_this_episode_is_in_it() -> None:
    text = told(
        by(Author.CUSTOMER, "the old matter"),
        by(Author.BOT, "an old reply"),
        by(Author.AGENT, "an Agent's word"),
        by(Author.CUSTOMER, "the new matter"),
        by(Author.BOT, "a new reply"),
        "And now?",
    )
    assert not [old for old in ("the old matter", "an old reply", "an Agent's word") if old in text]
    assert text.index("Earlier, the customer:)\nthe new matter") < text.index("automatic reply:)\na new reply")
    assert text.index("a new reply") < text.index("The customer now, subject: )\nAnd now?")


def test_an_agents_note_ends_an_episode_too() -> None:
    text = told(
        by(Author.CUSTOMER, "the old matter"), by(Author.AGENT, "done", visibility=Visibility.NOTE), says("And now?")
    )
    assert "the old matter" not in text
    assert "done" not in text


def test_only_the_last_turns_are_in_it() -> None:
    text = told(*(by(Author.CUSTOMER, f"turn {n}.") for n in range(10)), "And now?")
    assert [n for n in range(10) if f"turn {n}." in text] == [4, 5, 6, 7, 8, 9]


def test_what_a_mail_quotes_is_marked_as_such() -> None:
    text = told(replace(says("See below.", subject="Help"), elided="> We refund everything."))
    assert "(Quoted below it; maybe not true, and not the customer's own words:)\n> We refund everything." in text


def test_files_are_told_of() -> None:
    assert "with 1 files that you can't see" in told(says("See the picture", attachments=(FILE,)))


@pytest.mark.parametrize(
    "hidden",
    [
        "\u200b",
        "\u202e",
        "\ufeff",
        "\x00",
        "\x1b[8m",
        "\x85",
        "\U000e0041",
        "\ufe01",
        "\ud800",
    ],
)
def test_what_nobody_sees_is_not_in_it(hidden: str) -> None:
    text = told(says(f"a{hidden}b", subject=f"c{hidden}d"))
    assert hidden not in text
    text.encode()


def test_a_subject_can_not_begin_a_line() -> None:
    assert "subject: x === y)" in told(says("z", subject="x\n===\ty"))


# ------------------------------------------------------------------ how much is in it


@pytest.mark.parametrize("filling", ["x", "ß", "語", "😀", "\n", "\x01"])
def test_no_prompt_is_larger_than_the_largest(filling: str) -> None:
    flood = filling * 100_000
    letters = [replace(says(flood, subject=flood), elided=flood) for _ in range(20)]
    earlier = [by(Author.CUSTOMER, flood) for _ in range(20)]
    known = [passage(flood, title="Title", heading="heading") for _ in range(8)]
    most = prompt(talk(*earlier, *letters), known, CATEGORIES).repaired(flood, "x" * 300).most  # type: ignore[arg-type]
    assert most.into <= LARGEST.into
    assert most.out == MOST_OUT


def test_beginning_and_end_of_a_long_letter_are_kept() -> None:
    text = told(f"Dear desk {'blah ' * 10_000} where is my parcel?")
    assert "Dear desk" in text
    assert "where is my parcel?" in text
    assert "characters left out" in text


def test_a_long_passage_does_not_push_the_best_one_out() -> None:
    text = told("How?", passages=[passage("long " * 5000), passage("second " * 300), RESET])
    assert "long long" in text
    assert "second second" in text


# ------------------------------------------------------------------ at the socket


async def test_nothing_else_of_the_desk_reaches_the_server() -> None:
    conversation = talk(
        by(Author.BOT, "canary-note", visibility=Visibility.NOTE),  # type: ignore[arg-type]
        by(Author.AGENT, "canary-agent"),  # type: ignore[arg-type]
        says("How do I reset my password?", author_name="canary-name"),
    )
    async with ModelServer() as server:
        await proposed(server, conversation)
    assert server.heard("How do I reset my password?")
    assert not [canary for canary in ("canary-note", "canary-agent", "canary-name") if server.heard(canary)]
    assert [value for value in server.requests[0].headers.values() if "canary-key" in value] == ["Bearer sk-canary-key"]
    assert "canary-key" not in server.requests[0].raw.decode()
    assert str(conversation.id) not in server.requests[0].raw.decode()
