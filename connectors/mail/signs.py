"""The marks of a machine in a mail, and what sort of word they make it."""

import re
from collections.abc import Sequence

from bot.model import Kind
from connectors.mail.addresses import Address
from connectors.mail.headers import Headers
from connectors.mail.structure import Part

LOOP_HEADER = "x-firstline-loop"
RECEIVED = 50
LOOK = 4000

_MAILER = re.compile(r"(?:mail(?:er)?[-_.]?daemon|mdaemon|poo?stmaster|mail[-_. ]deliver(?:y|ed))\b", re.IGNORECASE)
_NO_REPLY = re.compile(
    r"(?:do[-_.]?not|no|never)[-_.]?(?:reply|answer|respon[ds]e?)|bounces?\b|autore(?:ply|spond)|nobody\b"
)
_LISTS = ("list-id", "list-post", "list-unsubscribe", "list-help", "list-subscribe", "list-owner", "mailing-list")
_AUTOREPLY = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-autoreply-from", "x-mail-autoreply", "x-autoresponder")

_DELIVERY = re.compile(
    r"undeliver|not (?:be )?deliver|deliver(?:y|ed)?\b.{0,30}(?:fail|status|delay|problem|error|notif|report)"
    r"|fail(?:ure|ed)\b.{0,15}(?:notice|deliver|mail)|return(?:ed|ing)\b.{0,10}(?:mail|to sender)|mail system error"
    r"|delayed mail|unzustellbar|nicht zugestellt|non remis|non[- ]distribu|no se (?:ha )?(?:pudo|podido) entregar"
    r"|mancata consegna|onbestelbaar|niet bezorgd|не (?:доставлено|удалось доставить)|配信|配送|退信"
    r"|warning: could not send|error sending your mail|user unknown",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"\b[45]\d\d[ -][#(]?[45]\.\d{1,3}\.\d{1,3}|could ?n[o']t be deliver|undeliver|delivery (?:fail|error)"
    r"|user unknown|配信|宛先",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"(?:(?:re|aw|sv|antw|rv|r): ?)?\W{0,3}(?:auto(?:matic|mated|matische|matisk|matisch)?[ :_-]{0,3}"
    r"(?:reply|response|respond|answer|antwort|svar|antwoord|responder)|out of (?:the )?office|away (?:from|until)"
    r"|(?:i am |i'm )?on (?:vacation|holiday|leave)\b|vacation|abwesenheit|abwesend|nicht im (?:büro|haus)"
    r"|r[ée]ponse automatique|absence du bureau|absent du bureau|respuesta autom[áa]tica|fuera de (?:la )?oficina"
    r"|risposta automatica|fuori (?:sede|ufficio)|resposta autom[áa]tica|fora do escrit[óo]rio|afwezig|fr[åa]nvar"
    r"|frav[æe]r|poissaolo|automatick[áa] odpov|autoodpowied|odpowiedź automatyczna|автоответ|автоматический ответ"
    r"|自動応答|自動返信|自动回复|自動回覆|자동 ?응답|부재중)",
    re.IGNORECASE,
)
_ABUSE = re.compile(
    r"this is (?:an|a) (?:email )?(?:e-?mail )?(?:abuse|spam|feedback) (?:report|complaint)", re.IGNORECASE
)


def signs_of(headers: Headers, authors: Sequence[Address], *, null_return_path: bool) -> tuple[str, ...]:
    """Each mark by name; any of them is enough for never answering automatically."""
    local = authors[0].address.lower().partition("@")[0] if authors else ""
    submitted = headers.token("auto-submitted").partition(" ")[0]
    seen = {
        "null-return-path": null_return_path,
        "auto-submitted": submitted not in ("", "no"),
        "precedence": headers.token("precedence") in ("bulk", "list", "junk", "auto_reply", "auto-reply"),
        "list": any(name in headers for name in _LISTS),
        "autoreply": any(name in headers for name in _AUTOREPLY),
        "auto-response-suppress": headers.token("x-auto-response-suppress") not in ("", "none"),
        "own-loop-header": LOOP_HEADER in headers,
        "mailer-daemon": bool(_MAILER.match(local)),
        "no-reply": bool(_NO_REPLY.match(local)),
        "received-50": len(headers.every("received")) > RECEIVED,
        "several-from": len(authors) > 1,
    }
    return tuple(name for name, there in seen.items() if there)


def kind_of(root: Part, text: str, authors: Sequence[Address], signs: Sequence[str]) -> Kind:
    subject, begin = root.headers.text("subject")[:500], text[:LOOK]
    types = {part.type for part in root.leaves()}
    if _is_report(root, types, begin, subject):
        return Kind.REPORT
    if _is_bounce(root, types, begin, subject, authors, signs):
        return Kind.BOUNCE
    if _is_auto_reply(root, subject, signs):
        return Kind.AUTO_REPLY
    return Kind.MESSAGE


def _is_report(root: Part, types: set[str], begin: str, subject: str) -> bool:
    if root.report_type == "feedback-report" or "message/feedback-report" in types:
        return True
    return subject.lower().startswith("complaint about message from") or bool(_ABUSE.search(begin[:500]))


def _is_bounce(
    root: Part, types: set[str], begin: str, subject: str, authors: Sequence[Address], signs: Sequence[str]
) -> bool:
    if root.report_type == "delivery-status" or "message/delivery-status" in types:
        return True
    if "x-failed-recipients" in root.headers:
        return True
    if _AWAY.match(subject):
        return False
    about_delivery = bool(_DELIVERY.search(subject))
    if _is_mailer(authors):
        return about_delivery or "mailer-daemon" in authors[0].address.lower() or bool(_REFUSED.search(begin))
    return "null-return-path" in signs and (about_delivery or bool(_REFUSED.search(begin)))


def _is_mailer(authors: Sequence[Address]) -> bool:
    """A customer who passes a bounce on is none."""
    return bool(authors) and any(_MAILER.match(text) for text in (authors[0].address, authors[0].name))


def _is_auto_reply(root: Part, subject: str, signs: Sequence[str]) -> bool:
    if "autoreply" in signs or _AWAY.match(subject) or root.report_type == "disposition-notification":
        return True
    if root.headers.token("auto-submitted").startswith("auto-replied"):
        return True
    if root.headers.token("precedence") in ("auto_reply", "auto-reply"):
        return True
    return "null-return-path" in signs and "in-reply-to" in root.headers
