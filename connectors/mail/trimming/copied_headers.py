"""The headers of another mail as mail programs copy them into the text (`From: … Sent: … To: …`), in many languages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.mail.trimming.quotes import LONGEST

MOST = 16
ONE_LINE = 1000

_NAMES = {
    "from": "from von de da van från fra od от від из de:la 发件人 寄件者 寄件人 差出人 送信者 보낸:사람 보낸사람 발신"
    " kimden gönderen lähettäjä feladó από מאת من từ người:gửi dari šalje odesílatel odosielateľ expéditeur remitente"
    " remetente mittente absender afzender avsändare afsender avsender nadawca отправитель pengirim",
    "date": "sent date gesendet datum envoyé date:d'envoi enviado enviado:el enviado:em enviada enviada:em fecha"
    " fecha:de:envío data data:de:envio inviato verzonden skickat sendt dato wysłano wysłane odesláno odoslané dátum"
    " elküldve küldve trimis trimisă отправлено дата надіслано відправлено poslano tarih gönderildi gönderilme"
    " gönderme:tarihi lähetetty päivä päiväys päivämäärä στάλθηκε ημερομηνία נשלח תאריך تم:الإرسال تاريخ التاريخ"
    " 发送时间 发送日期 日期 时间 時間 寄件日期 傳送日期 送信日時 日時 日付 보낸:날짜 날짜 발송:날짜 đã:gửi ngày"
    " dikirim tanggal enviat изпратено",
    "to": "to an à a para aan til till do komu кому to:whom címzett către kime alıcı vastaanottaja προς אל إلى"
    " 收件人 收件者 宛先 받는:사람 받는사람 수신 đến tới người:nhận kepada ke za prima pour destinataire destinatario"
    " per до",
    "subject": "subject betreff betr objet asunto assunto oggetto onderwerp ämne emne temat předmět predmet tárgy"
    " subiect тема konu aihe θέμα נושא الموضوع 主题 主旨 件名 제목 chủ:đề tiêu:đề subjek perihal zadeva"
    " assumpte относно",
    "other": "cc bcc reply-to kopie kopi kopia kópia kopie:an dw copie copie:à con:copia копия копія másolat bilgi"
    " kopio tiedoksi κοιν עותק نسخة 抄送 副本 参照 참조 đồng:kính:gửi tembusan tilføjet attachments anlagen importance"
    " pièces:jointes liitteet wichtigkeit priority organization x-mailer message-id",
}
_FIELDS = {name.replace(":", " "): field for field, names in _NAMES.items() for name in names.split()}

_NAME = r"[^\W\d_](?:[^\W\d_]|[ '’-](?=[^\W\d_])){0,24}"
_HEADER = re.compile(rf"[\s>*_]{{0,8}}({_NAME})[ *]{{0,3}}[:：][*_]{{0,2}}\s{{0,20}}(.*)")
_INSIDE = re.compile(rf"(?<!\S)\*{{0,2}}({_NAME}) ?[:：](?=[*\s])")
_ADDRESS = re.compile(r"[^\s@<>]@[^\s@<>]")
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h]\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class CopiedHeaders:
    """`values` are by from, date, to, subject and other; the first of each. `stop` is the line after them."""

    values: dict[str, str]
    stop: int

    def looks_copied(self) -> bool:
        """A person who fills in `From: Berlin, To: Rome, Date: Monday` names no address, no subject and no time."""
        if "from" not in self.values or len(self.values) < 3:
            return False
        address = bool(_ADDRESS.search(self.values["from"]))
        return address or "subject" in self.values or bool(_TIME.search(self.values.get("date", "")))


def copied_headers(lines: Sequence[str], start: int, *, divided: bool = False) -> CopiedHeaders | None:
    """The block that begins at `start`; None where none does. `divided`: a line above says that one comes."""
    first = _field(lines[start])
    if not first:
        return None
    found = _block(lines, start)
    if divided and ("from" in found.values or len(found.values) > 1):
        return found
    one = found if len(found.values) > 1 else _on_one_line(lines, start)
    if not one.looks_copied():
        return None
    # Those that begin with another header than From are old programs, which wrote the address.
    return one if first == "from" or _ADDRESS.search(one.values["from"]) else None


def begins_header(line: str) -> bool:
    return bool(_field(line))


def _field(line: str) -> str:
    match = _HEADER.match(line[:LONGEST])
    return _FIELDS.get(match[1].lower(), "") if match else ""


def _block(lines: Sequence[str], start: int) -> CopiedHeaders:
    """Blank lines may stand between them, one at a time, and a long value goes on in further lines."""
    values: dict[str, str] = {}
    stop, last, index = start, "", start
    while index < min(start + 2 * MOST, len(lines)):
        line = lines[index].lstrip(" \t*>_").rstrip()
        if not line:
            if index + 1 >= len(lines) or not _field(lines[index + 1]) or _is_spaced_enough(lines, index):
                break
        elif field := _field(lines[index]):
            match = _HEADER.match(lines[index][:LONGEST])
            values.setdefault(field, match[2].strip(" *_") if match else "")
            last, stop = field, index + 1
        elif _goes_on(lines, index, last, _indent(lines[start])):
            values[last] = f"{values[last]} {line}"
            stop = index + 1
        else:
            break
        index += 1
    return CopiedHeaders(values, stop)


def _is_spaced_enough(lines: Sequence[str], index: int) -> bool:
    """Two blank lines in a row end it."""
    return index > 0 and not lines[index - 1].strip(" \t*>_")


def _goes_on(lines: Sequence[str], index: int, last: str, indent: int) -> bool:
    """A line that is no header belongs to the one above if it is indented more, holds addresses, or headers follow."""
    line = lines[index]
    if last in ("to", "other", "from") and (_ADDRESS.search(line) or line.rstrip().endswith((";", ","))):
        return True
    below = [one for one in lines[index + 1 : index + 3] if one.strip()]
    return _indent(line) > indent or any(_field(one) for one in below)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _on_one_line(lines: Sequence[str], start: int) -> CopiedHeaders:
    """`From: … Sent: … To: …`, as some make of a table."""
    line = lines[start][:ONE_LINE]
    places = [(match, field) for match in _INSIDE.finditer(line) if (field := _last_words(match[1]))]
    values: dict[str, str] = {}
    for index, (match, field) in enumerate(places[:MOST]):
        end = places[index + 1][0].start() if index + 1 < len(places) else len(line)
        values.setdefault(field, line[match.end() : end].strip(" *_"))
    return CopiedHeaders(values, start + 1)


def _last_words(words: str) -> str:
    """The field that the end of it names: in front stand words of the value before."""
    pieces = words.lower().split()
    return next((_FIELDS[one] for n in (3, 2, 1) if (one := " ".join(pieces[-n:])) in _FIELDS), "")
