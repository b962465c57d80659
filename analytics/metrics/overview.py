"""What pages show beside the report: the period before, and queues with steps and attempts."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from duckdb import DuckDBPyConnection

from analytics.metrics.counts import attempts_by, fields_by, steps_by
from analytics.metrics.filters import Filters


@dataclass(frozen=True)
class Comparison:
    """Two rows of `attempts_by` without groups; `before` is None when the period has no bounds."""

    now: pd.Series
    before: pd.Series | None


def compare(con: DuckDBPyConnection, filters: Filters) -> Comparison:
    """All attempts of a period beside those of the period of the same length just before it."""
    chosen = filters.resolved(con)
    earlier = chosen.previous()
    return Comparison(
        attempts_by(con, filters=chosen).iloc[0],
        attempts_by(con, filters=earlier).iloc[0] if earlier else None,
    )


def queue_table(con: DuckDBPyConnection, filters: Filters) -> pd.DataFrame:
    """One row per queue, most offers first: its steps beside the attempts that ended in it.

    Columns: `queue_id`, `queue`; of its steps `offered`, `reached`, `step_timeout`, `skipped` and
    the rest of `steps_by`; of the attempts that ended in it `attempts`, `success_rate`,
    `completeness` and the rest of `attempts_by`, where `accepted` is `attempts_accepted`. Counts
    are 0 and rates missing for a queue that was never offered, or that no attempt ended in.
    """
    chosen = filters.resolved(con)
    steps = steps_by(con, "offered_queue", filters=chosen)
    attempts = attempts_by(con, "queue", filters=chosen)
    attempts = attempts.rename(columns={"accepted": "attempts_accepted"})
    table = steps.merge(attempts, on="queue_id", how="outer", suffixes=("", "_ended"))
    table["queue"] = table["queue"].fillna(table.pop("queue_ended"))
    counts = {str(name): 0 for name, column in table.items() if column.dtype == "Int64"}
    table = table.fillna(counts)
    return table.sort_values(["offered", "attempts"], ascending=False, ignore_index=True)


def missing_context(con: DuckDBPyConnection, filters: Filters) -> pd.DataFrame:
    """One row per queue and required field, the least present first.

    Columns: `queue_id`, `queue`, `field`, `required`, `present` (attempts), `present_share` (0-1)
    with `present_low` and `present_high`, and the rest of `fields_by`.
    """
    return fields_by(con, "queue", filters=filters)


def trend(
    con: DuckDBPyConnection,
    filters: Filters,
    *,
    every: str = "day",
    by_queue: bool = False,
    zone: str = "UTC",
) -> pd.DataFrame:
    """`attempts_by` per `day` or `hour` (local time of `zone`), and per queue on request.

    Holds no row for a moment without attempts.
    """
    groups = (every, "queue") if by_queue else (every,)
    return attempts_by(con, *groups, filters=filters, zone=zone)
