"""A figure: what was measured several times, and what is said of it."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """`runs` are the values as they were measured. `database`: sqlite or postgresql."""

    name: str
    unit: str
    database: str
    runs: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    def as_object(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": self.unit,
            "median": rounded(self.median),
            "min": rounded(min(self.runs)),
            "max": rounded(max(self.runs)),
            "runs": len(self.runs),
            "database": self.database,
            "values": [rounded(value) for value in self.runs],
        }

    def __str__(self) -> str:
        low, high = rounded(min(self.runs)), rounded(max(self.runs))
        return f"{self.name} ({self.database}): {rounded(self.median):g} {self.unit} ({low:g} to {high:g})"


def rounded(value: float) -> float:
    """To three digits: what comes after them is another one in the next run."""
    return float(f"{value:.3g}")


def percentile(values: Sequence[float], part: float) -> float:
    """The nearest rank: a value that was measured, which `part` of all don't exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-part * len(ordered) // 1) - 1)]
