"""A finding, the counts it comes from, and when two shares are apart."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from analytics.look import SMALL_N
from analytics.statistics import wilson

Z_95 = 1.959964
LEAST_APART = 0.05
"""Losing less than this share more than the others is not worth a manager's time."""


@dataclass(frozen=True)
class Finding:
    """One sentence with its evidence; `chooses` is the filter that shows its attempts.

    `about` is what it is called. `customers` ranks findings: how many more were lost than with
    the rate of the others. `counts` are lost and tried.
    """

    about: str
    text: str
    evidence: str
    customers: float
    chooses: tuple[str, str] | None = None
    counts: tuple[int, int] | None = None


@dataclass(frozen=True)
class Group:
    """Counts of one group: `lost` of `tried`, with the key and label it goes by."""

    key: str
    label: str
    tried: int
    lost: int

    @property
    def share(self) -> float:
        return self.lost / self.tried


@dataclass(frozen=True)
class Difference:
    """A difference of two shares with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether chance alone is no explanation: the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def difference(k1: int, n1: int, k2: int, n2: int) -> Difference:
    """k1/n1 - k2/n2, all counts positive. Newcombe, Statistics in Medicine 17:873-890 (1998)."""
    first, second = wilson(k1, n1), wilson(k2, n2)
    assert first is not None
    assert second is not None
    p1, p2 = k1 / n1, k2 / n2
    value = p1 - p2
    low = value - sqrt((p1 - first.low) ** 2 + (second.high - p2) ** 2)
    high = value + sqrt((first.high - p1) ** 2 + (p2 - second.low) ** 2)
    return Difference(value, low, high)


def mean_difference(
    mean1: float, deviation1: float, n1: float, mean2: float, deviation2: float, n2: float
) -> Difference:
    """mean1 - mean2 from sample deviations and counts, for large samples (Welch, normal)."""
    value = mean1 - mean2
    half = Z_95 * sqrt(deviation1**2 / n1 + deviation2**2 / n2)
    return Difference(value, value - half, value + half)


def loses_more(group: Group, tried: int, lost: int, level: float) -> float | None:
    """The share the others lose, when `group` clearly loses more than they do; else None.

    `tried` and `lost` count the others; `level` is that of the two intervals that must not meet.
    """
    if group.tried < SMALL_N or tried < SMALL_N:
        return None
    mine, theirs = wilson(group.lost, group.tried, level), wilson(lost, tried, level)
    assert mine is not None
    assert theirs is not None
    rest = lost / tried
    apart = mine.low > theirs.high and group.share - rest >= LEAST_APART
    return rest if apart else None
