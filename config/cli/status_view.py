"""What `firstline status` draws. Every word that it didn't choose itself goes through `render.cell`."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.figures import Activity, LaneFigures
from bot.model import DeliveryState
from bot.rows import Pause, Trouble
from config.cli.render import cell
from config.settings import Settings
from config.standing import Standing
from config.status import Counted, Status

# What is not a terminal gets so many columns; with fewer than these the tables stand one below the other.
WIDE, SIDE_BY_SIDE = 100, 90
# A channel's reason or an alert's text is cut after so many characters, and of each so many are shown.
LONGEST = 200
MOST = 3

WELL, WATCH, UNWELL, QUIET = "green", "yellow", "bold red", "dim"

# A call to people that has waited so long is late.
LATE = 900


def view(status: Status, width: int) -> RenderableType:
    parts = [_head(status)]
    if status.counted:
        parts += [_tables(status.counted, status.settings, width), _facts(_rest(status.counted, status.settings))]
    return Group(*parts, _facts(_database(status)))


# ------------------------------------------------------------------ the desk


def _head(status: Status) -> RenderableType:
    lines = [_line(*_state(status)), *_hints(status)]
    grid = Table.grid(expand=True)
    grid.add_column()
    grid.add_column(justify="right", style=QUIET, no_wrap=True)
    for number, line in enumerate(lines):
        grid.add_row(line, "" if number else cell(status.at))
    grid.add_row()
    return grid


def _state(status: Status) -> Iterator[tuple[str, str]]:
    where = str(status.settings.http.listen)
    version = status.answer.info.get("version", "")
    match status.answer.ready:
        case True:
            yield "● ready", WELL
            yield f" at {where}", ""
        case False:
            yield f"● not ready: {status.answer.reason}", UNWELL
        case None:
            yield f"● {status.answer.reason} at {where}", WATCH if status.holder else UNWELL
    yield (f", firstline {version}" if version else ""), QUIET


def _hints(status: Status) -> Iterator[Text]:
    if status.holder:
        yield _line((f"  served by {status.holder}", QUIET))
    elif status.answer.ready is None and status.wal is not None:
        yield _line(("  nobody serves this database: `firstline serve` does", WATCH))
    desk = status.counted.standing.desk if status.counted else None
    if desk and desk.stopped:
        since = f" since {cell(desk.at)}" if desk.at else ""
        yield _line((f"  triage was stopped by {desk.by}{since}: no answers are sent", UNWELL))
    if status.watch:
        yield _line(("  watch only: nobody is written to", WATCH))
    yield _line((f"  level {status.level}, decided by {status.triager}", QUIET))


# ------------------------------------------------------------------ the tables


def _tables(counted: Counted, settings: Settings, width: int) -> RenderableType:
    lanes, requests = _lanes(counted.standing.lanes, settings.health.oldest), _requests(counted.hour, counted.day)
    if width < SIDE_BY_SIDE:
        return Group(lanes, Text(), requests, Text())
    grid = Table.grid(padding=(0, 6, 0, 0))
    grid.add_row(lanes, requests)
    return Group(grid, Text())


def _lanes(lanes: Sequence[LaneFigures], late: float) -> Table:
    table = _table("lane", "waiting", "claimed", "buried", "oldest")
    for lane in lanes:
        late_style = UNWELL if lane.oldest > late else ""
        oldest = Text(span(lane.oldest), late_style) if lane.oldest else Text("–", QUIET)
        buried = _number(lane.buried, UNWELL)
        table.add_row(f"  {lane.lane}", _number(lane.waiting, late_style), _number(lane.claimed), buried, oldest)
    return table


def _requests(hour: Activity, day: Activity) -> Table:
    table = _table("requests", "last hour", "last 24 h")
    both = (hour, day)
    table.add_row("  kept", *(_number(one.kept) for one in both))
    if day.set_aside:
        table.add_row("  of these unreadable", *(_number(one.set_aside, WATCH) for one in both))
    for name, action in (("answered", "Answer"), ("ticketed", "FileTicket"), ("escalated", "Escalate")):
        table.add_row(f"  {name}", *(_number(one.actions(action)) for one in both))
    table.add_row("  ignored", *(_number(one.actions("Ignore")) for one in both))
    table.add_row("  deflection", *(_share(one.deflection) for one in both))
    table.add_row("  delivered", *(_number(one.deliveries(DeliveryState.DELIVERED)) for one in both))
    table.add_row("  undeliverable", *(_number(one.deliveries(DeliveryState.UNDELIVERABLE), UNWELL) for one in both))
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(f"  {first}", min_width=12)
    for name in others:
        table.add_column(name, justify="right")
    return table


# ------------------------------------------------------------------ facts, a line each


def _facts(facts: Iterable[tuple[str, Text]]) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(min_width=12, style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, said in facts:
        grid.add_row(f"  {name}", said)
    return grid


def _rest(counted: Counted, settings: Settings) -> Iterator[tuple[str, Text]]:
    now = counted.standing
    yield "tickets", _listed({str(state): number for state, number in now.tickets.items()})
    if now.untaken.number:
        style = UNWELL if now.untaken_for > LATE else WATCH
        yield "calls", _line((f"{now.untaken.number:,} not taken, the first for {span(now.untaken_for)}", style))
    yield "owed", _listed({str(state): number for state, number in now.owed.items()})
    yield from _some("away", [_away(pause, now) for pause in now.pauses])
    yield from _some("unwell", [_trouble(one, now) for one in now.troubles])
    yield "model", _model(now, settings)


def _away(pause: Pause, now: Standing) -> str:
    return f"{pause.channel} for {span((now.at - pause.since).total_seconds())}: {pause.reason}"


def _trouble(trouble: Trouble, now: Standing) -> str:
    return f"{trouble.name} for {span((now.at - trouble.since).total_seconds())}: {trouble.text}"


def _some(name: str, said: Sequence[str]) -> Iterator[tuple[str, Text]]:
    for number, text in enumerate(said[:MOST]):
        yield "" if number else name, _line((_cut(text), UNWELL))
    if len(said) > MOST:
        yield "", _line((f"and {len(said) - MOST} more", UNWELL))


def _model(now: Standing, settings: Settings) -> Text:
    limits = settings.openai
    if not (now.spent.tokens or now.spent.cost or settings.triage.triager == "openai"):
        return _line(("not asked today", QUIET))
    tokens = _of(f"{now.spent.tokens:,}", f"{limits.tokens_a_day:,}" if limits.tokens_a_day else "") + " tokens"
    money = _of(f"{now.spent.cost:.2f}", f"{limits.money_a_day:.2f}" if limits.money_a_day else "") + " in money"
    used = max(_part(now.spent.tokens, limits.tokens_a_day), _part(now.spent.cost, limits.money_a_day))
    return _line((f"{tokens}, {money} today (UTC)", UNWELL if used >= 1 else WATCH if used > 0.8 else ""))


def _database(status: Status) -> Iterator[tuple[str, Text]]:
    if status.counted is None:
        yield "database", _line((_cut(status.problem), UNWELL))
        return
    sizes = [size(status.counted.standing.size)]
    sizes += [f"{size(status.wal)} of write-ahead log"] if status.wal is not None else []
    yield "database", _line((", ".join(sizes), ""))
    if status.room:
        short = status.room.percent < status.settings.health.disk
        said = f"{size(status.room.free)} of {size(status.room.whole)} free ({status.room.percent:.0f} %)"
        yield "disk", _line((said, UNWELL if short else ""))


# ------------------------------------------------------------------ words and numbers


def _line(*pieces: tuple[str, str]) -> Text:
    """A leading space in a piece stays."""
    line = Text()
    for text, style in pieces:
        line.append(text[: len(text) - len(text.lstrip(" "))] + cell(text), style)
    return line


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _number(number: int, style: str = "") -> Text:
    return Text(f"{number:,}", style if number else QUIET)


def _share(part: float | None) -> Text:
    return Text("–", QUIET) if part is None else Text(f"{100 * part:.0f} %")


def _listed(counts: dict[str, int]) -> Text:
    said = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number)
    return Text(said) if said else Text("none", QUIET)


def _of(spent: str, limit: str) -> str:
    return f"{spent} of {limit}" if limit else spent


def _part(spent: float, limit: float) -> float:
    return spent / limit if limit else 0.0


def span(seconds: float) -> str:
    """In the largest unit of which there are two or more."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def size(number: int) -> str:
    for unit, length in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= length:
            return f"{number / length:.1f} {unit}"
    return f"{number} B"
