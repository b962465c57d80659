"""The lake: every table of a home, shared by all its processes through DuckLake."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import urlsplit

import duckdb

from connector.errors import LakeBusy, LogError
from connector.log.extensions import connect, quoted
from connector.log.locks import locked
from connector.settings import Settings

T = TypeVar("T")
DEADLINE_S = 60.0
INLINED_ROWS = 10
_PASSING = (
    "database is locked",
    "transaction conflict",
    "failed to delete flushed inlined data",
    "failed to initialize ducklake",
)


def passing(error: BaseException) -> bool:
    """Whether repeating the whole transaction can succeed."""
    text = str(error).lower()
    return any(part in text for part in _PASSING)


class Lake:
    """One process's way to the lake. Threads each use a `cursor()` of their own."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, lock: Path | None) -> None:
        self._connection, self._lock = connection, lock
        self._threads = threading.local()
        self._guard = threading.Lock()

    @classmethod
    def open(cls, settings: Settings, *, read_only: bool = False) -> Self:
        """Attach the lake of a home as `lake`. Raises LogError when it cannot be reached.

        Settings `lake` (`postgres://…`) and `lake_files` (`s3://…` or a folder) say where it is;
        without them it is in the home.
        """
        folder = settings.home.resolve() / "lake"
        if not read_only:
            folder.mkdir(parents=True, exist_ok=True)
        connection = connect(*_extensions(settings))
        repeated(lambda: _attach(connection, settings, folder, read_only))
        # PostgreSQL resolves concurrent commits itself; SQLite locks the whole catalog.
        return cls(connection, None if settings.lake else folder / "commit.lock")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """This thread's cursor. A connection shared by threads returns another thread's rows."""
        cursor: duckdb.DuckDBPyConnection | None = getattr(self._threads, "cursor", None)
        if cursor is None:
            with self._guard:
                cursor = self._connection.cursor()
            cursor.execute("USE lake")
            cursor.execute("SET enable_progress_bar = false")  # it would go to standard output
            self._threads.cursor = cursor
        return cursor

    def transaction(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Run `work` with this thread's cursor in one transaction, repeated whole on conflict.

        Raises LakeBusy when others were in the way for a minute, LogError for any other trouble.
        """
        return self._alone(lambda cursor: _in_transaction(cursor, work))

    def alone(self, statement: str) -> None:
        """Run one statement that commits by itself, while no other process commits."""
        self._alone(lambda cursor: cursor.execute(statement).fetchall())

    def query(self, sql: str, values: object = None) -> list[tuple[object, ...]]:
        """All rows of a query; repeated while the catalog is locked."""
        return repeated(lambda: self.cursor().execute(sql, values).fetchall())

    def snapshot_id(self) -> int:
        """Grows with every commit: what was computed for one snapshot holds until the next."""
        return int(str(self.query("SELECT id FROM ducklake_current_snapshot('lake')")[0][0]))

    def close(self) -> None:
        """End this process's attachment; cursors become useless."""
        self._connection.close()

    def _alone(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        def once() -> T:
            if self._lock is None:
                return work(self.cursor())
            with locked(self._lock, wait_s=DEADLINE_S):
                return work(self.cursor())

        return repeated(once)


def repeated(work: Callable[[], T], *, deadline_s: float = DEADLINE_S) -> T:
    """Run `work` until no passing error stops it. Raises LakeBusy at the deadline, or LogError."""
    deadline, pause_s = time.monotonic() + deadline_s, 0.005
    while True:
        try:
            return work()
        except duckdb.Error as error:
            if not passing(error):
                raise LogError(f"The lake refused: {error}") from error
            if time.monotonic() >= deadline:
                raise LakeBusy(f"The lake stayed busy for {deadline_s:.0f} s: {error}") from error
        time.sleep(random.uniform(0.2, 1.0) * pause_s)
        pause_s = min(pause_s * 2, 0.25)


def _in_transaction(
    cursor: duckdb.DuckDBPyConnection, work: Callable[[duckdb.DuckDBPyConnection], T]
) -> T:
    cursor.execute("BEGIN")
    try:
        result = work(cursor)
        cursor.execute("COMMIT")
    except BaseException:
        _roll_back(cursor)
        raise
    return result


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.execute("ROLLBACK")
    except duckdb.TransactionException:  # a failed COMMIT has ended it already
        return


def _extensions(settings: Settings) -> list[str]:
    names = ["ducklake", "postgres_scanner" if settings.lake else "sqlite_scanner"]
    return [*names, "httpfs"] if (settings.lake_files or "").startswith("s3://") else names


def _attach(
    connection: duckdb.DuckDBPyConnection, settings: Settings, folder: Path, read_only: bool
) -> None:
    files = settings.lake_files or f"{folder}/files"
    # Files are named relative to the data path, so a home may be moved as a whole.
    options = [f"DATA_PATH {quoted(files.rstrip('/') + '/')}", "OVERRIDE_DATA_PATH true"]
    if settings.lake:
        catalog = f"ducklake:postgres:{settings.lake}"
    else:
        catalog = f"ducklake:sqlite:{folder}/catalog.sqlite"
        options += ["META_JOURNAL_MODE 'WAL'", "META_BUSY_TIMEOUT 5000"]
    if read_only:
        options.append("READ_ONLY")
    if files.startswith("s3://"):
        connection.execute(_object_store())
    connection.execute(f"ATTACH {quoted(catalog)} AS lake ({', '.join(options)})")


def _object_store() -> str:
    """The object store's key as the environment gives it, under the usual AWS names."""
    given = {
        "KEY_ID": os.environ.get("AWS_ACCESS_KEY_ID"),
        "SECRET": os.environ.get("AWS_SECRET_ACCESS_KEY"),
        "SESSION_TOKEN": os.environ.get("AWS_SESSION_TOKEN"),
        "REGION": os.environ.get("AWS_REGION", "us-east-1"),
    }
    parts = [f"{name} {quoted(value)}" for name, value in given.items() if value]
    if endpoint := os.environ.get("AWS_ENDPOINT_URL"):
        address = urlsplit(endpoint)
        parts += [f"ENDPOINT {quoted(address.netloc)}", "URL_STYLE 'path'"]
        parts.append(f"USE_SSL {str(address.scheme == 'https').lower()}")
    return f"CREATE OR REPLACE SECRET lake_files (TYPE s3, {', '.join(parts)})"
