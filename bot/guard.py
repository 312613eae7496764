"""Rules that no Triager overrules. Pure, and able to turn only one way: towards a human."""

import re
from collections.abc import Callable, Iterator

from bot import escalation, speech
from bot.facts import unfounded
from bot.knowledge.language import language
from bot.knowledge.words import INVISIBLE
from bot.model import (
    Action,
    Answer,
    Author,
    Citation,
    Conversation,
    Escalate,
    FileTicket,
    Ignore,
    Level,
    Priority,
    Proposal,
    Verdict,
    Visibility,
)

TURNS = 3
"""Automatic replies in one Conversation; more is a talk in which the desk does not understand."""

SHORTEST_QUOTE = 20

STOPPED = "triage is stopped"
WATCHING = "the desk only watches"

Checked = tuple[Action, Priority, tuple[str, ...]]


def before(conversation: Conversation) -> tuple[Action, str] | None:
    """The Action and the Guard's name when no Triager is to be asked."""
    undecided = conversation.undecided()
    if not undecided:
        return Ignore("nothing new was said"), "nothing-new"
    if all(speech.is_machine(message) for message in undecided):
        return Ignore("written by a machine: " + ", ".join(sorted(_machine_marks(conversation)))), "machine"
    return None


def after(
    proposal: Proposal, conversation: Conversation, *, approved: Callable[[str], bool], turns: int = TURNS
) -> Checked:
    """What stays of the proposal, with the names of the Guards that changed it.

    `approved` tells whether an Article is one that customers may see; `turns` is the limit of automatic replies.
    """
    signs = escalation.signs(speech.own_words(conversation))
    if signs:
        return _escalated(proposal, signs)
    match proposal.action:
        case Answer() as answer:
            faults = tuple(_faults(answer, conversation, approved, turns))
            return _withheld(answer, faults, proposal) if faults else (answer, proposal.priority, ())
        case Ignore() if not _may_ignore(conversation):
            return FileTicket("not surely nothing: a person should look"), Priority.NORMAL, ("not-ignorable",)
        case Escalate():
            return proposal.action, max(proposal.priority, Priority.HIGH, key=_rank), ()
        case _:
            return proposal.action, proposal.priority, ()


def at_level(action: Action, level: Level, stopped: bool, watching: bool = False) -> tuple[Action, str | None]:
    """What the category's level, the kill switch and the watch-only mode leave of the Action, and the name of what
    changed it."""
    quiet = level in (Level.OFF, Level.SHADOW)
    match action:
        case FileTicket() | Escalate():
            return (type(action)(action.reason) if quiet else action), None
        case Answer() | Ignore() if quiet:
            return FileTicket(f"the category is at level {level}"), f"level-{level}"
        case Answer() if stopped:
            return FileTicket(STOPPED, draft=action), "stopped"
        case Answer() if watching:
            return FileTicket(WATCHING, draft=action), "watching"
        case Answer() if level is Level.DRAFT:
            return FileTicket("the category is at level draft", draft=action), "level-draft"
        case _:
            return action, None


def may_reply(count: int, limit: int) -> bool:
    """Whether one more automatic reply may go where `count` went already; limit 0: any number."""
    return limit == 0 or count < limit


def is_verified(conversation: Conversation) -> bool:
    """Whether it is sure who wrote all that waits for an answer."""
    return all(message.verdict is not Verdict.UNVERIFIED for message in conversation.undecided())


_DIGITS = re.compile(r"\d+")


def repeats_itself(conversation: Conversation) -> bool:
    """Whether all that waits for an answer was said before in the same words, and answered."""
    undecided = conversation.undecided()
    before = {_even(m.text) for m in conversation.messages if m.author is Author.CUSTOMER and m not in undecided}
    return bool(undecided) and all(_even(message.text) in before for message in undecided)


def _even(text: str) -> str:
    """Without differences that a machine makes: it counts its confirmations."""
    return " ".join(_DIGITS.sub("0", text.casefold()).split())


# ------------------------------------------------------------------ what must escalate


def _escalated(proposal: Proposal, signs: tuple[escalation.Sign, ...]) -> Checked:
    least = Priority.URGENT if escalation.URGENT.intersection(signs) else Priority.HIGH
    priority = max(proposal.priority, least, key=_rank)
    if isinstance(proposal.action, Escalate):
        return proposal.action, priority, ()
    draft = proposal.action if isinstance(proposal.action, Answer) else getattr(proposal.action, "draft", None)
    return Escalate(", ".join(signs), draft=draft), priority, ("must-escalate",)


def _rank(priority: Priority) -> int:
    return list(Priority).index(priority)


# ------------------------------------------------------------------ what may be answered


def _withheld(answer: Answer, faults: tuple[str, ...], proposal: Proposal) -> Checked:
    return FileTicket("not answered automatically: " + ", ".join(faults), draft=answer), proposal.priority, faults


def _faults(answer: Answer, conversation: Conversation, approved: Callable[[str], bool], turns: int) -> Iterator[str]:
    messages = speech.said(conversation)
    if not answer.citations:
        yield "uncited"
    if not all(_is_literal(citation) for citation in answer.citations):
        yield "misquoted"
    if not all(approved(article) for article in answer.articles):
        yield "not-approved"
    if unfounded(answer.text, _sources(answer)):
        yield "unfounded"
    if not _is_readable(answer):
        yield "unreadable"
    if not _same_language(answer.text, speech.own_words(conversation)):
        yield "language"
    if _automatic(conversation) >= turns:
        yield "turns"
    if any(message.partly for message in messages):
        yield "partly-read"
    if any(not speech.DOUBTFUL.isdisjoint(message.signs) for message in messages):
        yield "doubtful-sender"


# Images and links under other words lead elsewhere than they say; tags are no words at all.
_MARKUP = re.compile(r"!?\[[^\]]*\]\s?[(\[]|^\s*\[[^\]]+\]:\s|</?[a-z!][^>]*>", re.IGNORECASE | re.MULTILINE)


def _is_literal(citation: Citation) -> bool:
    quote = " ".join(citation.quote.split())
    return len(quote) >= SHORTEST_QUOTE and quote in " ".join(citation.passage.text.split())


def _is_readable(answer: Answer) -> bool:
    """Words that look like what they are; markup only where a cited passage shows it as an example."""
    sources = _sources(answer)
    markup = (match[0].strip() for match in _MARKUP.finditer(answer.text))
    return bool(answer.text.strip()) and not INVISIBLE.search(answer.text) and all(one in sources for one in markup)


def _sources(answer: Answer) -> str:
    passages = [citation.passage for citation in answer.citations]
    return "\n".join(f"{p.title}\n{p.heading}\n{p.url}\n{p.text}" for p in passages)


def _same_language(answer: str, asked: str) -> bool:
    """What is too short to show a language is taken for the other's."""
    theirs, ours = language(asked), language(answer)
    return theirs is None or ours is None or theirs == ours


def _automatic(conversation: Conversation) -> int:
    return sum(m.author is Author.BOT and m.visibility is Visibility.PUBLIC for m in conversation.messages)


# ------------------------------------------------------------------ what may be ignored


def _may_ignore(conversation: Conversation) -> bool:
    if any(message.partly for message in conversation.undecided()):
        return False
    return speech.is_machine_made(conversation) or speech.is_chatter(conversation)


def _machine_marks(conversation: Conversation) -> set[str]:
    messages = conversation.undecided()
    kinds = {message.kind.value for message in messages if message.kind is not message.kind.MESSAGE}
    return kinds.union(*(speech.MACHINE.intersection(message.signs) for message in messages))
