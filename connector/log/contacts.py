"""Sealed contacts and what became of notifications, in SQL, beside the claims.

The caller owns the transaction. Times are wall time: they are about keeping, not about attempts.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass

SCHEMA = """
CREATE TABLE IF NOT EXISTS contacts (
    follow_up_id TEXT PRIMARY KEY, sealed BLOB NOT NULL, key_id TEXT NOT NULL, kept REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notifications (
    place INTEGER PRIMARY KEY, sent INTEGER NOT NULL, failed INTEGER NOT NULL,
    failing_since REAL
);
"""


@dataclass(frozen=True)
class Notified:
    """What became of the messages to one place, counted from 1 in the order of the setting.

    `failing_since` is the wall time of the first failure after the last success.
    """

    place: int
    sent: int
    failed: int
    failing_since: float | None


def keep(con: sqlite3.Connection, follow_up_id: str, sealed: bytes, key_id: str) -> None:
    """Keep a sealed contact; the first one of a follow-up stays."""
    con.execute(
        "INSERT OR IGNORE INTO contacts VALUES (?, ?, ?, ?)",
        (follow_up_id, sealed, key_id, time.time()),
    )


def sealed(con: sqlite3.Connection, follow_up_id: str, *, younger_than_s: float) -> bytes | None:
    row = con.execute(
        "SELECT sealed FROM contacts WHERE follow_up_id = ? AND kept >= ?",
        (follow_up_id, time.time() - younger_than_s),
    ).fetchone()
    return row[0] if row else None


def kept(con: sqlite3.Connection) -> list[str]:
    """The follow-ups whose contact is still here."""
    return [name for (name,) in con.execute("SELECT follow_up_id FROM contacts")]


def wipe(con: sqlite3.Connection, follow_up_ids: Iterable[str]) -> None:
    con.execute("PRAGMA secure_delete = ON").fetchall()
    names = [(name,) for name in follow_up_ids]
    con.executemany("DELETE FROM contacts WHERE follow_up_id = ?", names)


def wipe_old(con: sqlite3.Connection, *, older_than_s: float) -> int:
    """Wipe contacts kept for more than so many wall seconds; returns how many."""
    con.execute("PRAGMA secure_delete = ON").fetchall()
    bound = time.time() - older_than_s
    return con.execute("DELETE FROM contacts WHERE kept < ?", (bound,)).rowcount


def notified(con: sqlite3.Connection, place: int, *, well: bool) -> None:
    """Count a message that was sent to a place, or was not."""
    con.execute(
        "INSERT INTO notifications VALUES ($place, $sent, $failed, iif($sent, NULL, $now))"
        " ON CONFLICT (place) DO UPDATE SET sent = sent + $sent, failed = failed + $failed,"
        " failing_since = iif($sent, NULL, coalesce(failing_since, $now))",
        {"place": place, "sent": int(well), "failed": int(not well), "now": time.time()},
    )


def notifications(con: sqlite3.Connection) -> list[Notified]:
    rows = con.execute("SELECT place, sent, failed, failing_since FROM notifications ORDER BY 1")
    return [Notified(*row) for row in rows]
