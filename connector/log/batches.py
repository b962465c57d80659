"""Rows into tables of the lake, by way of a file that DuckDB reads itself.

Measured against Arrow tables this is as fast, and connector processes then import neither
pyarrow nor pandas, which DuckDB would on the first relation or parameter Python gives it.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from connector.errors import LogError
from connector.log.extensions import quoted
from connector.log.lake import Lake

logger = logging.getLogger(__name__)
Row = Mapping[str, Any]
Schema = Mapping[str, Mapping[str, str]]
# As JSON escapes it, unless the backslash itself is escaped.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def schema(lake: Lake) -> Schema:
    """Columns and their types of every table of the lake."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in lake.query(
        "SELECT table_name, column_name, data_type FROM duckdb_columns()"
        " WHERE database_name = 'lake' ORDER BY table_name, column_index"
    ):
        found.setdefault(str(table), {})[str(column)] = str(kind)
    return found


@dataclass(frozen=True)
class Batch:
    """Rows of one table, written to a file."""

    table: str
    file: Path
    columns: Mapping[str, str]

    @classmethod
    def write(cls, folder: Path, schema: Schema, table: str, rows: Iterable[Row]) -> Batch:
        """Raises LogError when the table does not exist or the file cannot be written."""
        if table not in schema:
            raise LogError(f"The lake has no table `{table}`.")
        batch = cls(table, folder / f".{table}.batch", schema[table])
        text = "\n".join(_dump(row) for row in rows)
        try:
            # Half a surrogate pair is no text; a question mark takes its place.
            batch.file.write_bytes(text.encode("utf-8", "replace"))
        except OSError as error:
            raise LogError(f"{batch.file} cannot be written: {error}.") from error
        return batch

    def insert(self, cursor: duckdb.DuckDBPyConnection, *, lenient: bool = False) -> None:
        """Columns go by name: keys the table does not know are ignored, missing ones are null.

        `lenient` makes a value that does not fit its column null as well.
        """
        columns = ", ".join(
            f"{quoted(name)}: {quoted(kind)}" for name, kind in self.columns.items()
        )
        cursor.execute(
            f"INSERT INTO {self.table} BY NAME SELECT * FROM read_json({quoted(str(self.file))},"
            f" format = 'newline_delimited', columns = {{{columns}}}, ignore_errors = {lenient})"
        )

    def discard(self) -> None:
        """The rows are in the lake, or will be read again."""
        self.file.unlink(missing_ok=True)


def insert_all(
    cursor: duckdb.DuckDBPyConnection, batches: Iterable[Batch], *, lenient: bool = False
) -> None:
    """Insert batches of several tables, in the caller's transaction."""
    for batch in batches:
        batch.insert(cursor, lenient=lenient)


def unfit(error: LogError) -> bool:
    """Whether a value did not fit its column."""
    return isinstance(error.__cause__, duckdb.InvalidInputException | duckdb.ConversionException)


def append_rows(lake: Lake, folder: Path, rows: Mapping[str, Sequence[Row]]) -> None:
    """Append rows to several tables in one transaction. Raises LogError, also for unfit values.

    `folder` is for a passing file per table, and no other caller's at the same time.
    """
    known = schema(lake)
    batches = [Batch.write(folder, known, table, these) for table, these in rows.items() if these]

    try:
        lake.transaction(lambda cursor: insert_all(cursor, batches))
    finally:
        for batch in batches:
            batch.discard()


def _dump(row: Row) -> str:
    """One line of JSON; a NUL, which the lake's catalog cannot hold, shows as U+FFFD."""
    return _NUL.sub(r"\1\\ufffd", json.dumps(row, ensure_ascii=False, default=str))
