"""The report: the numbers that the command line, pages and notebooks show per group."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from analytics.metrics.counts import attempts_by, steps_by
from analytics.metrics.definitions import OUTCOMES
from analytics.metrics.filters import Filters

GROUPS = (
    "queue",
    "offered_queue",
    "intent",
    "category",
    "channel",
    "priority",
    "policy_version",
    "source",
    "day",
    "hour",
)
COLUMNS = (
    "attempts",
    *OUTCOMES,
    "success_rate",
    "success_low",
    "success_high",
    "timeout_rate",
    "wait_mean_s",
    "wait_p50_s",
    "wait_p95_s",
    "handle_mean_s",
    "completeness",
    "complete_share",
)
STEP_COLUMNS = (
    "offered",
    "accepted",
    "step_timeout",
    "skipped",
    "reached",
    "reached_low",
    "reached_high",
    "step_timeout_rate",
)


def report(
    con: DuckDBPyConnection,
    *,
    by: str | None = None,
    filters: Filters | None = None,
    zone: str = "UTC",
) -> pd.DataFrame:
    """One row per group, most attempts first (`day` and `hour` in their order).

    `by` is one of GROUPS; None is one row for everything. Columns: the group's own, named `by`,
    then COLUMNS, or STEP_COLUMNS for `offered_queue`, whose unit is the step. A queue goes by its
    id and shows its latest name; `day` and `hour` are local time of `zone`. Shares are 0-1, times
    seconds; what is undefined is missing, and so is the key of attempts without one.
    Raises SettingsError for another `by`.
    """
    if by == "offered_queue":
        steps = steps_by(con, by, filters=filters, zone=zone).rename(columns={"queue": by})
        return steps[[by, *STEP_COLUMNS]]
    groups = [by] if by else []
    return attempts_by(con, *groups, filters=filters, zone=zone)[[*groups, *COLUMNS]]
