"""Lines that say that somebody else's mail begins below: `----- Original message -----`, in many languages."""

import re

from connectors.mail.trimming.quotes import LONGEST

_LENGTH = 80

_MAIL = (
    r"message|messages|appointment|e-?mail|mail|nachricht|mensaje|correo|mensagem|messaggio|bericht|meddelande|brev"
    r"|melding|meddelelse|besked|viesti|zpráv[ay]|wiadomoś(?:ć|ci)|üzenet|levél|mesajul?|správ[ay]|poruka|sporočilo"
    r"|сообщени[ея]|письм[оа]|повідомлення|лист[а]?|съобщение|μήνυμα|הודעה|رسالة|الرسالة|邮件|郵件|メッセージ|메일|메시지"
    r"|thư|pesan|ileti|iletisi|missatge"
)
_FORWARDED = (
    r"forward(?:ed)?|fwd|weitergeleitete[nr]?|transféré|réexpédié|reenviado|reenviada|reencaminhada|inoltrato"
    r"|encaminhada|doorgestuurd|doorgezonden|vidarebefordrat|vidarebefordrade|videresendt|videresendte|välitetty"
    r"|edelleenlähetetty|přeposlaná|přeposílané|předaná|przekazana|przekazywanej|dalej|továbbított|redirecționat"
    r"|preposlaná|proslijeđena|пересылаемое|пересланное|пересылаемого|переадресованного|переслане|пересланий"
    r"|пересилається|препратено|iletilen|iletilmiş|προωθημένο|שהועברה|מועברת|محولة|المحولة|توجيهها|转发|轉寄|转寄|転送"
    r"|전달|chuyển tiếp|diteruskan|terusan|reenviat"
)
_ORIGINAL = (
    r"original[es]?|originale|reply|ursprüngliche|oorspronkelijk|ursprungligt|opprinnelig|oprindelig|alkuperäinen"
    r"|původní|oryginalna|eredeti|pôvodná|izvorna|izvirno|исходное|оригинальное|початкове|оригінальне|первоначално"
    r"|orijinal|özgün|αρχικό|מקורית|الأصلية|أصلية|原始|元の|원본|gốc|asli|d['’]origine|initial"
)
_DRAWN_BOTH = re.compile(
    r"[\s*>_]{0,5}(?:-{2,}|_{2,}|={2,}) ?([^\s\-_=](?:[^\-_=]|-(?!-)){2,60}?) ?(?:-{2,}|_{2,}|={2,})[\s*_]{0,3}"
)
_NOTES = re.compile(r"\s{0,4}-{2,} ?forwarded by .{1,80}-{2,}\s*", re.IGNORECASE)
_NOTES_ARROW = re.compile(r"[^-]{2,80} ?-{3}\d{1,2}[./-]\d{1,2}[./-]\d{4} \d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?-{3}.*")
_SAYS_MAIL = re.compile(rf"(?:{_MAIL})(?!\w{{4}})", re.IGNORECASE)
_SAYS_FORWARDED = re.compile(_FORWARDED, re.IGNORECASE)
_SAYS_ORIGINAL = re.compile(_ORIGINAL, re.IGNORECASE)
_ABOVE = re.compile(
    r"(?:above this line|oberhalb dieser (?:linie|zeile)|(?:au-dessus de|avant) cette ligne"
    r"|(?:por encima|encima|arriba) de esta línea|acima desta linha|sopra (?:a )?questa (?:riga|linea)"
    r"|boven deze (?:regel|lijn)|ovanför den här (?:linjen|raden)|over denne (?:linje|linjen)|powyżej tej linii"
    r"|выше этой (?:линии|строки)|bu satırın üst)",
    re.IGNORECASE,
)
_ABOVE_DRAWN = re.compile(r"\s{0,4}(?:#|-{2,}|={2,}|\*{2,}|_{2,})")


def is_divider(line: str) -> bool:
    """Drawn on both sides of such words, `## Reply above this line ##`, or as Lotus Notes shows whose words follow."""
    if len(line) > LONGEST:
        return False
    if _ABOVE_DRAWN.match(line) and _ABOVE.search(line):
        return True
    words = _words(line)
    return bool(_NOTES.fullmatch(line) or _NOTES_ARROW.fullmatch(line) or (words and _names_another_mail(words)))


def is_forward(line: str) -> bool:
    """A divider that says `forwarded`."""
    return len(line) <= LONGEST and bool(_NOTES.fullmatch(line) or _SAYS_FORWARDED.search(_words(line)))


def announces_forward(line: str) -> bool:
    """Apple's `Begin forwarded message:`. People write so, too: it counts where copied headers follow."""
    line = line.strip()
    return len(line) <= _LENGTH and line.endswith((":", "：")) and _names_another_mail(line, _SAYS_FORWARDED)


def names_original(line: str) -> bool:
    """`Original Message` with nothing drawn (BlackBerry). It counts where copied headers follow."""
    line = line.strip()
    return len(line) <= _LENGTH // 2 and _names_another_mail(line)


def _words(line: str) -> str:
    match = _DRAWN_BOTH.fullmatch(line)
    return match[1] if match else ""


def _names_another_mail(words: str, which: re.Pattern[str] | None = None) -> bool:
    said = which.search(words) if which else _SAYS_FORWARDED.search(words) or _SAYS_ORIGINAL.search(words)
    return bool(said and _SAYS_MAIL.search(words))
