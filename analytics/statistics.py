"""Intervals and waiting curves: values in, values out, and None where a number is undefined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

LEVEL = 0.95
Floats = npt.NDArray[np.float64]


class Interval(NamedTuple):
    """Lower and upper bound, in the unit of what it bounds."""

    low: float
    high: float


def wilson(successes: int, trials: int, level: float = LEVEL) -> Interval | None:
    """Wilson score interval of a share (0-1); None without trials.

    Newcombe, Statistics in Medicine 17:857-872 (1998), method 3.
    """
    low, high = _wilson(np.array([successes]), np.array([trials]), level)
    return Interval(float(low[0]), float(high[0])) if trials else None


def wilson_columns(
    successes: pd.Series, trials: pd.Series, level: float = LEVEL
) -> tuple[pd.Series, pd.Series]:
    """`wilson` for whole columns: low and high, missing where there are no trials."""
    low, high = _wilson(_floats(successes), _floats(trials), level)
    return _column(low, trials), _column(high, trials)


def mean_interval(values: Sequence[float], level: float = LEVEL) -> Interval | None:
    """Student's t interval of a mean, in the unit of the values.

    None for fewer than two values, and for values that are all alike.
    """
    array = np.asarray(values, dtype=np.float64)
    if len(array) < 2 or array.std() == 0:
        return None
    count, mean, deviation = float(len(array)), array.mean(), array.std(ddof=1)
    low, high = _student(np.array([count]), np.array([mean]), np.array([deviation]), level)
    return Interval(float(low[0]), float(high[0]))


def mean_interval_columns(
    count: pd.Series, mean: pd.Series, deviation: pd.Series, level: float = LEVEL
) -> tuple[pd.Series, pd.Series]:
    """`mean_interval` from counts, means and sample deviations; missing where it is None."""
    low, high = _student(_floats(count), _floats(mean), _floats(deviation), level)
    return _column(low, count), _column(high, count)


def kaplan_meier(
    durations: Sequence[float] | Floats, events: Sequence[bool] | npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Share still there after each time, from durations of which only some ended in the event.

    Columns: `time` (unit of the durations, ascending, one row per distinct time), `at_risk` and
    `events` at that time, `survival` (0-1), and its 95 % interval `low`, `high` on the log-log
    scale (missing where survival is 0 or 1). Who leaves at a time was still at risk at it.
    Kaplan and Meier, JASA 53:457-481 (1958); variance after Greenwood.
    """
    times = np.asarray(durations, dtype=np.float64)
    happened = np.asarray(events, dtype=bool)
    if times.shape != happened.shape:
        raise ValueError("kaplan_meier needs one event flag per duration")
    distinct, place = np.unique(times, return_inverse=True)
    ended = np.bincount(place, happened, len(distinct)).astype(np.float64)
    leaving = np.bincount(place, None, len(distinct)).astype(np.float64)
    return kaplan_meier_of_counts(distinct, ended, leaving)


def kaplan_meier_of_counts(distinct: Floats, ended: Floats, leaving: Floats) -> pd.DataFrame:
    """`kaplan_meier` of durations that are counted already, at least one of each.

    `distinct` are the times, ascending; of the `leaving` that last so long, `ended` do so in the
    event.
    """
    at_risk = leaving[::-1].cumsum()[::-1]
    survival = np.cumprod(1 - ended / at_risk)
    low, high = _log_log(survival, ended, at_risk)
    return pd.DataFrame(
        {
            "time": distinct,
            "at_risk": at_risk.astype(np.int64),
            "events": ended.astype(np.int64),
            "survival": survival,
            "low": pd.array(low, dtype="Float64"),
            "high": pd.array(high, dtype="Float64"),
        }
    )


def sample(curve: pd.DataFrame, rng: np.random.Generator, size: int = 1) -> Floats:
    """Draw durations from a `kaplan_meier` curve by inverting it, in the unit of its times.

    What lies beyond the last time is not known from the data: such a draw is infinite.
    """
    return inverse(curve, rng.random(size))


def inverse(curve: pd.DataFrame, shares: Sequence[float] | Floats) -> Floats:
    """The first time at which survival is down to each share (0-1); infinite when it never is."""
    survival = curve["survival"].to_numpy(dtype=np.float64)
    times = np.append(curve["time"].to_numpy(dtype=np.float64), np.inf)
    # Survival falls, so its negative rises, which is the order searchsorted needs.
    found = np.searchsorted(-survival, -np.asarray(shares, dtype=np.float64), side="left")
    return np.asarray(times[found], dtype=np.float64)


def _wilson(k: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    z = float(special.ndtri(0.5 + level / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = k / n
        centre = share + z * z / (2 * n)
        spread = z * np.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
        low = (centre - spread) / (1 + z * z / n)
        high = (centre + spread) / (1 + z * z / n)
    # At 0 and n of n the exact bounds are 0 and 1; rounding would leave 1e-17 beside them.
    some = n > 0
    return np.where(some & (k == 0), 0.0, low), np.where(some & (k == n), 1.0, high)


def _student(n: Floats, mean: Floats, deviation: Floats, level: float) -> tuple[Floats, Floats]:
    few = (n < 2) | (deviation == 0)  # values that are all alike do not say how others vary
    with np.errstate(divide="ignore", invalid="ignore"):
        t = special.stdtrit(np.where(few, 1.0, n - 1), 0.5 + level / 2)
        half = np.where(few, np.nan, t * deviation / np.sqrt(n))
    return mean - half, mean + half


def _log_log(survival: Floats, ended: Floats, at_risk: Floats) -> tuple[Floats, Floats]:
    """Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data, 1.4."""
    z = float(special.ndtri(0.5 + LEVEL / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(ended / (at_risk * (at_risk - ended)))
        spread = z * np.sqrt(greenwood) / np.log(survival)
        low, high = survival ** np.exp(-spread), survival ** np.exp(spread)
    inside = (survival > 0) & (survival < 1)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def _floats(column: pd.Series) -> Floats:
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


def _column(values: Floats, like: pd.Series) -> pd.Series:
    return pd.Series(pd.array(values, dtype="Float64"), index=like.index)
