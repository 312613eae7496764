import pytest

from connectors.mail.trimming.attributions import attribution_ending_at


@pytest.mark.parametrize(
    "line",
    [
        "On Mon, Feb 1, 2026 at 6:32 PM Ann <ann@example.org> wrote:",
        "Ann <ann@example.org> wrote:",
        "01.02.2026, 18:32, Ann <ann@example.org>:",
        "On 1 Feb 2026, at 18:32, Ann wrote:",
        "2026-02-01 18:32 GMT+01:00 Ann",
        "---- On Sun, 01 Feb 2026 18:32:10 +0100 Ann wrote ----",
    ],
)
def test_what_only_programs_write_needs_no_quote_below(line: str) -> None:
    assert attribution_ending_at([line], 0) == 0


@pytest.mark.parametrize(
    "line", ["Ann wrote:", "Ann a écrit :", "On 1 February 2026 Ann wrote:", "On 2026-02-01, Ann <ann@example.org>:"]
)
def test_what_people_write_too_needs_one(line: str) -> None:
    assert attribution_ending_at([line], 0) is None
    assert attribution_ending_at([line], 0, quote=True) == 0


@pytest.mark.parametrize(
    "line",
    [
        "On Monday, 1 February 2026 at 10:30 I wrote to you:",
        "Am 01.02.2026 um 18:32 schrieb ich Ihnen:",
        "The log says at 2026-02-01 18:32:10 user ann@example.org:",
        "The meeting on 2026-02-01 at 18:32 is about:",
        "Please answer by 2026-02-01 18:32",
    ],
)
def test_a_customers_sentence_is_none(line: str) -> None:
    assert attribution_ending_at([line, "and so on"], 0) is None


def test_one_without_a_date_stands_alone() -> None:
    assert attribution_ending_at(["My boss Ann <ann@example.org> wrote:", "call her"], 0) is None
    assert attribution_ending_at(["Ann <ann@example.org> wrote:", "", "call me"], 0) == 0


def test_it_may_be_broken_over_four_lines_and_not_over_five() -> None:
    lines = ["On Mon, Feb 1, 2026 at 6:32 PM", "Ann from the Desk", "<ann@example.org>", "wrote:"]
    assert attribution_ending_at(lines, 3) == 0
    five = ["On Mon, Feb 1, 2026 at 6:32 PM", "Ann from", "the Desk", "(of ACME)", "wrote:"]
    assert attribution_ending_at(five, 4) is None


def test_the_line_above_that_ends_a_sentence_is_no_part_of_it() -> None:
    lines = ["On 2026-02-01 it was broken.", "Ann <ann@example.org> wrote:"]
    assert attribution_ending_at(lines, 1, quote=True) == 1


def test_words_behind_it_in_the_same_line_are_history() -> None:
    line = "   On Sun, Feb 1, 2026 at 6:32 PM, Ann<ann@example.org> wrote:   Please try again. " + "Again. " * 100
    assert attribution_ending_at([line], 0) == 0
