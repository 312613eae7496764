"""What stands under a mail's words and is none of them: signatures, `Sent from my …`, disclaimers, footers, armour."""

import re
from collections.abc import Sequence

from connectors.mail.trimming.quotes import is_quoted

SIGNATURE_LINES = 15
UNDERLINED_LINES = 8
WIDTH = 100
FOOTER_LENGTH = 120
DEVICE_WORDS = 16
PARAGRAPH = 4000

# OpenPGP puts another dash in front.
_EXPLICIT = re.compile(r"(?:- )?-- \s*")
_DASHES = re.compile(r"\s{0,3}--\s*")
_UNDERSCORES = re.compile(r"\s{0,3}_{5,}\s*")
_DRAWN = re.compile(r"\s{0,3}(?:-{3,}|[—–]{1,3}|—{3,}|={5,}|\*{5,})\s*")
_CONTACT = re.compile(r"@|www\.|https?://|\+?\d[\d ()/.-]{6,}\d")
_NAME = re.compile(r"[^.?!:]{1,50}")

_DEVICE = (
    r"iphon|ipad|ipod|android|galaxy|samsung|huawei|xiaomi|redmi|oneplus|pixel|nokia|blackberry|windows|outlook|yahoo"
    r"|gmail|gmx|web\.de|proton|tutanota|zoho|aqua ?mail|k-9|bluemail|spark|edison|mail\.ru|яндекс|yandex|smart ?phone"
    r"|handy|mobil|telefon|téléphone|teléfono|telemóvel|celular|móvil|phone|tablet|device|gerät|appareil|dispositivo"
    r"|apparaat|телефон"
)
# With the word for `from` or `with`: `Sent the phone back` is a customer's line.
_SENT_FROM = re.compile(
    r"\W{0,3}(?:sent (?:from|via|with|using|by|on)|(?:gesendet|verschickt) (?:von|vom|mit|über)"
    r"|envoyé (?:de|depuis|avec|via|à partir)|(?:enviad[oa]|enviat) (?:desde|do|da|de|des|con|com)"
    r"|inviato (?:da|dal|con|tramite)|(?:verzonden|verstuurd) (?:vanaf|vanuit|met|via)|skickat (?:från|med|via)"
    r"|sendt (?:fra|med|via)|lähetetty|(?:odesláno|odoslané|wysłan[eo]|poslano) (?:z|ze|s|iz)|trimis (?:de pe|din|cu)"
    r"|отправлено (?:с|из|через)|надіслано (?:з|із)|изпратено (?:от|с)|στάλθηκε (?:από|με)|נשלח מ|أُ?رسلت من"
    rf"|đã gửi từ|dikirim dari).{{0,70}}(?:{_DEVICE})",
    re.IGNORECASE,
)
# Where the verb comes last.
_FROM_IT_SENT = re.compile(
    r"\W{0,3}(?:(?:diese (?:nachricht|e-?mail|mail) wurde )?(?:von|mit) .{3,70} gesendet|(?:发自|從|从)我的"
    r"|.{2,60}(?:d[ae]n gönderildi|r[óő]l küldve|에서 보냄|에서 보냈습니다|から送信))",
    re.IGNORECASE,
)
_SENT_VIA = re.compile(r"\W{0,3}Sent (?:from|via|with|using) (?:my |the |a )?[A-Z]\S*(?: \S+){0,3}")
_GET_OUTLOOK = re.compile(
    r"\W{0,3}(?:get|holen|télécharge[rz]|obten[eiz]\w{0,3}|obtén|obter|descarg\w{1,3}|scarica|ottieni|download|hämta|hent"
    r"|få|hanki|pobierz|získ\w{1,4}|stáhn\w{1,4}|descărca\w{1,3}|загруз\w{1,4}|скачать|отримати|λήψη|获取|取得|下載)"
    r"\b.{0,20}\boutlook\b.{1,10}\b(?:ios|android|mobile)\b"
    r"|\W{0,3}outlook .{2,20}(?:downloaden|beziehen|edinin|letöltése|入手)",
    re.IGNORECASE,
)
_EXCUSE = re.compile(
    r"\W{0,3}(?:please )?(?:excuse|pardon|forgive|ignore)\b.{0,40}\b(?:typos?|brevity|brief|misspell\w*|spelling)",
    re.IGNORECASE,
)
_CHECKED = re.compile(
    r"\W{0,3}(?:virus-free|(?:this|diese|cet?|este|questa|dit) (?:e-?mail|message|nachricht|courriel|correo|mensaje"
    r"|mensagem|messaggio|bericht)\b.{0,60}\b(?:virus|avast|avg|malware))",
    re.IGNORECASE,
)
_LINK = re.compile(r"\s*<?https?://[^\s<>]+>?\s*")

_CONFIDENTIAL = re.compile(
    r"confidential|privileged|vertraulich|confidentiel|confidencial|riservat[eio]|confidenzial|vertrouwelijk|poufn[eay]"
    r"|konfidenti|fortrolig|luottamuksel|důvěrn|dôvern|bizalmas|конфиденциальн|конфіденційн|gizli|εμπιστευτικ|機密|机密",
    re.IGNORECASE,
)
_MEANT_FOR = re.compile(
    r"recipient|addressee|intended (?:only|solely)|empfänger|adressat|destinat|geadresseerde|bestemd|odbiorc|adresat"
    r"|mottagare|modtager|mottaker|vastaanottaja|příjemc|adresát|címzett|получател|адресат|alıcı|παραλήπτη|受信者|收件人",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(
    r"delete|destroy|notify|prohibited|unauthori[sz]ed|in error|löschen|vernichten|informieren|unbefugt|supprimer"
    r"|détruire|interdit|par erreur|eliminar|elimine|borr|prohibid|por error|excluir|apagar|proibid|por engano"
    r"|cancell|elimin|vietat|per errore|verwijder|verboden|usun|zabronion|radera|slett|slet|poista|smazat|vymaz"
    r"|töröl|удал|уничтож|видал|silin|διαγρά|削除|删除",
    re.IGNORECASE,
)


def signature_start(lines: Sequence[str], indexes: Sequence[int]) -> int | None:
    """Where a signature begins among the lines at `indexes`: under `-- `, or under a line drawn near the end.

    `-- ` is the standard (RFC 3676, section 4.3). Everything else is also used between paragraphs, so what asks a
    question or runs on as paragraphs do is none, and under a long line there has to be somebody's name with an address
    or a number.
    """
    words = [i for i in indexes if lines[i].strip() and not is_quoted(lines[i])]
    for below in range(min(SIGNATURE_LINES, len(words) - 2), -1, -1):
        at = words[-1 - below]
        if _begins_signature(lines[at], [lines[i] for i in words[len(words) - below :]]):
            return at
    return None


def _begins_signature(line: str, below: Sequence[str]) -> bool:
    if _EXPLICIT.fullmatch(line):
        return True
    if any(one.rstrip().endswith(("?", "？")) or len(one) > WIDTH for one in below):
        return False
    if _DASHES.fullmatch(line):
        return True
    if len(below) > UNDERLINED_LINES:
        return False
    if _UNDERSCORES.fullmatch(line):
        return True
    return bool(_DRAWN.fullmatch(line)) and _looks_like_a_card(below)


def _looks_like_a_card(lines: Sequence[str]) -> bool:
    if not lines or not _NAME.fullmatch(lines[0].strip()):
        return False
    return any(_CONTACT.search(one) for one in lines[1:])


def is_footer(line: str) -> bool:
    """A line that a program adds under everything: `Sent from my phone`, `Virus-free`."""
    return is_device(line) or (len(line) <= FOOTER_LENGTH and bool(_CHECKED.search(line)))


def is_device(line: str) -> bool:
    line = line.strip()
    if len(line) > FOOTER_LENGTH or len(line.split()) > DEVICE_WORDS or line.endswith(("?", "？")):
        return False
    return bool(_SENT_VIA.fullmatch(line)) or any(
        kind.match(line) for kind in (_SENT_FROM, _FROM_IT_SENT, _GET_OUTLOOK, _EXCUSE)
    )


def is_link(line: str) -> bool:
    """Nothing but an address in the web; under a footer it belongs to it."""
    return bool(_LINK.fullmatch(line[:1000]))


def is_disclaimer(paragraph: Sequence[str]) -> bool:
    """A lawyer's paragraph says that it is confidential, for whom, and what everybody else must not do."""
    text = " ".join(paragraph)[:PARAGRAPH]
    if "?" in text:
        return False
    return all(kind.search(text) for kind in (_CONFIDENTIAL, _MEANT_FOR, _FORBIDDEN))


def armour(lines: Sequence[str]) -> list[range]:
    """The lines that OpenPGP puts around a signed text (RFC 9580, section 7)."""
    found: list[range] = []
    begun: int | None = None
    for index, line in enumerate(lines):
        if line.startswith("-----BEGIN PGP SIGNED MESSAGE-----"):
            found.append(range(index, _after_armour_headers(lines, index + 1)))
        elif line.startswith("-----BEGIN PGP SIGNATURE-----"):
            begun = index
        elif line.startswith("-----END PGP SIGNATURE-----") and begun is not None:
            found.append(range(begun, index + 1))
            begun = None
    return found


def _after_armour_headers(lines: Sequence[str], index: int) -> int:
    while index < len(lines) and lines[index].startswith(("Hash:", "Charset:", "NotDashEscaped:")):
        index += 1
    return index
