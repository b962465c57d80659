"""Counts, rates and times of attempts, steps and required fields, by any of the groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
from duckdb import DuckDBPyConnection

from analytics.metrics.definitions import ATTEMPTS, ENGAGEMENTS, FIELDS, STEPS, select
from analytics.metrics.filters import Conditions, Filters
from analytics.metrics.frames import fetched, with_bounds
from connector.errors import SettingsError

_LOCAL = "timezone($zone, timezone('UTC', started_at))"
_MOMENTS = {
    "day": f"CAST(date_trunc('day', {_LOCAL}) AS TIMESTAMP)",
    "hour": f"date_trunc('hour', {_LOCAL})",
}
# A queue goes by its id; its name comes later. What is logged without an id goes by its name.
QUEUE = "coalesce(queue_id, queue)"
# Group -> its key column, as SQL over `attempts`.
_KEYS: dict[str, tuple[str, str]] = {
    "queue": ("queue_id", QUEUE),
    **{
        column: (column, column)
        for column in (
            "intent",
            "category",
            "channel",
            "language",
            "priority",
            "bot",
            "rule",
            "policy_version",
            "source",
        )
    },
    **{name: (name, sql) for name, sql in _MOMENTS.items()},
}


def attempts_by(
    con: DuckDBPyConnection, *groups: str, filters: Filters | None = None, zone: str = "UTC"
) -> pd.DataFrame:
    """One row per group of attempts that has any; without groups one row for all of them.

    Columns: one per group (`queue` as `queue_id` and its latest name `queue`; `day` and `hour` as
    local time of `zone`), those of `definitions.ATTEMPTS` and `ENGAGEMENTS`, and the 95 % bounds of
    each share and mean, such as `success_low`. Undefined numbers are missing.
    """
    conditions = Conditions((filters or Filters()).resolved(con))
    keys = _keys(groups)
    sql = f"""
    WITH chosen AS (
        SELECT {_computed(keys)} attempt_id, outcome, failure_reason, wait_s, completeness
        FROM attempts
        WHERE {conditions.attempts()}
    ),
    counted AS (
        SELECT {_listed(keys)}
        {select(ATTEMPTS)}
        FROM chosen
        GROUP BY ALL
    ),
    handled AS (
        SELECT {_listed(keys, "chosen.")}
        {select(ENGAGEMENTS)}
        FROM chosen JOIN engagements USING (attempt_id)
        WHERE outcome = 'accepted' AND {conditions.period("engagements")}
        GROUP BY ALL
    ),
    {queue_names(conditions)}
    SELECT counted.*, {_label(keys)}
        coalesce(handled.handled, 0) AS handled, handle_mean_s, handle_deviation_s
    FROM counted
    LEFT JOIN handled ON {_same(keys, "counted", "handled")}
    LEFT JOIN queue_names ON {_name_of(keys)}
    ORDER BY {_order(keys, "attempts")}
    """
    return _run(con, sql, conditions, groups, zone)


def steps_by(
    con: DuckDBPyConnection, *groups: str, filters: Filters | None = None, zone: str = "UTC"
) -> pd.DataFrame:
    """One row per group of steps; `offered_queue` groups by the queue that was tried.

    Columns: one per group (`queue_id` and `queue` for `offered_queue`), those of
    `definitions.STEPS`, and the 95 % bounds of each share.
    """
    conditions = Conditions((filters or Filters()).resolved(con))
    keys = _keys([group for group in groups if group != "offered_queue"], without=("queue",))
    offered = {"queue_id": QUEUE} if "offered_queue" in groups else {}
    sql = f"""
    WITH chosen AS (
        SELECT {_computed(keys)} attempt_id
        FROM attempts
        WHERE {conditions.attempts(by_queue=False)}
    ),
    tried AS (
        SELECT {_listed(keys)} {_computed(offered)} result
        FROM chosen JOIN attempt_steps USING (attempt_id)
        WHERE {conditions.period("attempt_steps")} AND {conditions.queue()}
    ),
    counted AS (
        SELECT {_listed(keys | offered)}
        {select(STEPS)}
        FROM tried
        GROUP BY ALL
    ),
    {queue_names(conditions)}
    SELECT {_label(keys | offered)} counted.*
    FROM counted LEFT JOIN queue_names ON {_name_of(keys | offered)}
    ORDER BY {_order(keys | offered, "offered")}
    """
    return _run(con, sql, conditions, groups, zone)


def fields_by(
    con: DuckDBPyConnection, *groups: str, filters: Filters | None = None, zone: str = "UTC"
) -> pd.DataFrame:
    """One row per group and required context field, the least present first.

    Columns: one per group, `field`, those of `definitions.FIELDS`, and the bounds of the shares.
    """
    conditions = Conditions((filters or Filters()).resolved(con))
    keys = _keys(groups)
    sql = f"""
    WITH needed AS (
        SELECT {_computed(keys)} context_present, context_cut, unnest(context_required) AS field,
            coalesce(delivered, false) AS was_delivered
        FROM attempts
        WHERE {conditions.attempts()}
    ),
    checked AS (
        SELECT *, coalesce(list_contains(context_present, field), false) AS is_present,
            coalesce(list_contains(context_cut, field), false) AS is_cut
        FROM needed
    ),
    counted AS (
        SELECT {_listed(keys)} field,
        {select(FIELDS)}
        FROM checked
        GROUP BY ALL
    ),
    {queue_names(conditions)}
    SELECT {_label(keys)} counted.*
    FROM counted LEFT JOIN queue_names ON {_name_of(keys)}
    ORDER BY present_share, {_order(keys, "required")}, field
    """
    return _run(con, sql, conditions, groups, zone)


def _run(
    con: DuckDBPyConnection, sql: str, conditions: Conditions, groups: Iterable[str], zone: str
) -> pd.DataFrame:
    local = {"zone": zone} if set(groups) & set(_MOMENTS) else {}
    return with_bounds(fetched(con, sql, conditions.values | local))


def _keys(groups: Sequence[str], without: Sequence[str] = ()) -> dict[str, str]:
    known = [name for name in _KEYS if name not in without]
    unknown = [group for group in groups if group not in known]
    if unknown:
        raise SettingsError(f"`{unknown[0]}` is no group. Choose one of {', '.join(known)}.")
    return dict(_KEYS[group] for group in groups)


def _computed(keys: Mapping[str, str]) -> str:
    return "".join(f"{sql} AS {name}, " for name, sql in keys.items())


def _listed(keys: Mapping[str, str], table: str = "") -> str:
    return "".join(f"{table}{name}, " for name in keys)


def _same(keys: Mapping[str, str], left: str, right: str) -> str:
    """Two groups are the same also where a key is null."""
    pairs = [f"{left}.{name} IS NOT DISTINCT FROM {right}.{name}" for name in keys]
    return " AND ".join(pairs) or "true"


def _order(keys: Mapping[str, str], count: str) -> str:
    moments = [name for name in keys if name in _MOMENTS]
    others = [f"counted.{name} NULLS LAST" for name in keys if name not in _MOMENTS]
    return ", ".join([*moments, f"{count} DESC", *others])


def queue_names(conditions: Conditions) -> str:
    """The latest name per queue id, with the id where two queues go by one name."""
    return f"""queue_names AS (
        SELECT queue_id, if(count(*) OVER (PARTITION BY name) > 1, name || ' (' || queue_id || ')',
            name) AS queue
        FROM (
            SELECT {QUEUE} AS queue_id, arg_max(queue, started_at) AS name
            FROM attempts
            WHERE {conditions.since_then()} AND {conditions.sources()} AND queue IS NOT NULL
            GROUP BY ALL
        )
    )"""


def _label(keys: Mapping[str, str]) -> str:
    return "coalesce(queue_names.queue, counted.queue_id) AS queue, " if "queue_id" in keys else ""


def _name_of(keys: Mapping[str, str]) -> str:
    return "queue_names.queue_id = counted.queue_id" if "queue_id" in keys else "false"
