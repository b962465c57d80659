"""Frames in which an undefined number is missing, and their rows as plain values."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection
from pandas.api.types import is_list_like

from analytics.metrics.definitions import MEANS, SHARES
from analytics.statistics import mean_interval_columns, wilson_columns

_TYPES = {
    "INTEGER": "Int64",
    "BIGINT": "Int64",
    "HUGEINT": "Int64",
    "DOUBLE": "Float64",
    "BOOLEAN": "boolean",
    "VARCHAR": "string",
}


def fetched(con: DuckDBPyConnection, sql: str, values: dict[str, Any]) -> pd.DataFrame:
    """The rows of a query, in columns that know a missing value; lists are lists.

    Types: Int64, Float64, boolean, string, datetime64. DuckDB's own frame makes an empty text
    column no text, and lets a column's type depend on whether a value is missing.
    """
    answer = con.execute(sql, values)
    kinds = {name: str(kind) for name, kind, *_ in answer.description or ()}
    frame = answer.df()
    for name, kind in kinds.items():
        if kind.endswith("[]"):
            lists = [list(part) if is_list_like(part) else None for part in frame[name]]
            frame[name] = pd.Series(lists, dtype=object)
    return frame.astype({name: _TYPES[kind] for name, kind in kinds.items() if kind in _TYPES})


def with_bounds(frame: pd.DataFrame) -> pd.DataFrame:
    """With the 95 % bounds of each share and mean the frame holds the counts of."""
    bounds: dict[str, pd.Series] = {}
    for name, (successes, trials) in SHARES.items():
        if {successes, trials} <= set(frame.columns):
            low, high = wilson_columns(frame[successes], frame[trials])
            bounds |= {f"{name}_low": low, f"{name}_high": high}
    for name, columns in MEANS.items():
        if set(columns) <= set(frame.columns):
            count, mean, deviation = (frame[column] for column in columns)
            low, high = mean_interval_columns(count, mean, deviation)
            # None of these means can be below 0, nor a mean of shares above 1.
            highest = 1.0 if name == "completeness" else None
            bounds |= {f"{name}_low": low.clip(0.0), f"{name}_high": high.clip(upper=highest)}
    return frame.assign(**bounds)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values that JSON knows: None for what is missing, ISO 8601 for times."""
    columns = [[_plain(value) for value in frame[name]] for name in frame.columns]
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
