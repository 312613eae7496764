"""What a sign may be of."""

from enum import StrEnum


class Sign(StrEnum):
    DANGER = "danger to people"
    BREAK_IN = "break-in or leak"
    OUTAGE = "outage"
    LAW = "law and authorities"
    MONEY = "contested money"
    OTHERS = "reaching for what belongs to others"
    LEAVING = "leaving in anger"
    HUMAN = "wish for a human"


URGENT = frozenset({Sign.DANGER, Sign.BREAK_IN, Sign.OUTAGE})
