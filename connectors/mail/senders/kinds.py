"""What sort of word a mail is: a person's, an automatic reply's, a report's on a delivery, a report's on abuse.

No single mark is believed where a person could have set it: who passes a bounce on, or asks about one, is a customer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import Kind
from connectors.mail.form import calendar
from connectors.mail.form.addresses import Address
from connectors.mail.form.structure import Part
from connectors.mail.returned import letters, ses
from connectors.mail.senders import away, mailers

LOOK = 4000
SUBJECT = 500

_ABUSE = re.compile(
    r"this is (?:an|a) (?:email )?(?:e-?mail )?(?:abuse|spam|feedback) (?:report|complaint)", re.IGNORECASE
)
_ANSWERED = ("auto_reply", "auto-reply")
# Marks of a mail that nobody wrote himself; who writes through a web form or a list has the others.
_BY_ITSELF = frozenset(("null-return-path", "auto-submitted", "precedence", "auto-response-suppress"))
_MACHINES = frozenset(("no-reply", "auto-submitted", "precedence"))


@dataclass(frozen=True, slots=True)
class _Look:
    """What several rules ask about."""

    root: Part
    types: frozenset[str]
    subject: str
    text: str
    authors: Sequence[Address]
    signs: Sequence[str]

    @property
    def begin(self) -> str:
        return self.text[:LOOK]


def kind_of(root: Part, text: str, authors: Sequence[Address], signs: Sequence[str]) -> Kind:
    types = frozenset(part.type for part in root.leaves())
    look = _Look(root, types, root.headers.text("subject")[:SUBJECT], text, authors, signs)
    if _is_report(look):
        return Kind.REPORT
    if _is_bounce(look):
        return Kind.BOUNCE
    if _is_auto_reply(look):
        return Kind.AUTO_REPLY
    return Kind.MESSAGE


def _is_report(look: _Look) -> bool:
    if look.root.report_type == "feedback-report" or "message/feedback-report" in look.types:
        return True
    if look.subject.lower().startswith("complaint about message from") or _ABUSE.search(look.begin[:500]):
        return True
    notice = ses.notice_of(look.text)
    return notice is not None and notice.complaint


def _is_bounce(look: _Look) -> bool:
    if look.root.report_type == "delivery-status" or "message/delivery-status" in look.types:
        return True
    if "x-failed-recipients" in look.root.headers or ses.notice_of(look.text) is not None:
        return True
    if away.is_about_absence(look.subject):
        return False
    return _is_mailers_prose(look)


def _is_mailers_prose(look: _Look) -> bool:
    """A report without a machine-readable part. The less sure the sender is a program, the more has to agree."""
    about = mailers.is_about_delivery(look.subject)
    says = mailers.says_undelivered(look.begin)
    back = letters.is_returned(look.root, look.text)
    code = mailers.gives_a_code(look.begin)
    if mailers.is_daemon(look.authors):
        return about or says or back or "mailer-daemon" in look.authors[0].address.lower()
    if mailers.is_passed_on(look.subject):
        return False
    if "null-return-path" in look.signs:
        # An automatic reply has no return path either, but answers something.
        return about or (says and (back or code or "in-reply-to" not in look.root.headers))
    if mailers.is_mailer(look.authors):
        return about or (says and (back or code))
    if mailers.is_gateway(look.authors):
        return about and (says or back or code)
    if "list" in look.signs:
        return about and says and back  # on lists people talk about bounces, too
    # A courier's robot speaks of deliveries: what comes back, or a code of SMTP, tells that they are mail's.
    return bool(_MACHINES & set(look.signs)) and (about or says) and (back or code)


def _is_auto_reply(look: _Look) -> bool:
    head = look.root.headers
    if "autoreply" in look.signs or look.root.report_type == "disposition-notification":
        return True
    if head.token("auto-submitted").startswith("auto-replied") or head.token("precedence") in _ANSWERED:
        return True
    if calendar.is_response(look.root) or away.is_automatic(look.subject):
        return True
    if "null-return-path" in look.signs and "in-reply-to" in head:
        return True
    automatic = bool(_BY_ITSELF & set(look.signs))
    if away.is_acknowledgement(look.subject) and (automatic or "no-reply" in look.signs):
        return True
    if automatic and (away.is_about_absence(look.subject) or away.is_acknowledgement(look.begin)):
        return True
    answers = "in-reply-to" in head or "references" in head or mailers.is_passed_on(look.subject)
    return (automatic or answers or away.is_about_absence(look.subject)) and away.is_notice(look.text)
