"""Demo data that a home hides: left out of every number unless somebody asks for it."""

from __future__ import annotations

from pathlib import Path

from duckdb import DuckDBPyConnection

HIDDEN = "demo.hidden"
_HOME = "handoff_home"


def is_hidden(home: Path) -> bool:
    """Whether `demo` attempts are to be left out unless somebody asks for them."""
    return (home / HIDDEN).exists()


def of_home(con: DuckDBPyConnection, home: Path) -> DuckDBPyConnection:
    """Let what is counted through this connection follow the switch of `home`; returns `con`."""
    con.execute(f"SET VARIABLE {_HOME} = ?", [str(home.resolve())])
    return con


def hides(con: DuckDBPyConnection) -> bool:
    """Whether the home this connection belongs to hides its demo data now."""
    home = con.execute(f"SELECT getvariable('{_HOME}')").fetchall()[0][0]
    return home is not None and is_hidden(Path(home))
