"""All numbers of the Context page, read in one go from one snapshot of the lake."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from duckdb import DuckDBPyConnection

from analytics import metrics
from analytics.metrics import Filters


@dataclass(frozen=True)
class Context:
    """What the page shows. `everyone` is the row of all attempts, `carried` counts all of them,
    `fields`, `by_queue` and `by_channel` those that require the field.
    """

    sources: dict[str, int]
    everyone: pd.Series
    fields: pd.DataFrame
    carried: pd.DataFrame
    by_queue: pd.DataFrame
    by_channel: pd.DataFrame
    unmarked: pd.DataFrame


def read_context(con: DuckDBPyConnection, filters: Filters) -> Context:
    """Read it."""
    chosen = filters.resolved(con)
    sources = metrics.report(con, by="source", filters=chosen)
    return Context(
        sources=dict(zip(sources["source"].tolist(), sources["attempts"].tolist(), strict=True)),
        everyone=metrics.attempts_by(con, filters=chosen).iloc[0],
        fields=metrics.fields_by(con, filters=chosen),
        carried=metrics.carried_fields(con, chosen),
        by_queue=metrics.missing_context(con, chosen),
        by_channel=metrics.fields_by(con, "channel", filters=chosen),
        unmarked=metrics.unmarked_variables(con, chosen),
    )
