"""DuckDB with its lake extensions, loaded from the installed wheels: nothing is downloaded."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import duckdb

from connector.errors import LogError


def extension(name: str) -> Path:
    """Where the wheel `duckdb-extension-<name>` keeps the signed binary of this DuckDB version."""
    package = importlib.util.find_spec(f"duckdb_extension_{name}")
    folders = package.submodule_search_locations if package else None
    for folder in folders or ():
        file = Path(folder, "extensions", f"v{duckdb.__version__}", f"{name}.duckdb_extension")
        if file.is_file():
            return file
    raise LogError(
        f"The DuckDB extension {name} for DuckDB {duckdb.__version__} is not installed. "
        f"Run `./run` again to complete the installation."
    )


def connect(*names: str) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with the named extensions."""
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    connection.execute("SET enable_progress_bar = false")
    for name in names:
        connection.execute(f"LOAD {quoted(str(extension(name)))}")
    return connection


def quoted(text: str) -> str:
    """`text` as an SQL literal, for statements that take no parameters, and for those every
    process runs first: binding a parameter makes DuckDB import pandas, which takes a second."""
    return "'" + text.replace("'", "''") + "'"
