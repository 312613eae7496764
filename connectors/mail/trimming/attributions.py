"""The lines with which mail programs introduce what they quote (`On … wrote:`), in many languages.

What is asked of one depends on what follows. Where quoted lines do, a verb is enough; where none do, everything below
would be taken away, so it has to look as only programs write: with date and time, or with the address in brackets and a
blank line below.

Every expression is linear and looks at one short line, or a few of them joined: longer lines are a person's.
"""

import re
from collections.abc import Sequence

from connectors.mail.trimming.quotes import LONGEST

JOINED = 4
NAMES = 100

_VERB = re.compile(
    r"\b(?:wrote|writes|schrieb|schreef|geschreven|écrit|ecrit|escribió|escribio|escreveu|scritto|scrisse|skrev"
    r"|kirjoitti|napisał|napisała|pisze|napsal|napsala|napísal|napísala|napisao|napisala|napisal|írta|scris|escriure"
    r"|yazdı|написал|написала|пише|пишет|написав|написа|έγραψε|viết|menulis|kirjutas|rakstīja|rašė|quoting|zitat von"
    r"|citando|citation de)\b|כתב|كتب|بواسطة|نوشت|เขียน|写道|寫道|说道|写到|のメール|書きました|작성|님이",
    re.IGNORECASE,
)
# A customer's sentence about a letter of their own, or about ours.
_IN_PERSON = re.compile(
    r"\b(?:(?:I|we|you)(?: have| had|'ve)? (?:wrote|written)|(?:schrieb|schrieben) (?:ich|wir|sie)|ich schrieb"
    r"|(?:j'ai|vous avez|nous avons) écrit|ho scritto|schreef ik|ik schreef|skrev (?:jag|jeg|du)|(?:jag|jeg) skrev)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s@<>]@[^\s@<>]")
_BRACKETED = re.compile(r"[<(\[][^\s@<>()\[\]]{1,128}@[^\s@<>()\[\]]{1,255}[>)\]<]")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d\d(?!\d)")
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h]\d\d(?!\d)")
_OPENING = re.compile(
    r"[\W_]*(?:On|At|Am|Le|El|Il|Em|Op|Den|På|Dne|Dňa|Dana|Dnia|W dniu|Pe|În|La|Στις|Vào|Pada|V|Na|Tarih|Il giorno"
    r"|在|于|於|\d{1,4})[ .\d年/-]"
)
_ENDING = re.compile(r"[:：][ *_]{0,3}$")
# Zoho draws dashes around the whole of it, Lotus Notes after the verb's colon.
_DASHED = re.compile(r" ?:? ?-{2,}$")
# Gmail's old form has neither a verb nor a colon.
_DATED = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d{1,2}:\d\d \S.*")
# Yahoo's app sets the first quoted words behind it, after a few spaces.
_RUN_ON = re.compile(r"\s{0,8}(\S[^<>]{10,200}<[^<>]{3,200}> [^\s:]{3,20} ?:) {2,}\S")
_SENTENCE = re.compile(r"\w{5}[.!?]$")


def attribution_ending_at(lines: Sequence[str], index: int, *, quote: bool = False) -> int | None:
    """The first line of the attribution whose last line is `index`; None when that line ends none.

    `quote`: quoted lines follow it.
    """
    last = lines[index].strip()
    if (run_on := _RUN_ON.match(lines[index])) and _OPENING.match(last):
        return index if _attributes(run_on[1], quote=False, alone=False) else None
    if not last or len(last) > LONGEST:
        return None
    if _DATED.fullmatch(last):
        return index
    if not (_ENDING.search(last) or (_DASHED.search(last) and _VERB.search(last))):
        return None
    alone = index + 1 == len(lines) or not lines[index + 1].strip()
    start, joined = index, last
    while not _attributes(joined, quote=quote, alone=alone):
        start -= 1
        if not _joinable(lines, start, index):
            return None
        joined = f"{lines[start].strip()} {joined}"
    return _with_its_beginning(lines, start, index)


def _with_its_beginning(lines: Sequence[str], start: int, index: int) -> int:
    """The shortest that is one may be only its end: `Name <address> wrote:` under `On … at …,`."""
    for above in range(start - 1, index - JOINED, -1):
        if not _joinable(lines, above, index) or _SENTENCE.search(lines[above].rstrip()):
            break
        if _OPENING.match(lines[above]) and (_YEAR.search(lines[above]) or _TIME.search(lines[above])):
            return above
    return start


def _attributes(text: str, *, quote: bool, alone: bool) -> bool:
    """`alone`: a blank line follows it."""
    dated, timed, bracketed = bool(_YEAR.search(text)), bool(_TIME.search(text)), bool(_BRACKETED.search(text))
    if not (quote or bracketed or (dated and timed)):
        return False
    if not _VERB.search(text):
        return dated and (timed or quote) and bracketed
    if bracketed:
        return quote or alone or dated or timed or bool(_DASHED.search(text))
    if quote:
        return dated or timed or bool(_ADDRESS.search(text)) or (len(text) <= NAMES and _ends_in_verb(text))
    return not _IN_PERSON.search(text)


def _ends_in_verb(text: str) -> bool:
    return any(match.end() >= len(text) - len("(a) :*") for match in _VERB.finditer(text))


def _joinable(lines: Sequence[str], start: int, index: int) -> bool:
    return start >= 0 and index - start < JOINED and 0 < len(lines[start].strip()) <= LONGEST
