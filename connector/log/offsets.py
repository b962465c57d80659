"""How far each journal is in the lake, recorded there in the transaction that moved it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from duckdb import DuckDBPyConnection

from connector.errors import LogError
from connector.log.extensions import quoted
from connector.log.journals import Journal
from connector.log.lake import Lake
from connector.log.ledger_file import LedgerFile


@dataclass(frozen=True)
class Offset:
    """Bytes of a journal that are in the lake, and the newest `at` among them (naive UTC)."""

    flushed_to: int = 0
    last_at: datetime | None = None


def offsets(lake: Lake, journals: Iterable[str]) -> dict[str, Offset]:
    """What the lake says of these journals."""
    names = ", ".join(quoted(name) for name in journals)
    found = lake.query(
        f"SELECT journal, flushed_to, last_at FROM journal_offsets WHERE journal IN ({names})"
    )
    return {str(name): Offset(int(str(to)), last) for name, to, last in found}  # type: ignore[arg-type]


def move(cursor: DuckDBPyConnection, moves: Mapping[str, tuple[Offset, Offset]]) -> None:
    """Write new offsets. Raises LogError when another flusher moved one of the journals since."""
    values = ", ".join(_values(name, old, new) for name, (old, new) in moves.items())
    wanted = f"(VALUES {values}) AS moves (journal, old, new, last_at)"
    both = f"FROM {wanted} LEFT JOIN journal_offsets AS kept USING (journal)"
    known, stale = cursor.execute(
        f"SELECT count(kept.journal), count_if(coalesce(kept.flushed_to, 0) <> old) {both}"
    ).fetchall()[0]
    if stale:
        raise LogError("Another process flushed these journals meanwhile.")
    if known:
        cursor.execute(
            "UPDATE journal_offsets SET flushed_to = moves.new, last_at = moves.last_at"
            f" FROM {wanted} WHERE journal_offsets.journal = moves.journal"
        )
    if known < len(moves):
        cursor.execute(
            f"INSERT INTO journal_offsets SELECT journal, new, moves.last_at {both}"
            " WHERE kept.journal IS NULL"
        )


def _values(name: str, old: Offset, new: Offset) -> str:
    last_at = f"TIMESTAMP '{new.last_at}'" if new.last_at else "NULL::TIMESTAMP"
    return f"({quoted(name)}, {old.flushed_to}, {new.flushed_to}, {last_at})"


def mirror(ledger_path: Path, known: Mapping[str, Offset], journals: Iterable[Journal]) -> None:
    """Tell the ledger too, so that a status line need not open the lake."""
    rows = [
        (name, offset.flushed_to, offset.last_at.isoformat() if offset.last_at else None)
        for name, offset in known.items()
        if offset.flushed_to
    ]
    present = ", ".join(quoted(journal.instance) for journal in journals)

    def write(connection: sqlite3.Connection) -> None:
        connection.executemany("INSERT OR REPLACE INTO flushed VALUES (?, ?, ?)", rows)
        connection.execute(
            f"DELETE FROM flushed WHERE journal NOT IN ({present})"
            " AND last_at < (SELECT max(last_at) FROM flushed)"
        )

    with LedgerFile(ledger_path) as file:
        file.write(write)
        file.tidy()


def mirrored(connection: sqlite3.Connection) -> dict[str, Offset]:
    """What the ledger was told last."""
    rows = connection.execute("SELECT journal, flushed_to, last_at FROM flushed")
    return {
        name: Offset(to, datetime.fromisoformat(last) if last else None) for name, to, last in rows
    }
