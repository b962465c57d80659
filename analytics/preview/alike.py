"""Which attempts a policy cannot tell apart: one number per attempt, equal for those alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connector.policy import OpeningHours, Policy, Rule, is_open

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]
Moments = NDArray[np.datetime64]
DAY = 24 * 60


def combined(columns: Iterable[Codes]) -> Codes:
    """A code per combination of the columns' codes, from 0 in order of appearance."""
    found: Codes | None = None
    for column in columns:
        pair = column if found is None else found * (int(column.max(initial=0)) + 1) + column
        found = pd.factorize(pair)[0].astype(np.int64)
    return np.zeros(0, dtype=np.int64) if found is None else found


def firsts(codes: Codes) -> Codes:
    """The place of the first attempt with each code, in the order of the codes."""
    return np.unique(codes, return_index=True)[1].astype(np.int64)


def confidence_cells(rules: Iterable[Rule], confidence: NDArray[np.float64]) -> Codes:
    """Between which bounds of the rules a confidence lies, or on which; 0 when it is not known."""
    read = [rule.confidence for rule in rules if rule.confidence is not None]
    bounds = np.array(sorted({bound for wanted in read for bound in wanted.bounds}))
    place = np.searchsorted(bounds, confidence)
    exact = np.searchsorted(bounds, confidence, side="right") > place
    return np.where(np.isnan(confidence), 0, 1 + 2 * place + exact).astype(np.int64)


def hour_cells(policy: Policy, started: Moments) -> Codes:
    """Between which changes of the rules' weekly hours a moment lies."""
    periods = [period for rule in policy.rules for period in rule.hours]
    changes = sorted({minute for one in periods for span in one.weekly for minute in span})
    local = local_times(started, policy.zone)
    minute = local.day_of_week * DAY + local.hour * 60 + local.minute
    return np.searchsorted(np.array(changes), minute, side="right").astype(np.int64)


def open_flags(hours: OpeningHours, started: Moments) -> Flags:
    """Whether opening hours are open at each moment; they are asked once between two changes."""
    local = local_times(started, hours.zone or "UTC")
    cells = combined([_days(local), _parts_of_day(hours, local)])
    places = firsts(cells)
    moments: Sequence[datetime] = started[places].tolist()
    return np.array([is_open(hours, moment) for moment in moments], dtype=bool)[cells]


def local_times(started: Moments, zone: str) -> pd.DatetimeIndex:
    """UTC moments on the clocks of a zone."""
    return pd.DatetimeIndex(started).tz_localize("UTC").tz_convert(zone).tz_localize(None)


def _days(local: pd.DatetimeIndex) -> Codes:
    return combined([pd.factorize(local.normalize())[0].astype(np.int64)])


def _parts_of_day(hours: OpeningHours, local: pd.DatetimeIndex) -> Codes:
    spans = [*hours.week, *(span for spans in hours.open_on.values() for span in spans)]
    changes = sorted({minute % DAY for span in spans for minute in (span.opens, span.ends)})
    minute = local.hour * 60 + local.minute
    return np.searchsorted(np.array(changes), minute, side="right").astype(np.int64)
