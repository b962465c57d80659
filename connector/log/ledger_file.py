"""The ledger's SQLite file: how it is opened, made, and written by one thread at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from connector.log import claims, contacts, inbox
from connector.log.locks import try_lock

T = TypeVar("T")
BUSY_S, TIDY_BYTES = 5.0, 4_000_000
SCHEMA = claims.SCHEMA + inbox.SCHEMA + contacts.SCHEMA


class LedgerFile:
    """One connection to the ledger, for one thread at a time.

    A file lock in front of SQLite's own tells at once whether others write; SQLite's waiting
    sleeps longer and longer, and starves whoever is unlucky. Commits survive a killed process;
    those a power cut takes are made good from the journals, which are synced.
    """

    def __init__(self, path: Path, *, busy_s: float = BUSY_S) -> None:
        """Raises sqlite3.Error or OSError."""
        self._log = path.with_name(f"{path.name}-wal")
        self._lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        self._connection = sqlite3.connect(
            path, timeout=busy_s, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA synchronous = NORMAL")
        # Checkpoints sync: they happen in `tidy`, never while others wait for the lock.
        self._connection.execute("PRAGMA wal_autocheckpoint = 0")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()
        os.close(self._lock)

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` finds; readers wait for nobody."""
        return work(self._connection)

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in one transaction when it is our turn. Raises sqlite3.Error."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        return self._write(work)

    def write_at_once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """As `write`, but raises BlockingIOError when others write right now."""
        if not try_lock(self._lock):
            raise BlockingIOError
        return self._write(work)

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            result = work(self._connection)
            self._connection.execute("COMMIT")
            return result
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def mark(self) -> tuple[int, int] | None:
        """Changes with every commit of whatever process."""
        try:
            seen = self._log.stat()
        except OSError:
            return None
        return seen.st_mtime_ns, seen.st_size

    def tidy(self) -> None:
        """Move a long write-ahead log into the database, beside readers and writers."""
        if (mark := self.mark()) is not None and mark[1] > TIDY_BYTES:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def prepare(path: Path) -> None:
    """Make the ledger's tables; harmless when they exist."""
    # Events hold what customers and agents wrote: for the owner of the home alone. A file that is
    # there is not opened here: closing it again would drop SQLite's locks of this process.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    path.chmod(0o600)
    with LedgerFile(path) as file:
        file.read(lambda con: con.execute("PRAGMA journal_mode = WAL").fetchall())
        file.read(lambda con: con.executescript(SCHEMA))
