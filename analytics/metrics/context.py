"""What agents get of what bots send: fields any payload carried, and variables nobody marked."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from analytics.metrics.filters import Conditions, Filters
from analytics.metrics.frames import fetched, with_bounds


def carried_fields(con: DuckDBPyConnection, filters: Filters | None = None) -> pd.DataFrame:
    """One row per field that any payload carried or cut, required or not, most carried first.

    Columns: `field`; attempts that `carried` it, of those the ones `taken` by 8x8, and attempts
    that `shortened` it or had no room for it.
    """
    conditions = Conditions((filters or Filters()).resolved(con))
    sql = f"""
    WITH chosen AS (
        SELECT context_present, context_cut, coalesce(delivered, false) AS was_delivered
        FROM attempts
        WHERE {conditions.attempts()}
    ),
    seen AS (
        SELECT unnest(context_present) AS field, true AS is_carried, was_delivered, false AS is_cut
        FROM chosen
        UNION ALL
        SELECT unnest(list_distinct(context_cut)), false, false, true
        FROM chosen
    )
    SELECT field,
        count(*) FILTER (is_carried) AS carried,
        count(*) FILTER (is_carried AND was_delivered) AS taken,
        count(*) FILTER (is_cut) AS shortened
    FROM seen
    GROUP BY field
    ORDER BY carried DESC, field
    """
    return fetched(con, sql, conditions.values)


def unmarked_variables(con: DuckDBPyConnection, filters: Filters | None = None) -> pd.DataFrame:
    """One row per variable that bots sent and nobody had marked for handoff then, most sent first.

    Columns: `variable`, attempts that `sent` it unmarked, of `attempts` in all, their
    `unmarked_share` (0-1) with bounds, `bots` (names), and `last_at` (naive UTC). The log knows
    names only, never values; what policies have marked since is still counted for before.
    """
    conditions = Conditions((filters or Filters()).resolved(con))
    sql = f"""
    WITH chosen AS (
        SELECT attempt_id, bot, started_at FROM attempts WHERE {conditions.attempts()}
    ),
    named AS (
        SELECT DISTINCT attempt_id,
            unnest(from_json(detail -> 'fields', '["VARCHAR"]')) AS variable
        FROM attempt_events
        WHERE event = 'unmarked' AND {conditions.period("attempt_events")}
    ),
    everyone AS (
        SELECT count(*) AS attempts FROM chosen
    )
    SELECT variable,
        count(*) AS sent,
        any_value(everyone.attempts) AS attempts,
        count(*) / any_value(everyone.attempts) AS unmarked_share,
        list(DISTINCT bot ORDER BY bot) FILTER (bot IS NOT NULL) AS bots,
        max(started_at) AS last_at
    FROM named JOIN chosen USING (attempt_id) CROSS JOIN everyone
    GROUP BY variable
    ORDER BY sent DESC, variable
    """
    return with_bounds(fetched(con, sql, conditions.values))
