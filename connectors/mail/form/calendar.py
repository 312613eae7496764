"""Invitations (RFC 5545, RFC 5546) as text for people. Only the first event is read, and nothing is computed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.mail.form.charsets import decode, fit, lines, one_line
from connectors.mail.form.structure import Part

LOOK = 64 * 1024
LONGEST = 4000

RESPONSES = ("reply", "counter", "refresh", "cancel", "declinecounter")
"""Methods by which a calendar program speaks by itself."""

_FOLD = re.compile(r"\n[ \t]")
_LINE = re.compile(r"([A-Za-z-]{1,40})((?:;[A-Za-z-]{1,40}=(?:\"[^\"\n]*+\"|[^\":;\n]*+))*+):([^\n]*+)")
_PARAMETER = re.compile(r";([A-Za-z-]{1,40})=(?:\"([^\"\n]*+)\"|([^\":;\n]*+))")
_ESCAPE = re.compile(r"\\([\\;,Nn])")
_WHEN = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
_TITLES = {
    "request": "Invitation",
    "publish": "Event",
    "cancel": "Cancelled",
    "reply": "Answer to an invitation",
    "counter": "Proposal of another time",
}


@dataclass(frozen=True, slots=True)
class _Line:
    value: str
    parameters: dict[str, str] = field(default_factory=dict)


def is_calendar(part: Part) -> bool:
    return part.type in ("text/calendar", "application/ics")


def method_of(root: Part) -> str:
    """Of the first invitation in a mail, in lower case; "" when there is none."""
    part = next(filter(is_calendar, root.leaves()), None)
    if part is None:
        return ""
    declared = part.parameters.get("method", "")
    return one_line(declared or _first(_read(part), "METHOD")).lower() or "publish"


def is_response(root: Part) -> bool:
    return method_of(root) in RESPONSES


def summary(root: Part) -> str:
    """What an invitation says: a line each for what, when, where, by whom and for how many; "" when there is none."""
    part = next(filter(is_calendar, root.leaves()), None)
    if part is None:
        return ""
    found = _read(part)
    title = _TITLES.get(method_of(root), "Event")
    guests = len(found.get("ATTENDEE", ()))
    rows = (
        f"{title}: {_text(found, 'SUMMARY') or '(no title)'}",
        _row("When", _span(found)),
        _row("Repeats", _text(found, "RRULE")),
        _row("Where", _text(found, "LOCATION")),
        _row("By", _person(found)),
        _row("Invited", str(guests) if guests else ""),
        _text(found, "DESCRIPTION"),
    )
    return fit("\n".join(row for row in rows if row))


def _read(part: Part) -> dict[str, list[_Line]]:
    """The properties of the calendar and its first event or task by name; other components count for nothing."""
    text = _FOLD.sub("", lines(decode(part.body(LOOK), part.charset or "utf-8")))
    found: dict[str, list[_Line]] = {}
    for name, line in _of_first_event(text):
        found.setdefault(name, []).append(line)
    return found


def _of_first_event(text: str) -> Iterator[tuple[str, _Line]]:
    inside: list[str] = []
    for row in text.split("\n"):
        match = _LINE.fullmatch(row.strip())
        if not match:
            continue
        name, value = match[1].upper(), match[3][:LONGEST]
        if name == "BEGIN":
            inside.append(value.upper())
        elif name == "END":
            if inside[-1:] in (["VEVENT"], ["VTODO"]):
                return
            inside = inside[:-1]
        elif inside in (["VCALENDAR"], ["VCALENDAR", "VEVENT"], ["VCALENDAR", "VTODO"]):
            parameters = {key.upper(): quoted or plain for key, quoted, plain in _PARAMETER.findall(match[2])}
            yield name, _Line(value, parameters)


def _first(found: dict[str, list[_Line]], name: str) -> str:
    return found[name][0].value if name in found else ""


def _text(found: dict[str, list[_Line]], name: str) -> str:
    """Unescaped (RFC 5545, section 3.3.11); a description keeps its lines, everything else is one line."""
    value = _ESCAPE.sub(lambda escape: "\n" if escape[1] in "nN" else escape[1], _first(found, name)).strip()
    return value if name == "DESCRIPTION" else one_line(value)


def _row(title: str, value: str) -> str:
    return f"{title}: {value}" if value else ""


def _span(found: dict[str, list[_Line]]) -> str:
    start, end = _when(found, "DTSTART"), _when(found, "DTEND") or _when(found, "DUE")
    if start and end and start != end:
        return f"{start} to {end}"
    return start or end


def _when(found: dict[str, list[_Line]], name: str) -> str:
    """As it is written, with the time zone's name: `2026-05-04 09:30 (Europe/Berlin)`."""
    if name not in found:
        return ""
    line = found[name][0]
    match = _WHEN.fullmatch(line.value.strip())
    if not match:
        return one_line(line.value)[:100]
    year, month, day, hour, minute, utc = match.groups()
    zone = "UTC" if utc else one_line(line.parameters.get("TZID", ""))[:60]
    time = f" {hour}:{minute}" + (f" ({zone})" if zone else "") if hour else ""
    return f"{year}-{month}-{day}{time}"


def _person(found: dict[str, list[_Line]]) -> str:
    if "ORGANIZER" not in found:
        return ""
    line = found["ORGANIZER"][0]
    address = re.sub(r"^mailto:", "", one_line(line.value), flags=re.IGNORECASE)
    name = one_line(line.parameters.get("CN", ""))
    return f"{name} <{address}>" if name and name != address else address
