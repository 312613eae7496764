"""The pictures of the demo, as rich draws them: the walk, the replies and the closing table.

All words of mails become plain text on the way: nothing in them may command the terminal or rich's markup.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from bot.model import ParcelKind
from bot.rows import DeliveryRow
from config.cli import render
from config.demo.play import FAILED, Seen

COLOURS = {"answered": "green", "ticketed": "yellow", "escalated": "red", "ignored": "bright_black", FAILED: "bold red"}
MEANT = {
    "answered": "an approved article was quoted, word for word and with its source",
    "ticketed": "filed for people, in no hurry; the customer knows the number",
    "escalated": "people were called at once; the customer was told so",
    "ignored": "thanks and absence notices: nobody waits for an answer",
    FAILED: "not kept, not decided or not delivered",
}
STEPS = ("kept", "read", "decided", "delivered")
WAITING = Spinner("dots")

# Of an excerpt.
LINES = 3
WIDTH = 94


# ------------------------------------------------------------------ the walk


def walk(seen: Sequence[Seen], where: str) -> RenderableType:
    """A row for each mail, with a spinner at the step that it waits for."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("from", width=13, no_wrap=True)
    table.add_column("subject", width=26, no_wrap=True)
    for name, width in zip(STEPS, (7, 7, 18, 10), strict=True):
        table.add_column(name, width=width, no_wrap=True, justify="right")
    for one in seen:
        table.add_row(*_row(one))
    title = Text("Firstline demo", style="bold")
    about = f"   its own desk at {where}, thrown away at the end · times since the sending"
    title.append(about, style="not bold dim")
    return Group(title, table, _newest(seen))


def line(one: Seen) -> Text:
    """A mail that is over, where nothing can be drawn anew."""
    letter = one.part.letter
    times = ", ".join(f"{name} {time}" for name, time in zip(STEPS, _times(one), strict=True) if time)
    return Text(f"{one.outcome:9}  {render.cell(letter.name)}: {render.cell(letter.subject)} ({times})")


def _row(one: Seen) -> Iterator[RenderableType]:
    letter, steps = one.part.letter, _times(one)
    for words in (letter.name, letter.subject):
        yield Text(render.cell(words), style="" if one.began else "dim")
    waiting = steps.index("") if one.began and not one.is_over and "" in steps else None
    for number, step in enumerate(steps):
        if number == waiting:
            yield WAITING
        elif number == STEPS.index("decided") and one.decided:
            yield Text(f"{one.decided:9} ", style=COLOURS[one.decided]).append(f"{step:>7}", style="default")
        else:
            yield Text(step)


def _times(one: Seen) -> list[str]:
    """From the sending until it was kept, read, decided and wholly delivered."""
    if one.way is None:
        return [_short(one.kept), "", "", ""]
    message, decision, owed = one.way.message, one.way.decision, one.way.owed
    arrived = [moment for reply in owed if (moment := reply.delivered_at)]
    return [
        _short(one.kept),
        _short(one.after(message.filed_at)) if message else "",
        _short(one.after(decision.created_at)) if decision else "",
        _short(one.after(max(arrived))) if arrived and len(arrived) == len(owed) else "",
    ]


def _short(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


# ------------------------------------------------------------------ the replies


def replies(seen: Sequence[Seen]) -> Iterator[RenderableType]:
    """What each customer said, and what came of it."""
    for one in seen:
        yield Group(_asked(one), *_came(one), Text())


def _asked(one: Seen) -> Text:
    said = one.way.message.text if one.way and one.way.message else one.part.letter.text
    asked = Text(render.cell(one.part.letter.name), style="bold")
    return asked.append(_on_one_line(f"  {render.cell(said)}", WIDTH - asked.cell_len), style="not bold")


def _came(one: Seen) -> Iterator[Text]:
    """The outcome and its reason, in colour; then excerpts of what was said to whom."""
    why = one.problem or _why(one)
    yield Text(_on_one_line(f"  {one.outcome}: {render.cell(why)}", WIDTH), style=COLOURS[one.outcome])
    for row in one.way.owed if one.way else ():
        yield from _said(one, row)


def _why(one: Seen) -> str:
    decision = one.way.decision if one.way else None
    if decision is None:
        return "no decision"
    if decision.action == "Answer":
        return "from " + ", ".join(citation["article"] for citation in decision.detail["citations"])
    return str(decision.detail["reason"])


def _said(one: Seen, row: DeliveryRow) -> Iterator[Text]:
    if row.kind == ParcelKind.ESCALATION:
        yield Text(f"    to {_on_one_line(render.cell(row.to), 60)}", style=COLOURS["escalated"])
    yield _excerpt(one, row)


def _newest(seen: Sequence[Seen]) -> RenderableType:
    """The last word of the desk, in a place that is always as high."""
    said = [(row.delivered_at, one, row) for one in seen if one.way for row in one.way.owed if row.delivered_at]
    if not said:
        return Text("\n" * (LINES + 1))
    _, one, row = max(said, key=lambda each: each[0])
    lines = [_asked(one), *_said(one, row)]
    missing = LINES + 2 - sum(each.plain.count("\n") + 1 for each in lines)
    return Group(*lines, *(Text() for _ in range(missing)))


def _excerpt(one: Seen, row: DeliveryRow) -> Text:
    lines = [part for words in _heart(one, row).splitlines() for part in textwrap.wrap(render.cell(words), WIDTH - 4)]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"{lines[LINES - 1][: WIDTH - 6]} …"]
    return Text("\n".join(f"    {each}" for each in lines), style="dim")


def _heart(one: Seen, row: DeliveryRow) -> str:
    """What only this one says: the article that is quoted, the whole call, or what stands below the salutation."""
    decision = one.way.decision if one.way else None
    if decision and row.kind == ParcelKind.ANSWER:
        return str(decision.detail["answer"])
    if row.kind == ParcelKind.ESCALATION:
        return row.text
    salutation, _, rest = row.text.strip().partition("\n\n")
    return rest.partition("\n\n")[0] or salutation


def _on_one_line(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 2]} …"


# ------------------------------------------------------------------ the end


def closing(counts: Mapping[str, int]) -> RenderableType:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("outcome")
    table.add_column("mails", justify="right")
    table.add_column("what became of them")
    for outcome, number in counts.items():
        table.add_row(Text(outcome, style=COLOURS[outcome] if number else "dim"), str(number), MEANT[outcome])
    return table


def pace(seen: Sequence[Seen]) -> Text:
    """How long it took, counted from the sending."""
    kept = [one.kept for one in seen if one.kept is not None]
    decisions = [(one, one.way.decision) for one in seen if one.way and one.way.decision]
    decided = [after for one, decision in decisions if (after := one.after(decision.created_at)) is not None]
    found = [f"{name} after {_short(median(times))}" for name, times in (("kept", kept), ("decided", decided)) if times]
    return Text(f"The median of all mails: {', '.join(found)}.", style="dim") if found else Text()
