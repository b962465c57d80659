"""The tables of a preview: counts by queue, intent, hour and reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from analytics.preview.alike import Codes, Flags, Moments, local_times
from analytics.preview.attempts import Attempts
from analytics.preview.compared import NOWHERE, Compared

HOURS = 24


def matrix(compared: Compared) -> pd.DataFrame:
    """Decided attempts by the queue tried first, before and after."""
    queues, decided = compared.queues, compared.decided
    width = len(queues)
    pairs = compared.first[decided] * width + compared.last[decided]
    found, counts = np.unique(pairs, return_counts=True)
    rows = [
        (*queues[pair // width], *queues[pair % width], count)
        for pair, count in zip(found.tolist(), counts.tolist(), strict=True)
    ]
    names = ["from_queue_id", "from_queue", "to_queue_id", "to_queue"]
    frame = _frame(rows, dict.fromkeys(names, "string") | {"attempts": "Int64"})
    order = ["attempts", "from_queue", "to_queue", "from_queue_id", "to_queue_id"]
    return frame.sort_values(order, ascending=[False] + 4 * [True], ignore_index=True)


def intents(compared: Compared, attempts: Attempts) -> pd.DataFrame:
    """Decided attempts per intent, and how many of them move."""
    decided = compared.decided
    frame = pd.DataFrame(
        {
            "intent": attempts.table["intent"].to_pandas()[decided].astype("string"),
            "attempts": np.ones(decided.sum(), dtype=np.int64),
            "moved": compared.moved[decided],
            "redirected": compared.redirected[decided],
        }
    )
    summed = frame.groupby("intent", dropna=False, as_index=False).sum()
    numbers = ["attempts", "moved", "redirected"]
    return summed.astype(dict.fromkeys(numbers, "Int64")).sort_values(
        ["moved", "attempts", "intent"], ascending=[False, False, True], ignore_index=True
    )


def load(
    compared: Compared,
    started: Moments,
    zone: str,
    since: datetime | None,
    until: datetime | None,
) -> pd.DataFrame:
    """Per queue tried first and hour of the day in `zone`: decided attempts, a mean per hour."""
    shares = 1 / _times_of_hours(started, zone, since, until)
    hour = np.asarray(local_times(started, zone).hour, dtype=np.int64)
    sides = [
        _by_hour(places, hour, compared.decided, len(compared.queues)) * shares
        for places in (compared.first, compared.last)
    ]
    rows = [
        (*queue, hour, *(float(side[place, hour]) for side in sides))
        for place, queue in enumerate(compared.queues)
        if queue != NOWHERE and any(side[place].any() for side in sides)
        for hour in range(HOURS)
    ]
    types = {"queue_id": "string", "queue": "string", "hour": "Int64"}
    frame = _frame(rows, types | {"before": "Float64", "after": "Float64"})
    return frame.sort_values(["queue", "queue_id", "hour"], ignore_index=True)


def undecided_reasons(compared: Compared) -> pd.DataFrame:
    """How many attempts cannot be decided for which reason, most first."""
    places = compared.reason[~compared.decided]
    reasons = pd.Series([compared.reasons[place] for place in places], dtype="string")
    counts = reasons.value_counts().rename_axis("reason").reset_index(name="attempts")
    return counts.astype({"reason": "string", "attempts": "Int64"}).sort_values(
        ["attempts", "reason"], ascending=[False, True], ignore_index=True
    )


def _by_hour(places: Codes, hour: Codes, decided: Flags, queues: int) -> np.ndarray:
    cells = places[decided] * HOURS + hour[decided]
    return np.bincount(cells, minlength=queues * HOURS).reshape(queues, HOURS)


def _times_of_hours(
    started: Moments, zone: str, since: datetime | None, until: datetime | None
) -> np.ndarray:
    """How often each hour of the day occurs in the period; a part of one counts as that part."""
    if not len(started):
        return np.ones(HOURS)
    minutes = pd.date_range(
        since or started[0].item(), until or started[-1].item(), freq="min", inclusive="left"
    )
    hours = local_times(minutes.to_numpy(), zone).hour
    return np.maximum(np.bincount(hours, minlength=HOURS), 1) / 60


def _frame(rows: Sequence[tuple[object, ...]], types: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(types)).astype(types)
