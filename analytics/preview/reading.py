"""Reads what a preview needs: attempts, queue states, and which variables each version read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics.metrics.filters import Conditions, Filters
from analytics.preview.alike import Moments
from analytics.preview.attempts import Attempts
from analytics.preview.availability import OLDEST, Availability, Series
from connector.policy import Policy, parse_policy
from connector.queues import QueueBook, QueueState

COLUMNS = (
    "attempt_id",
    "handoff_id",
    "started_at",
    "intent",
    "category",
    "channel",
    "language",
    "confidence",
    "inputs",
    "policy_version",
    "decided_by",
    "offered_to",  # id of the first queue that was tried, its name where it has no id
    "tried",  # whether one was, or all were skipped; null when it is not known
)


def one_source(con: DuckDBPyConnection, filters: Filters) -> Filters:
    """With the one source that is counted: of those chosen, the one with most attempts.

    Availability of one source says nothing about the attempts of another, so none are mixed.
    """
    resolved = filters.resolved(con)
    if len(resolved.source or ()) < 2:
        return resolved
    conditions = Conditions(resolved)
    found = con.execute(
        f"""
        SELECT source
        FROM attempts
        WHERE {conditions.attempts()}
        GROUP BY source
        ORDER BY count(*) DESC, source
        LIMIT 1
        """,
        conditions.values,
    ).fetchall()
    return replace(resolved, source=(found[0][0],) if found else resolved.source)


def read_attempts(
    con: DuckDBPyConnection, filters: Filters, base: Policy, draft: Policy
) -> Attempts:
    """The attempts that the filters choose, by start, for policies of which `base` is published."""
    conditions = Conditions(filters)
    table = con.execute(
        f"""
        WITH chosen AS (
            SELECT *
            FROM attempts
            WHERE {conditions.attempts()}
        ),
        offers AS (
            SELECT attempt_id, arg_min(coalesce(s.queue_id, s.queue), step) AS offered_to
            FROM attempt_steps s
            WHERE {conditions.period("s")} AND NOT starts_with(result, 'skipped')
            GROUP BY attempt_id
        )
        SELECT attempt_id, handoff_id, started_at, intent, category, channel, language, confidence,
            CAST(inputs AS VARCHAR) AS inputs, policy_version, decided_by, offered_to,
            CASE WHEN offered_to IS NOT NULL THEN true WHEN outcome = 'no_agents' THEN false END
                AS tried
        FROM chosen LEFT JOIN offers USING (attempt_id)
        ORDER BY started_at, attempt_id
        """,
        conditions.values,
    ).to_arrow_table()
    return Attempts(table, _variables(con, table, base, draft))


def read_availability(
    con: DuckDBPyConnection, filters: Filters, started: Moments, queues: Iterable[str]
) -> Availability:
    """What was recorded of these queues (ids) while the attempts began."""
    if not len(started):
        return Availability()
    wanted = sorted(queues)
    rows = con.execute(
        """
        SELECT CAST(list_position($queues, queue_id) - 1 AS SMALLINT) AS place, recorded_at,
            CAST(available AS INTEGER) AS available,
            CAST(available + busy + on_break + post_process AS INTEGER) AS logged_in,
            CAST(waiting AS INTEGER) AS waiting,
            coalesce(CAST(is_open AS TINYINT), -1) AS is_open
        FROM queue_states
        WHERE source = ANY($source::VARCHAR[])
          AND recorded_at BETWEEN $since AND $until
          AND queue_id = ANY($queues::VARCHAR[])
          AND available + busy + on_break + post_process + waiting IS NOT NULL
        """,
        {
            "source": list(filters.source or ()),
            "since": started[0].item() - OLDEST,
            "until": started[-1].item(),
            "queues": wanted,
        },
    ).fetchnumpy()
    return Availability(_by_queue(wanted, rows))


def recorded_book(
    con: DuckDBPyConnection,
    filters: Filters,
    *,
    mapping: Mapping[str, str] | None = None,
    default_queue: str | None = None,
) -> QueueBook:
    """The queues a tenant had in a period, by their latest names, for when it cannot be asked.

    `mapping` and `default_queue` are those of the home's settings.
    """
    conditions = Conditions(one_source(con, filters))
    rows = con.execute(
        f"""
        WITH records AS (
            SELECT queue_id, queue, source, recorded_at AS started_at FROM queue_states
        )
        SELECT queue_id, arg_max(queue, started_at)
        FROM records
        WHERE {conditions.period()} AND {conditions.sources()} AND queue_id IS NOT NULL
        GROUP BY queue_id
        ORDER BY queue_id
        """,
        conditions.values,
    ).fetchall()
    states = [QueueState(queue_id, name or queue_id) for queue_id, name in rows]
    return QueueBook.of(states, mapping=mapping, default_queue=default_queue, known=bool(states))


def _variables(
    con: DuckDBPyConnection, table: pa.Table, base: Policy, draft: Policy
) -> dict[int, frozenset[str]]:
    """Version -> the variables its conditions read; not looked for where nobody reads any."""
    if not (base.condition_variables or draft.condition_variables):
        return {}
    found = {base.version: frozenset(base.condition_variables)}
    logged = set(table["policy_version"].unique().to_pylist()) - {None, base.version}
    rows = con.execute(
        "SELECT version, content FROM policies WHERE version = ANY($versions::INTEGER[])",
        {"versions": list(logged)},
    ).fetchall()
    return found | {version: _read_by(content) for version, content in rows}


@lru_cache(maxsize=64)
def _read_by(content: str) -> frozenset[str]:
    return frozenset(parse_policy(content).condition_variables)


def _by_queue(queues: list[str], rows: dict[str, Any]) -> dict[str, Series]:
    # The log keeps them nearly in order, which these two sorts are quick with.
    by_time = np.argsort(rows["recorded_at"], kind="stable")
    order = by_time[np.argsort(rows["place"][by_time], kind="stable")]
    bounds = np.searchsorted(rows["place"][order], np.arange(len(queues) + 1))
    columns = [rows[name][order] for name in ("available", "logged_in", "waiting", "is_open")]
    times = rows["recorded_at"][order].astype("datetime64[us]")
    return {
        queue_id: Series(times[start:end], *(column[start:end] for column in columns))
        for queue_id, start, end in zip(queues, bounds[:-1], bounds[1:], strict=True)
    }
