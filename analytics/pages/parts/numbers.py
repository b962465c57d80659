"""All numbers of the Overview, read in one go from one snapshot of the lake."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from duckdb import DuckDBPyConnection

from analytics import metrics
from analytics.metrics import Filters

LATEST_BEGIN = 0.25
"""Share of a period that may be over before its first attempt."""


@dataclass(frozen=True)
class Overview:
    """What the page shows; `before` is None when the log does not reach back far enough.

    `now`, `before` and `trend` count attempts; `everyone`, `steps_before` and `steps_trend` count
    steps, which are the unit where a queue is looked at.
    """

    sources: dict[str, int]
    now: pd.Series
    before: pd.Series | None
    everyone: pd.Series
    steps_before: pd.Series | None
    steps_trend: pd.DataFrame
    queues: pd.DataFrame
    queue_hours: pd.DataFrame
    intent_hours: pd.DataFrame
    trend: pd.DataFrame
    fields: pd.DataFrame
    missing: pd.DataFrame


def read_overview(con: DuckDBPyConnection, filters: Filters, *, unit: str, zone: str) -> Overview:
    """Read it. `unit` is `day` or `hour` of the center's `zone`."""
    chosen = filters.resolved(con)
    now = metrics.attempts_by(con, filters=chosen).iloc[0]
    earlier = _earlier(con, chosen)
    return Overview(
        sources=_by_source(con, chosen),
        now=now,
        before=metrics.attempts_by(con, filters=earlier).iloc[0] if earlier else None,
        everyone=metrics.steps_by(con, filters=chosen).iloc[0],
        steps_before=metrics.steps_by(con, filters=earlier).iloc[0] if earlier else None,
        steps_trend=metrics.steps_by(con, unit, filters=chosen, zone=zone),
        queues=metrics.queue_table(con, chosen),
        queue_hours=metrics.steps_by(con, "offered_queue", "hour", filters=chosen, zone=zone),
        intent_hours=metrics.attempts_by(con, "intent", "hour", filters=chosen, zone=zone),
        trend=metrics.trend(con, chosen, every=unit, zone=zone),
        fields=metrics.fields_by(con, filters=chosen),
        missing=metrics.missing_context(con, chosen),
    )


def _by_source(con: DuckDBPyConnection, chosen: Filters) -> dict[str, int]:
    rows = metrics.report(con, by="source", filters=chosen)
    return dict(zip(rows["source"].tolist(), rows["attempts"].tolist(), strict=True))


def _earlier(con: DuckDBPyConnection, chosen: Filters) -> Filters | None:
    """The period before, but not when the log begins well within it: part of one compares badly."""
    earlier = chosen.previous()
    if earlier is None or earlier.since is None or earlier.until is None:
        return None
    hours = metrics.trend(con, earlier, every="hour")
    late = earlier.since + (earlier.until - earlier.since) * LATEST_BEGIN
    if hours.empty or hours["hour"].iloc[0].to_pydatetime() > late:
        return None
    return earlier
