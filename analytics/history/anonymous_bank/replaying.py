"""Calls as a model of real customers: when they came, how long they wait, how long they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from analytics.history.anonymous_bank.rows import read_rows
from analytics.statistics import Floats, kaplan_meier, sample
from connector.errors import DataFileError


@dataclass(frozen=True)
class Call:
    """A caller who asked for an agent; `asked_at` is naive UTC, `asked_local` the center's time."""

    asked_at: datetime
    asked_local: datetime
    type: str


@dataclass(frozen=True)
class Calls:
    """Calls in the order they asked, and per type what is known of patience and handle time.

    `patience` holds `kaplan_meier` curves in seconds, in which leaving is the event and being
    served cuts the observation short. `handle_s` holds the seconds of the answered calls that have
    any. `malformed` rows were left out.
    """

    arrivals: tuple[Call, ...]
    patience: Mapping[str, pd.DataFrame]
    handle_s: Mapping[str, Floats]
    malformed: int

    def draw_patience_s(self, type: str, rng: np.random.Generator) -> float:
        """Seconds after which a caller of this type leaves; infinite when he outlasts the data."""
        return float(sample(self.patience[type], rng)[0])

    def draw_handle_s(self, type: str, rng: np.random.Generator) -> float | None:
        """Seconds one answered call of this type took; None when none is known."""
        times = self.handle_s.get(type)
        return float(rng.choice(times)) if times is not None else None


def calls(path: Path | str) -> Calls:
    """Read the calls of one file that asked for an agent.

    Raises DataFileError for a file that cannot be used, or in which nobody asked for an agent.
    """
    file = Path(path)
    with duckdb.connect() as con, read_rows(con, [file]):
        arrivals = con.execute(
            "SELECT asked_at, asked_local, type FROM bank_calls ORDER BY asked_at, call"
        ).fetchall()
        seen = con.execute("SELECT type, wait_s, answered, handle_s FROM bank_calls").df()
        malformed = con.execute(
            "SELECT count(*) FROM bank_rows WHERE kind = 'malformed'"
        ).fetchall()[0][0]
    if not arrivals:
        raise DataFileError("holds no call that asked for an agent.", file=file)
    by_type = {str(name): rows for name, rows in seen.groupby("type")}
    return Calls(
        arrivals=tuple(Call(*row) for row in arrivals),
        patience={
            name: kaplan_meier(rows["wait_s"].to_numpy(), ~rows["answered"].to_numpy())
            for name, rows in by_type.items()
        },
        handle_s={
            name: rows["handle_s"].dropna().to_numpy()
            for name, rows in by_type.items()
            if rows["handle_s"].notna().any()
        },
        malformed=malformed,
    )
