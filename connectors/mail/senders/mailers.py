"""What mail servers call themselves, and what they say about a mail that didn't arrive, in many languages.

The words are looked for in subjects and in the first lines only: everything here is a search over short text.
"""

import re
from collections.abc import Sequence

from connectors.mail.form.addresses import Address

# Names and local parts of mail servers. A person may well be called Postmaster: what a mailer says counts, too.
_MAILER = re.compile(
    r"(?:mail(?:er)?[-_. ]?daemon|mdaemon|poo?stmaster|mail[-_. ]deliver(?:y|ed)?|internet mail delivery"
    r"|system ?administrator|mail (?:system |server )?administrator|ndr\b|mmsc\b)",
    re.IGNORECASE,
)
# Filters and gateways under names that a company's people might use as well.
_GATEWAY = re.compile(
    r"[a-z0-9_ -]{0,30}(?:smtp|mail|virus|spam|content|imss)[-_ ]?[a-z_ -]{0,12}"
    r"(?:gateway|service|system|server|router|filter|scan|wall)"
    r"|imss\b|mailsweeper|mail(?:marshal|gate)|interscan",
    re.IGNORECASE,
)
# Programs only, never a person.
_DAEMON = re.compile(r"(?:mail(?:er)?[-_.]?daemon|mail[-_. ]delivery[-_. ](?:sub)?system)\b", re.IGNORECASE)

_FAILED = (
    # English
    r"undeliver|not (?:be |been |yet been )?deliver|could ?n[o']t deliver|unable to deliver|non-?delivery"
    r"|deliver(?:y|ed|ing)?\b.{0,30}(?:fail|status|delay|problem|error|notif|report|warning)"
    r"|fail(?:ure|ed)\b.{0,15}(?:notice|deliver|mail|recipient)|return(?:ed|ing)\b.{0,10}(?:mail|message|to sender)"
    r"|mail system error|delayed mail|could not send|error sending your|user unknown|unknown user"
    # German, Dutch, the Nordic languages
    r"|unzustellbar|nicht (?:zugestellt|zustellbar)|zustell(?:ung|en|fehler).{0,20}(?:fehl|verz|nicht)"
    r"|übermittlung.{0,20}fehl"
    r"|onbestelbaar|niet (?:worden |kunnen worden )?(?:bezorgd|afgeleverd|besteld)"
    r"|bezorg(?:ing|fout).{0,12}(?:mislukt|fout)"
    r"|olever(?:erbar|bart)|(?:kunde|kan) inte leverera|(?:kunne|kan) ikke (?:leveres|sendes)|ikke (?:blitt )?lever[et]"
    r"|perille toimittamaton|ei voi(?:tu|da) toimittaa|toimit(?:us|taminen) epäonnistui"
    # French, Spanish, Portuguese, Italian, Romanian
    r"|non[- ](?:remis|distribu|délivr)|n'a pas pu [êe]tre (?:remis|distribu|d[ée]livr|livr)"
    r"|échec (?:de (?:la )?)?(?:remise|livraison|distribution|l'envoi)"
    r"|no se (?:ha )?(?:pudo|podido|puede) entregar|no entregado|error (?:en la|de) entrega|no ha sido entregado"
    r"|n[ãa]o (?:foi |p[ôo]de ser |foi poss[íi]vel )?entreg|falha na entrega"
    r"|mancata consegna|non recapitabile|impossibile recapitare|non (?:è stato )?(?:consegnat|recapitat)"
    r"|nelivrat|nu a putut fi livrat"
    # Slavic languages, Greek, Hungarian, Turkish
    r"|niedostarczon|nie (?:można|udało się|została?) dostarcz|nedoručiteľ?n|nelze doručit|nedoručen|neisporučen"
    r"|nije isporučen"
    r"|не (?:было |был[аи]? |может быть |удалось |вдалося )?доставл?[еит]|недоставлен|ошибка доставки|недоставено"
    r"|не може да бъде доставен"
    r"|δεν παραδόθηκε|αδύνατη η παράδοση|αποτυχία παράδοσης|kézbesíthet|kézbesítés sikertelen|teslim edilem|iletilemedi"
    # further east
    r"|配信|配送|配達|送信(?:でき|エラー)|メールエラー|お届けでき|退信|退回|无法(?:投递|送达|传递)|投递失败|未送达|無法(?:傳遞|送達|投遞)|傳遞失敗"
    r"|배달(?:되지|할 수|하지| 실패)|전달(?:되지|할 수)|반송|không (?:gửi|thể gửi|phân phối) được|gagal terkirim"
    r"|tidak (?:dapat )?terkirim"
    r"|تعذر (?:ال)?تسليم|لم يتم (?:ال)?تسليم|לא נמסר|לא ניתן למסור"
)
_ABOUT = re.compile(_FAILED + r"|loop alert|message.{0,10}blocked", re.IGNORECASE)
_SAYS = re.compile(
    _FAILED + r"|\b[45]\d\d[ -][#(]?[45]\.\d{1,3}\.\d{1,3}|no such (?:user|recipient|mailbox|address)|unknown recipient"
    r"|mailbox.{0,20}(?:full|unavailable|not found|exceed)"
    r"|(?:over|exceed\w{0,3}) (?:the |its |your )?(?:quota|storage)|quota exceeded"
    r"|recipient.{0,20}(?:reject|unknown)|relay(?:ing)? denied|permanent (?:fatal )?(?:delivery )?error"
    r"|has been (?:postponed|delayed)"
    r"|duplicated message-id|宛先|メールボックスが",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b(?:4[2-5]|5[0-57])\d[ -](?=[#(<A-Za-z])|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.]\d)")
_PASSED_ON = re.compile(r"\s{0,3}(?:re|aw|sv|fw|fwd|wg|tr|rv|enc|doorst|vs|pd)\s{0,2}(?:\[\d+\])?:", re.IGNORECASE)


def is_mailer(authors: Sequence[Address]) -> bool:
    """Whether the author calls itself a mail server; one without any address (`From: x <>`) can only be a program."""
    if not authors:
        return False
    first = authors[0]
    return any(_MAILER.match(text.lstrip('"')) for text in (first.address, first.name)) or (
        bool(first.name) and not first.address
    )


def is_gateway(authors: Sequence[Address]) -> bool:
    return bool(authors) and any(_GATEWAY.match(text[:100]) for text in (authors[0].address, authors[0].name))


def is_daemon(authors: Sequence[Address]) -> bool:
    return bool(authors) and any(_DAEMON.match(text) for text in (authors[0].address, authors[0].name))


def is_passed_on(subject: str) -> bool:
    """Somebody's answer to it or forward of it."""
    return bool(_PASSED_ON.match(subject))


def is_about_delivery(subject: str) -> bool:
    return bool(_ABOUT.search(subject))


def says_undelivered(text: str) -> bool:
    return bool(_SAYS.search(text))


def gives_a_code(text: str) -> bool:
    """A reply code of SMTP (RFC 5321) or an enhanced status (RFC 3463) of a failure."""
    return bool(_CODE.search(text))
