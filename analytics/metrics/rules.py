"""What the log says of each rule: the numbers that stand beside it in the grid."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from analytics.metrics.definitions import ATTEMPTS, select
from analytics.metrics.filters import Conditions, Filters
from analytics.metrics.frames import fetched, with_bounds

NUMBERS = (
    "attempts",
    "accepted",
    "timed_out",
    "success_rate",
    "timeout_rate",
    "measured",
    "completeness",
    "completeness_deviation",
)


def rule_numbers(con: DuckDBPyConnection, filters: Filters | None = None) -> pd.DataFrame:
    """One row per rule that decided any attempt, most attempts first.

    Columns: `rule` (its name when it decided; `default` is the default rule), `attempts`,
    `accepted`, `timed_out`, `success_rate`, `timeout_rate`, `measured` (attempts that require a
    field), `completeness`, and the 95 % bounds `success_low`, `timeout_low`, `completeness_low` and
    so on. Shares are 0-1 and missing where undefined. It asks for no times, as `attempts_by` does,
    so that ten million attempts are counted within a second.
    """
    conditions = Conditions((filters or Filters()).resolved(con))
    sql = f"""
    WITH chosen AS (
        SELECT rule, outcome, completeness
        FROM attempts
        WHERE {conditions.attempts()} AND rule IS NOT NULL
    )
    SELECT rule,
        {select({name: ATTEMPTS[name] for name in NUMBERS})}
    FROM chosen
    GROUP BY rule
    ORDER BY attempts DESC, rule
    """
    return with_bounds(fetched(con, sql, conditions.values))
