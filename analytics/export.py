"""The log's tables as files, for tools that do not read a lake."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

import duckdb

from connector.errors import DataFileError, SettingsError

Format = Literal["parquet", "csv"]
# What the log is made of; how journals and migrations are kept track of is nobody's analysis.
TABLES = (
    "attempts",
    "attempt_steps",
    "attempt_events",
    "engagements",
    "queue_states",
    "policies",
    "policy_head",
    "audit",
    "follow_ups",
    "follow_up_events",
    "alerts",
)


def export(
    con: duckdb.DuckDBPyConnection, out: Path | str, format: Format = "parquet"
) -> dict[str, int]:
    """Write each table to `<out>/<table>.parquet` or `.csv`; returns rows per table.

    All tables are of one moment. Times are UTC; in CSV a list is JSON text and null an empty field.
    `out` must not exist or be empty, and appears only when everything is written.
    Raises DataFileError when it cannot be written or holds something, SettingsError for another
    format.
    """
    if format not in get_args(Format):
        raise SettingsError(f"`{format}` is no export format. Choose parquet or csv.")
    folder = Path(out)
    with _draft_of(folder) as draft, _one_moment(con):
        rows = {
            name: _write(con, name, draft / f"{name}.{format}", format) for name in _present(con)
        }
        _put_in_place(draft, folder)
    return rows


def _present(con: duckdb.DuckDBPyConnection) -> list[str]:
    found = con.execute(
        "SELECT table_name FROM information_schema.tables"
        " WHERE table_catalog = current_database() AND table_schema = current_schema()"
    ).fetchall()
    return [name for name in TABLES if (name,) in found]


def _write(con: duckdb.DuckDBPyConnection, table: str, file: Path, format: Format) -> int:
    columns = con.execute(f"SELECT * FROM {table} LIMIT 0").description or ()
    lists = [name for name, kind, *_ in columns if str(kind).endswith("[]")]
    as_text = ", ".join(f"CAST(to_json({name}) AS VARCHAR) AS {name}" for name in lists)
    chosen = f"* REPLACE ({as_text})" if as_text and format == "csv" else "*"
    try:
        written = con.execute(
            f"COPY (SELECT {chosen} FROM {table}) TO $file (FORMAT {format})", {"file": str(file)}
        ).fetchall()
    except duckdb.IOException as error:
        raise DataFileError(f"cannot be written: {error}.", file=file) from None
    return int(written[0][0])


@contextlib.contextmanager
def _one_moment(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    con.execute("BEGIN")
    try:
        yield
    finally:
        con.execute("ROLLBACK")


@contextlib.contextmanager
def _draft_of(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` that is gone afterwards, unless it has become `folder`."""
    draft = folder.absolute().with_name(f".{folder.absolute().name}.{os.getpid()}")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise DataFileError(
                "holds something already.", file=folder, fix="Choose a new or an empty folder."
            )
        draft.mkdir(parents=True)
    except OSError as error:
        raise DataFileError(f"cannot be written: {error.strerror}.", file=folder) from None
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _put_in_place(draft: Path, folder: Path) -> None:
    try:
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
    except OSError as error:
        raise DataFileError(
            f"was changed by somebody else meanwhile: {error.strerror}.", file=folder
        ) from None
