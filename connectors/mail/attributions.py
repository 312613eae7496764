"""The lines with which mail programs begin what they quote, in many languages.

Every expression is linear and looks at one short line (or a few of them joined): longer lines are a person's.
"""

import re
from collections.abc import Sequence

LONGEST = 300
JOINED = 4

_VERB = re.compile(
    r"\b(?:wrote|writes|schrieb|schreef|geschreven|écrit|ecrit|escribió|escribio|escreveu|scritto|scrisse|skrev"
    r"|kirjoitti|napisał|napisala|napsal|írta|scris|yazdı|написал|написала|пише|пишет|написав|έγραψε|viết|menulis)\b"
    r"|写道|寫道|说道|のメール|書きました|작성"
)
_ADDRESS = re.compile(r"[^\s@<>]@[^\s@<>]")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d\d(?!\d)")
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h]\d\d(?!\d)")
_OPENING = re.compile(
    r"[\W_]*(?:On|Am|Le|El|Il|Em|Op|Den|På|Dne|Dnia|W dniu|Pe|La|Vào|Tarih|Il giorno|在|于|於|\d{1,4})[ .\d年/-]"
)
_ENDING = re.compile(r"[:：][ *_]{0,3}$|\bwrote ?-{2,}$")
# Gmail's old form has neither a verb nor a colon.
_DATED = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d{1,2}:\d\d \S.*")

_RULED = re.compile(
    r"[\s*>_]{0,5}(?:-{2,}|_{2,}) ?(?:(?:original|forwarded|reply) (?:message|appointment|mail|e-?mail)"
    r"|forwarded by .{1,80}|message (?:d'origine|original|transféré)|mensaje (?:original|reenviado)"
    r"|mensagem (?:original|encaminhada)"
    r"|messaggio (?:originale|inoltrato)|(?:ursprüngliche|weitergeleitete|original) ?-?nachricht|oorspronkelijk bericht"
    r"|doorgestuurd bericht|ursprungligt meddelande|opprinnelig melding|oprindelig meddelelse|alkuperäinen viesti"
    r"|původní zpráva|oryginalna wiadomość|wiadomość oryginalna|eredeti üzenet"
    r"|исходное сообщение|пересылаемое сообщение"
    r"|原始邮件|原始郵件|转发邮件|元のメッセージ|원본 ?메[시세]지) ?(?:-{2,}|_{2,})[\s*]{0,3}",
    re.IGNORECASE,
)
_BEGIN_FORWARDED = re.compile(
    r"(?:begin forwarded message|anfang der weitergeleiteten nachricht|début du message (?:transféré|réexpédié)"
    r"|inicio del mensaje reenviado|inizio messaggio inoltrato) ?:",
    re.IGNORECASE,
)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HEADER = re.compile(r"[\s>*_]{0,8}([^\W\d_][^\W\d_ -]{0,14}(?:[ -][^\W\d_]{1,10})?) ?\*{0,2} ?[:：]\*{0,2}(?:\s|$)")
_FROM = _names("from von de da van från fra od от від 发件人 寄件者 差出人 보낸사람 kimden lähettäjä feladó")
_OTHERS = _names(
    "sent date to subject cc reply-to gesendet datum an betreff kopie envoyé date à a objet enviado fecha para asunto"
    " data assunto inviato oggetto verzonden aan onderwerp skickat till ämne sendt til emne dato wysłano do temat"
    " odesláno komu předmět отправлено дата кому тема надіслано 发送时间 收件人 主题 日期 抄送 寄件日期 收件者 主旨"
    " 送信日時 宛先 件名"
)


def attribution_ending_at(lines: Sequence[str], index: int) -> int | None:
    """The first line of the attribution whose last line is `index`; None when that line ends none."""
    last = lines[index].strip()
    if not last or len(last) > LONGEST:
        return None
    if _DATED.fullmatch(last):
        return index
    if not _ENDING.search(last):
        return None
    start, joined = index, last
    while not _attributes(joined):
        start -= 1
        if not _joinable(lines, start, index):
            return None
        joined = f"{lines[start].strip()} {joined}"
    # The shortest that is one may be only its end: `Name <address> wrote:` under `On … at …,`.
    for above in range(start - 1, index - JOINED, -1):
        if not _joinable(lines, above, index):
            break
        if _OPENING.match(lines[above]) and (_YEAR.search(lines[above]) or _TIME.search(lines[above])):
            return above
    return start


def _attributes(text: str) -> bool:
    dated, timed = bool(_YEAR.search(text)), bool(_TIME.search(text))
    if _VERB.search(text):
        return bool(_ADDRESS.search(text)) or (dated and timed)
    return dated and timed and bool(_ADDRESS.search(text))


def _joinable(lines: Sequence[str], start: int, index: int) -> bool:
    return start >= 0 and index - start < JOINED and 0 < len(lines[start].strip()) <= LONGEST


def is_rule(line: str) -> bool:
    """A line such as `----- Original message -----`."""
    return len(line) <= LONGEST and bool(_RULED.fullmatch(line) or _BEGIN_FORWARDED.fullmatch(line.strip()))


def header_block(lines: Sequence[str], start: int) -> int | None:
    """The line after a block of copied headers that begins with From; None when there is none at `start`."""
    if _header_name(lines[start]) not in _FROM:
        return None
    others, end = 0, start + 1
    for index in range(start + 1, min(start + 9, len(lines))):
        if not lines[index].strip():
            break
        if _header_name(lines[index]) in _OTHERS:
            others += 1
        end = index + 1
    return end if others >= 2 else None


def _header_name(line: str) -> str:
    match = _HEADER.match(line[:LONGEST])
    return match[1].lower() if match else ""
