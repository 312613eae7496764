"""From what the model thought to an Action: it may call for people freely, but an Answer must prove itself."""

from collections.abc import Iterator

from bot.guard import SHORTEST_QUOTE
from bot.knowledge.ranking import Ranking
from bot.model import Action, Answer, Citation, Escalate, FileTicket, Ignore
from bot.triagers.openai_prompt import Prompt
from bot.triagers.openai_schema import NONE, Cited, Thought
from bot.triagers.openai_words import one_line, squeezed

TOP = 5
"""Among so many of the best articles a cited one must rank. Of labelled requests that an article answers, it does in 98
of 100; a model led astray quotes what lies further down."""

HARMLESS = "manipulation"
"""The one risk that calls for nobody: the attempt is left aside and the rest decided."""


def action(thought: Thought, prompt: Prompt, ranking: Ranking) -> tuple[Action, tuple[str, ...]]:
    """The Action, and the names of what keeps an Answer from being one."""
    faults = tuple(_faults(thought, prompt, ranking))
    draft = _draft(thought, prompt, faults)
    calls = tuple(dict.fromkeys(risk for risk in thought.risks if risk != HARMLESS))
    match thought.action:
        case _ if calls:
            return Escalate(_reason(", ".join(calls), thought), draft), ()
        case "escalate":
            return Escalate(_reason("the model calls for people", thought), draft), ()
        case "ignore":
            return Ignore(_reason("nobody waits for anything", thought)), ()
        case "answer" if draft is not None and not faults:
            return draft, ()
        case "answer":
            return FileTicket(_reason(f"not surely answered ({', '.join(faults)})", thought), draft), faults
        case _:
            return FileTicket(_reason(one_line(thought.missing, 200) or "somebody has to act", thought), draft), ()


def _reason(why: str, thought: Thought) -> str:
    return ": ".join(filter(None, (why, one_line(thought.ticket.summary, 400))))


def _faults(thought: Thought, prompt: Prompt, ranking: Ranking) -> Iterator[str]:
    cited = [one for one in thought.citations if one.passage_id != NONE]
    if not thought.answer.strip():
        yield "no answer"
    if not thought.kb_sufficient:
        yield "insufficient"
    if not cited:
        yield "uncited"
    if not all(_is_literal(one, prompt) for one in cited):
        yield "misquoted"
    if not all(_is_telling(one, prompt, ranking) for one in cited):
        yield "weak evidence"
    if _leaks(thought, prompt):
        yield "leak"


def _draft(thought: Thought, prompt: Prompt, faults: tuple[str, ...]) -> Answer | None:
    """What the model would say, with the citations that hold, and where they stand."""
    if not thought.answer.strip() or "leak" in faults:
        return None
    held = [one for one in thought.citations if _is_literal(one, prompt)]
    citations = tuple(Citation(prompt.passages[one.passage_id], one.quote) for one in held)
    passages = {one.passage.article: one.passage for one in citations}.values()
    sources = "\n".join(f"“{passage.title}” {passage.url}".strip() for passage in passages)
    return Answer("\n\n".join(filter(None, (thought.answer.strip(), sources))), citations)


def _is_literal(cited: Cited, prompt: Prompt) -> bool:
    """Case counts: `No` and `no` may be words of different sentences."""
    passage = prompt.passages.get(cited.passage_id)
    quote = " ".join(cited.quote.split())
    return passage is not None and len(quote) >= SHORTEST_QUOTE and quote in " ".join(passage.text.split())


def _is_telling(cited: Cited, prompt: Prompt, ranking: Ranking) -> bool:
    """The search has found the article for the customer's words too, not only the model for its own reasons."""
    passage = prompt.passages.get(cited.passage_id)
    best = {one.passage.article: one.known for one in ranking.articles[:TOP]}
    return passage is not None and bool(best.get(passage.article))


def _leaks(thought: Thought, prompt: Prompt) -> bool:
    """Our rules or the mark around the customer's words have found their way into the answer."""
    said = squeezed(thought.answer)
    return any(squeezed(secret) in said for secret in prompt.secrets)
