"""What the log holds: its span, the values one can filter by, and the latest attempts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from analytics.metrics.counts import QUEUE, queue_names
from analytics.metrics.filters import Conditions, Filters
from analytics.metrics.frames import fetched

_CHOICES = (
    "intent",
    "category",
    "channel",
    "language",
    "priority",
    "bot",
    "rule",
    "policy_version",
)


@dataclass(frozen=True)
class LogSpan:
    """First and last `started_at` (naive UTC, None in an empty log) and attempts per source."""

    first: datetime | None
    last: datetime | None
    by_source: dict[str, int]

    @property
    def attempts(self) -> int:
        return sum(self.by_source.values())


def log_span(con: DuckDBPyConnection) -> LogSpan:
    """The span of everything logged, whatever its source."""
    rows = con.execute(
        """
        SELECT source, count(*), min(started_at), max(started_at)
        FROM attempts
        GROUP BY source
        ORDER BY source
        """
    ).fetchall()
    return LogSpan(
        min((first for *_, first, _ in rows), default=None),
        max((last for *_, last in rows), default=None),
        {source: count for source, count, *_ in rows},
    )


def choices(con: DuckDBPyConnection, filters: Filters | None = None) -> dict[str, list[Any]]:
    """The values by which the attempts of a period can be filtered, sorted, None last.

    Of `filters` only period and source count, or a choice would hide its alternatives. Queues come
    from `queues`, sources from `log_span`.
    """
    conditions = _period_and_source(con, filters)
    row = con.execute(
        f"""
        SELECT {", ".join(f"list(DISTINCT {name} ORDER BY {name})" for name in _CHOICES)}
        FROM attempts
        WHERE {conditions.attempts()}
        """,
        conditions.values,
    ).fetchall()[0]
    return {name: values or [] for name, values in zip(_CHOICES, row, strict=True)}


def queues(con: DuckDBPyConnection, filters: Filters | None = None) -> dict[str, str]:
    """Queue id -> latest name, by name, of every queue tried or planned in a period.

    Of `filters` only period and source count.
    """
    conditions = _period_and_source(con, filters)
    rows = con.execute(
        f"""
        WITH chosen AS (
            SELECT attempt_id, queue_id, queue FROM attempts WHERE {conditions.attempts()}
        ),
        tried AS (
            SELECT {QUEUE} AS queue_id, queue FROM chosen
            UNION
            SELECT coalesce(s.queue_id, s.queue), s.queue
            FROM attempt_steps s SEMI JOIN chosen USING (attempt_id)
            WHERE {conditions.period("s")}
        ),
        {queue_names(conditions)}
        SELECT tried.queue_id, any_value(coalesce(queue_names.queue, tried.queue)) AS name
        FROM tried LEFT JOIN queue_names USING (queue_id)
        WHERE tried.queue_id IS NOT NULL
        GROUP BY tried.queue_id
        ORDER BY name
        """,
        conditions.values,
    ).fetchall()
    return {queue_id: name or queue_id for queue_id, name in rows}


def latest_attempts(
    con: DuckDBPyConnection, filters: Filters | None = None, *, limit: int = 50
) -> pd.DataFrame:
    """The newest attempts, newest first; times are naive UTC, waits seconds.

    Columns: `started_at, attempt_id, handoff_id, source, bot, intent, category, channel, language,
    priority, policy_version, rule, first_queue, queue_id, queue, outcome, failure_reason, wait_s,
    completeness, missing` (required fields that are not present), `agent_id, conversation_id`.
    """
    conditions = Conditions((filters or Filters()).resolved(con))
    sql = f"""
    WITH newest AS (
        SELECT *
        FROM attempts
        WHERE {conditions.attempts()}
        ORDER BY started_at DESC, attempt_id
        LIMIT $limit
    )
    SELECT started_at, attempt_id, handoff_id, source, bot, intent, category, channel, language,
        priority, policy_version, rule, first_queue, queue_id, queue, outcome, failure_reason,
        wait_s, completeness,
        list_filter(
            context_required,
            lambda name: NOT coalesce(list_contains(context_present, name), false)
        ) AS missing,
        agent_id, conversation_id
    FROM newest
    ORDER BY started_at DESC, attempt_id
    """
    return fetched(con, sql, conditions.values | {"limit": limit})


def _period_and_source(con: DuckDBPyConnection, filters: Filters | None) -> Conditions:
    given = filters or Filters()
    bare = Filters(since=given.since, until=given.until, source=given.source)
    return Conditions(bare.resolved(con))
