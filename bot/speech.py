"""What a customer says in a Conversation's turn: the own words of it, and whether anybody waits for an answer."""

import re

from bot.knowledge.words import words
from bot.model import FORGED, Conversation, Kind, Message

MACHINE = frozenset(
    {
        "auto-submitted",
        "null-return-path",
        "own-message-id",
        "own-loop-header",
        "mailer-daemon",
        "received-50",
    }
)
"""Signs that no person wrote this for us to read."""

COPIED = "copied"
"""From somebody whom the customer copied in: an answer would go to the customer, who hasn't asked."""

_DOUBTFUL = "precedence list auto-response-suppress no-reply own-address several-from spam rewritten-from"
DOUBTFUL = frozenset({FORGED, COPIED, *_DOUBTFUL.split()})
"""Signs that also people's mail bears, or that of machines with something to say: a person reads it, no bot answers."""


def is_machine(message: Message) -> bool:
    return message.kind is not Kind.MESSAGE or not MACHINE.isdisjoint(message.signs)


def said(conversation: Conversation) -> tuple[Message, ...]:
    """The customer's undecided messages that a person wrote."""
    return tuple(m for m in conversation.undecided() if not is_machine(m))


def subject(conversation: Conversation) -> str:
    """Of the first message of this turn, without the marks of replies and forwards."""
    first = next(iter(said(conversation)), None)
    return _MARKS.sub("", first.subject if first else conversation.subject).strip()


def bare_subject(text: str) -> str:
    """For comparing two: without marks of replies, what stands in brackets, and differences of case and space."""
    return " ".join(_MARKS.sub("", _BRACKETS.sub(" ", text)).casefold().split())


def own_words(conversation: Conversation) -> str:
    """Subject and text of this turn without quoted history and signatures."""
    parts = [subject(conversation), *(own_text(m.text) for m in said(conversation))]
    return "\n\n".join(part for part in parts if part)


def _either(lines: str) -> str:
    """The lines as one pattern of alternatives."""
    return "(?:" + "|".join(lines.strip().splitlines()) + ")"


_BRACKETS = re.compile(r"\[[^\[\]]{1,60}\]")
_MARKS = re.compile(r"^(?:\s*(?:re|aw|sv|antw|rif|res|fwd?|wg|tr|rv|enc)\s*(?:\[\d+\])?\s*:)+", re.IGNORECASE)
_ATTRIBUTION = re.compile(
    r"(?:on|am|le|el|il|op|em)\b.{5,200}(?:wrote|schrieb|a écrit|escribió|scritto|schreef|escreveu).{0,40}:"
)
_CLOSINGS = _either(r"""
(?:(?:kind|best|warm|warmest|many|with|with best|with kind) )?(?:regards|wishes|greetings|rgds|sincerely|cheers)
(?:yours )?(?:sincerely|faithfully|truly)(?: yours)?
(?:mit )?(?:(?:freundlichen|vielen|viele|besten|beste|lieben|liebe|herzlichen) )?gr(?:ü|u|ue)(?:ß|ss)e?n?|mfg|vg|lg
cordialement|bien à vous|salutations|bien cordialement
(?:un )?saludos?(?: cordial(?:es)?)?|atentamente
cordiali saluti|distinti saluti|met vriendelijke groet(?:en)?|mvg|atenciosamente|cumprimentos|obrigad[oa]
""")
_CLOSING = re.compile(_CLOSINGS + r"[ ,.!]*(?:from .{0,60})?")
_DEVICE = re.compile(
    r"(?:sent|gesendet|envoyé|enviado|inviato|verzonden|get outlook)"
    r" (?:from|von|mit|depuis|desde|da|vanaf|via|for)\b.{0,60}"
)
_PERSONS_WORDS = """
i i'm i'll i've me my mine we we're we'll us our you your it he she they ich mich mir mein wir uns unser sie ihr du euch
je j'ai me moi mon ma nous nos vous vos votre yo mi nosotros usted ustedes ud
"""
_PERSONS = frozenset(_PERSONS_WORDS.split())
_AFTERTHOUGHT = re.compile(r"p\.? ?s\.?\b", re.IGNORECASE)


def own_text(text: str) -> str:
    """Without lines that are quoted, a signature, or a device's line. In doubt a line stays: Guards read this."""
    kept: list[str] = []
    signing = False
    for line in text.splitlines():
        bare = line.strip()
        if bare == "--":
            break
        if bare.startswith(">") or _ATTRIBUTION.fullmatch(bare.lower()) or _DEVICE.fullmatch(bare.lower()):
            continue
        signing = _still_signing(bare) if signing else bool(_CLOSING.fullmatch(bare.lower()))
        if not signing:
            kept.append(line)
    return "\n".join(kept).strip()


def _still_signing(line: str) -> bool:
    """Names, titles and addresses are short and speak to nobody; what is said after the name is a sentence."""
    said = len(line.split()) > 6 or line.endswith(("?", "!")) or _AFTERTHOUGHT.match(line)
    return not said and _PERSONS.isdisjoint(words(line))


# ------------------------------------------------------------------ nobody waits


_THANKS = """
thank thanks thx ty tnx cheers ta appreciated appreciate danke dank dankeschön merci gracias grazie bedankt obrigado
obrigada mille great perfect awesome brilliant excellent lovely wonderful super top prima klasse parfait génial
perfecto genial perfetto ótimo cool nice solved resolved fixed works worked working sorted klappt funktioniert geklappt
erledigt gelöst marche fonctionne résolu funciona resuelto solucionado hello hi hey hallo bonjour hola ciao morning
moin servus lol haha test testing
"""
_BESIDE = """
a again ah all already am and are at best bye day days done evening ever everything fine for from good got great green
have help helped helpful helping here i i'm im it it's its just kind lot lots lunch many me much my no now of ok okay
oh on once one perfectly please problem quick quickly reply response same see seems so support team that that's thats
the there these this to too tomorrow very was we week weekend well wishes wow yes you your yours 1 2 3 123 again back
vielen lieben schön schönen schönes wochenende tag abend euch ihnen dir für die das der und hilfe schnelle antwort
jetzt wieder alles gut es es's geht nun ja sehr herzlichen guten
beaucoup à bientôt tout bon bonne journée soirée week-end pour votre aide réponse c'est ça et vous très bien maintenant
oui
muchas mil por la ayuda todo bien ya que tenga tengan buen buena día fin de semana y tu su respuesta rápida saludos
molte tutto bene ora hartelijk alvast alles werkt weer muito tudo bem agora pela ajuda
"""
_KEYS = frozenset(_THANKS.split())
_CHATTER = _KEYS | frozenset(_BESIDE.split())

_MADE_BY_MACHINES = re.compile(
    _either(r"""
auto(?:matic)?(?:[ -]?reply)?:|auto(?:mated|matic)?[ -]?(?:reply|response)\b
out of (?:the )?office\b|ooo:|on (?:annual )?leave:
abwesenheits?(?:notiz|meldung)\b|automatische (?:antwort|abwesenheit)
réponse automatique|absence du bureau|message d'absence
respuesta automática|fuera de (?:la )?oficina|risposta automatica|fuori sede|automatische? antwoord|afwezig
resposta automática|(?:read|gelesen|lu|leído): |read receipt|lesebestätigung
(?:accepted|declined|tentative|cancell?ed event|zugesagt|abgelehnt|mit vorbehalt|accepté|refusé|aceptad[oa]): .*@
undeliver(?:able|ed)\b|mail delivery (?:failed|failure|subsystem|system)|returned mail|failure notice
delivery (?:status notification|failure|has failed)|unzustellbar|nicht zustellbar|échec de (?:la )?remise
""")
)


def is_chatter(conversation: Conversation) -> bool:
    """Thanks, a greeting or nothing at all: every word is on a closed list, and nothing is asked."""
    messages = said(conversation)
    texts = [own_text(m.text) for m in messages]
    if any(m.attachments for m in messages) or any("?" in text or "？" in text for text in texts):
        return False
    if not any(texts) and words(subject(conversation)):
        return False
    return all(_is_chatter(text, m.author_name) for text, m in zip(texts, messages, strict=True))


def _is_chatter(text: str, name: str) -> bool:
    """`name`: the author's, with which the words may be signed."""
    if not words(text):
        return True
    lines = text.splitlines()
    if len(lines) > 1 and set(words(lines[-1])) <= set(words(name)):
        lines.pop()
    said = words("\n".join(lines))
    return len(said) <= 40 and _CHATTER.issuperset(said) and not _KEYS.isdisjoint(said)


def is_machine_made(conversation: Conversation) -> bool:
    """An absence notice, a bounce or a calendar's note that came without a machine's marks, told by its subject."""
    messages = said(conversation)
    texts = [own_text(m.text) for m in messages]
    return (
        bool(messages)
        and all(_MADE_BY_MACHINES.match(m.subject.strip().lower()) for m in messages)
        and not any("?" in text or len(text) > 2000 for text in texts)
    )
