"""Reads the attempt log. `connect()` is where an analyst begins."""

from __future__ import annotations

from pathlib import Path

import duckdb

from analytics.hidden import of_home
from connector.log import Lake, open_home
from connector.log.migrations import is_current
from connector.settings import Settings

__all__ = ["connect"]


def connect(home: Path | str | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with the lake of a home attached read-only and in use.

    `SELECT * FROM attempts` works at once, also while connectors write. Without `home` it is
    that of the environment (`HANDOFF_HOME`, else `data/`); an empty one is made first.
    All timestamps are naive UTC. Threads each take a `cursor()` and run `USE lake` in it.
    Raises LogError when the lake cannot be reached.
    """
    settings = Settings.load(home)
    if settings.lake is None and not (settings.home / "lake" / "catalog.sqlite").exists():
        open_home(settings).lake.close()
    lake = Lake.open(settings, read_only=True)
    if not is_current(lake):
        open_home(settings).lake.close()
    return of_home(lake.cursor(), settings.home)
