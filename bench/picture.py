"""Figures as bars, in SVG: the length is the median, the thin line goes from the least to the most."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from bench.figure import Figure, rounded

WIDTH, LEFT, RIGHT = 760, 230, 170
ROW, GAP, TOP, UNIT = 30, 18, 56, 26
COLOURS = {"sqlite": "#2f6f9f", "postgresql": "#c2703d"}
FONT = "font-family='DejaVu Sans, Verdana, sans-serif'"


def draw(title: str, below: str, figures: Sequence[Figure]) -> str:
    """One group of figures; each unit has a scale of its own, which begins at 0."""
    panels = [list(some) for _, some in groupby(sorted(figures, key=lambda one: one.unit), key=lambda one: one.unit)]
    height = TOP + sum(UNIT + ROW * len(panel) + GAP for panel in panels) + 24
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height}' viewBox='0 0 {WIDTH} {height}'>",
        f"<rect width='{WIDTH}' height='{height}' fill='#ffffff'/>",
        _text(24, 34, title, size=18, weight="bold"),
        *_legend(figures),
    ]
    y = TOP
    for panel in panels:
        lines += _panel(panel, y)
        y += UNIT + ROW * len(panel) + GAP
    return "\n".join([*lines, _text(24, height - 14, below, size=10, colour="#777777"), "</svg>\n"])


def _legend(figures: Sequence[Figure]) -> Iterator[str]:
    x = WIDTH - 24
    for database in sorted({one.database for one in figures}, reverse=True):
        yield _text(x, 33, database, size=12, anchor="end")
        x -= 7 * len(database) + 18
        yield f"<rect x='{x}' y='23' width='11' height='11' fill='{COLOURS[database]}'/>"
        x -= 16


def _panel(panel: Sequence[Figure], y: float) -> Iterator[str]:
    most = max(max(one.runs) for one in panel) or 1.0
    scale = (WIDTH - LEFT - RIGHT) / most
    yield _text(LEFT, y + 14, panel[0].unit, size=11, colour="#777777")
    for number, figure in enumerate(panel):
        yield from _bar(figure, y + UNIT + ROW * number, scale)
    bottom = y + UNIT + ROW * len(panel) - 6
    yield f"<line x1='{LEFT}' y1='{y + UNIT - 4}' x2='{LEFT}' y2='{bottom}' stroke='#333333'/>"


def _bar(figure: Figure, y: float, scale: float) -> Iterator[str]:
    least, most, middle = (LEFT + value * scale for value in (min(figure.runs), max(figure.runs), figure.median))
    colour = COLOURS[figure.database]
    yield _text(LEFT - 10, y + 14, figure.name, size=13, anchor="end")
    yield f"<rect x='{LEFT}' y='{y}' width='{middle - LEFT:.1f}' height='19' rx='2' fill='{colour}'/>"
    yield f"<line x1='{least:.1f}' y1='{y + 9.5}' x2='{most:.1f}' y2='{y + 9.5}' stroke='#111111' stroke-width='1.5'/>"
    for x in (least, most):
        yield f"<line x1='{x:.1f}' y1='{y + 5}' x2='{x:.1f}' y2='{y + 14}' stroke='#111111' stroke-width='1.5'/>"
    yield _text(max(middle, most) + 8, y + 14, _said(figure), size=13)


def _said(figure: Figure) -> str:
    least, most = rounded(min(figure.runs)), rounded(max(figure.runs))
    return f"{rounded(figure.median):g}  ({least:g}–{most:g})"


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int,
    anchor: str = "start",
    weight: str = "normal",
    colour: str = "#222222",
) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' {FONT} font-size='{size}' font-weight='{weight}' fill='{colour}'"
        f" text-anchor='{anchor}'>{escape(words)}</text>"
    )
