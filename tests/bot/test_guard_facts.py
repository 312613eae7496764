"""What a customer could act on must stand in what is cited, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import facts, unfounded

SOURCE = """Send it back within 30 days to Elm Street 7. It costs €4.90 or $1,200 a year, 20 % of them in the first 2
working days. Write to help@x.example or see https://x.example/help (also www.x.example/a). Call +49 341 555 0199.
Since 2026-03-01, from 09:00 on."""


@pytest.mark.parametrize(
    "said",
    [
        "thirty days",
        "30 Tage",
        "within 30 jours",
        "30-day",
        "4,90 €",
        "EUR 4.90",
        "4.90 euros",
        "1200 dollars a year",
        "USD 1.200",
        "20%",
        "20 percent",
        "two working days",
        "2 Werktage",
        "HELP@X.EXAMPLE",
        "mail help@x.example.",
        "https://x.example/help",
        "(see x.example/help)",
        "**https://x.example/help**",
        "www.x.example/a",
        "Elm Street 7",
        "+49 341 5550199",
        "2026-03-01 at 09:00",
        "1. Open it.\n2) Close it.\n- 3. Post it.",
        "Nothing to act on, e.g. or i.e. this.",
    ],
)
def test_the_same_fact_in_other_words(said: str) -> None:
    assert unfounded(said, SOURCE) == []


@pytest.mark.parametrize(
    "said",
    [
        "30 minutes",
        "thirty weeks",
        "30 %",
        "€30",
        "$4.90",
        "14 days",
        "fourteen days",
        "49 euros",
        "12000 dollars",
        "2 percent",
        "+49 341 555 0198",
        "2026-03-02",
        "other@x.example",
        "help@x.example.evil.test",
        "https://evil.test",
        "https://x.example/help/other",
        "https://x.example.evil.test/help",
        "https://x.example/help?to=evil",
        "//evil.test/a",
        "www.evil.test",
        "evil.test",
        "evil.test/help",
        "ЕVIL.test",
        "evil。test",
        "ｅｖｉｌ．test",
        "evi\u200bl.test",
        "пример.рф",
        "javascript:alert(1)",
        "mailto:other@x.example",
        "data:text/html,hello",
        "ftp://x.example/help",
        "https://evil%2etest/",
        "http://3232235521/",
        "<https://evil.test>",
    ],
)
def test_another_fact(said: str) -> None:
    assert unfounded(said, SOURCE) != []


@given(st.text(max_size=200))
def test_every_text_founds_itself(text: str) -> None:
    assert unfounded(text, text) == []


@given(st.text(max_size=200), st.integers(13, 10**6))
def test_a_number_is_never_lost_in_the_text_around_it(text: str, number: int) -> None:
    assert any(str(number) in fact for fact in facts(f"{text}\n\nPay {number} euros"))
