"""How a call of the model may end."""

from enum import StrEnum


class Outcome(StrEnum):
    """In the words that metrics and traces show."""

    ANSWERED = "answered"
    # The model spoke, but not as it should.
    INVALID = "invalid"
    TRUNCATED = "truncated"
    FILTERED = "filtered"
    REFUSED = "refused"
    # The server would not, or could not.
    REJECTED = "request rejected"
    LIMITED = "rate limited"
    UNAUTHORISED = "not authorised"
    NOT_FOUND = "model or address not found"
    ERROR = "server error"
    MALFORMED = "malformed response"
    TOO_LONG = "response too long"
    CUT = "connection lost"
    UNREACHABLE = "unreachable"
    LATE = "no answer in time"
    # It was not asked.
    LEFT_ALONE = "left alone after failures"
    SPENT = "budget spent"


HOPELESS = frozenset({Outcome.UNAUTHORISED, Outcome.NOT_FOUND})
"""Every other request would fare the same until somebody changes a setting."""

PASSING = frozenset({Outcome.LIMITED, Outcome.ERROR, Outcome.CUT, Outcome.UNREACHABLE})
"""Another try may go better."""

WELL = frozenset({Outcome.INVALID, Outcome.TRUNCATED, Outcome.FILTERED, Outcome.REFUSED, Outcome.REJECTED})
"""The server works: what went wrong lies in this request. A customer must not be able to shut the model off."""

FREE = HOPELESS | {Outcome.REJECTED, Outcome.LIMITED, Outcome.ERROR, Outcome.UNREACHABLE}
"""Nothing is charged for these; a server that is down for an hour must not use up the day's budget."""


class NoAnswer(Exception):
    """The model gave no answer that can be used.

    `after`: in so many seconds the server wants to be asked again. `said`, `problems`: an INVALID answer, and what was
    wrong with it.
    """

    def __init__(self, outcome: Outcome, *, after: float | None = None, said: str = "", problems: str = "") -> None:
        super().__init__(outcome.value)
        self.outcome = outcome
        self.after = after
        self.said = said
        self.problems = problems
