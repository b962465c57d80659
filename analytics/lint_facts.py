"""What the log says about the customers a policy is for, as lint asks it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from analytics.metrics import Filters
from analytics.metrics.filters import Conditions
from analytics.statistics import kaplan_meier_of_counts
from connector.lint import LogFacts, Patience, Traffic
from connector.lint.facts import QUARTER_MIN
from connector.policy import Policy, minute_of_week

SURELY = 4
"""The fewest who all left of whom Wilson's 95 % bound says that at least half would leave."""


def log_facts(
    con: DuckDBPyConnection, policy: Policy, *, since: datetime, until: datetime
) -> LogFacts:
    """Traffic, patience and context fields of the attempts of a period (naive UTC).

    Sources are those that count when nobody chooses. Categories, confidence and variables are told
    apart only as far as conditions of `policy` read them. Reads `attempts` three times.
    """
    conditions = Conditions(Filters(since=since, until=until).resolved(con))
    traffic = _traffic(con, policy, conditions)
    return LogFacts(
        since=since,
        until=until,
        attempts=sum(sum(one.quarters.values()) for one in traffic),
        traffic=traffic,
        sent=_sent(con, conditions),
        patience=_patience(con, conditions),
    )


def _traffic(
    con: DuckDBPyConnection, policy: Policy, conditions: Conditions
) -> tuple[Traffic, ...]:
    names = policy.condition_variables
    category = "category" if any(rule.categories for rule in policy.rules) else "NULL"
    rows = con.execute(
        f"""
        WITH counted AS (
            SELECT intent, channel, language, {category} AS category,
                {_confidence(policy)} AS confidence,
                {"inputs" if names else "NULL"} AS read,
                time_bucket(INTERVAL {QUARTER_MIN} MINUTE, started_at) AS quarter,
                count(*) AS attempts
            FROM attempts
            WHERE {conditions.attempts()}
            GROUP BY ALL
        )
        SELECT intent, channel, language, category, confidence, read,
            map(list(quarter), list(attempts))
        FROM counted
        GROUP BY ALL
        """,
        conditions.values,
    ).fetchall()
    weekly: dict[datetime, int] = {}
    return tuple(
        Traffic(
            intent=intent,
            channel=channel,
            language=language,
            category=category,
            confidence=confidence,
            variables=_variables(read, names),
            quarters=_by_week(quarters, policy.zone, weekly),
        )
        for intent, channel, language, category, confidence, read, quarters in rows
    )


def _confidence(policy: Policy) -> str:
    """The confidence as one number for each cell that the bounds of conditions cut: SQL."""
    ranges = [rule.confidence for rule in policy.rules if rule.confidence is not None]
    bounds = sorted({bound for wanted in ranges for bound in wanted.bounds})
    if not bounds:
        return "NULL"
    cells = []
    for below, bound in zip([-1.0, *bounds], bounds, strict=False):
        cells += [f"WHEN confidence < {bound!r} THEN {(below + bound) / 2!r}"]
        cells += [f"WHEN confidence = {bound!r} THEN {bound!r}"]
    return f"CASE WHEN confidence IS NULL THEN NULL {' '.join(cells)} ELSE {bounds[-1] + 1!r} END"


def _variables(read: str | None, names: tuple[str, ...]) -> Mapping[str, str]:
    given = json.loads(read) if read else {}
    return {name: str(given[name]) for name in names if name in given}


def _by_week(
    quarters: Mapping[datetime, int], zone: str, weekly: dict[datetime, int]
) -> dict[int, int]:
    """Attempts by quarter of the week in `zone`; `weekly` keeps what was worked out."""
    found: dict[int, int] = {}
    for at, attempts in quarters.items():
        if at not in weekly:
            weekly[at] = minute_of_week(at, zone) // QUARTER_MIN
        found[weekly[at]] = found.get(weekly[at], 0) + attempts
    return found


def _sent(con: DuckDBPyConnection, conditions: Conditions) -> frozenset[str]:
    """Fields that a payload carried, and those that bots sent though nobody marks them."""
    rows = con.execute(
        f"""
        SELECT DISTINCT unnest(context_present) AS field
        FROM attempts
        WHERE {conditions.attempts()}
        UNION
        SELECT unnest(from_json(detail -> 'fields', '["VARCHAR"]'))
        FROM attempt_events
        WHERE event = 'unmarked' AND {conditions.period()}
        """,
        conditions.values,
    ).fetchall()
    return frozenset(str(field) for (field,) in rows if field is not None)


def _patience(con: DuckDBPyConnection, conditions: Conditions) -> dict[str | None, Patience]:
    """By intent, of customers who had to wait: who was refused or failed never began to."""
    waits = con.execute(
        f"""
        SELECT intent, CAST(wait_s AS INTEGER) AS seconds,
            count(*) AS leaving, count(*) FILTER (outcome = 'abandoned') AS gone
        FROM attempts
        WHERE {conditions.attempts()}
            AND outcome IN ('accepted', 'timed_out', 'abandoned') AND wait_s IS NOT NULL
        GROUP BY ALL
        ORDER BY seconds
        """,
        conditions.values,
    ).df()
    return {
        None if pd.isna(intent) else str(intent): _patience_of(of_intent)
        for intent, of_intent in waits.groupby("intent", dropna=False)
    }


def _patience_of(waits: pd.DataFrame) -> Patience:
    seconds, gone, leaving = (
        waits[name].to_numpy(dtype="float64") for name in ("seconds", "gone", "leaving")
    )
    curve = kaplan_meier_of_counts(seconds, gone, leaving)
    # Where all have left the curve has no interval; of so many at once it is below one half.
    all_gone = (curve["survival"] == 0) & (curve["at_risk"] >= SURELY)
    half_gone: Any = curve["time"][all_gone | (curve["high"] < 0.5).fillna(False)]
    first = float(half_gone.iloc[0]) if len(half_gone) else None
    return Patience(int(leaving.sum()), first)
