"""Inbox, presences and slots in SQL, beside the claims; the caller owns the transaction."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass

SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE,
    conversation_id TEXT, body BLOB NOT NULL, headers TEXT, received REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS inbox_received ON inbox (received);
CREATE TABLE IF NOT EXISTS presences (
    instance TEXT PRIMARY KEY, kind TEXT NOT NULL, receiver INTEGER NOT NULL, speed REAL NOT NULL,
    eight_ok INTEGER, eight_detail TEXT, seen REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS slots (name TEXT PRIMARY KEY, next_at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS flushed (
    journal TEXT PRIMARY KEY, flushed_to INTEGER NOT NULL, last_at TEXT
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class InboxEvent:
    """One verified webhook event; `seq` grows with every event of the home."""

    seq: int
    event_id: str
    conversation_id: str | None
    body: bytes


@dataclass(frozen=True)
class Presence:
    """A living process; `eight_ok` is null when it has not asked 8x8 yet."""

    instance: str
    kind: str
    receiver: bool = False
    speed: float = 1.0
    eight_ok: bool | None = None
    eight_detail: str | None = None


def receive(
    con: sqlite3.Connection,
    event_id: str,
    conversation_id: str | None,
    body: bytes,
    headers_json: str | None,
) -> bool:
    """Keep an event; False when it has been received before."""
    done = con.execute(
        "INSERT INTO inbox (event_id, conversation_id, body, headers, received)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING",
        (event_id, conversation_id, body, headers_json, time.time()),
    )
    return done.rowcount == 1


def events_after(con: sqlite3.Connection, seq: int, limit: int) -> list[InboxEvent]:
    rows = con.execute(
        "SELECT seq, event_id, conversation_id, body FROM inbox WHERE seq > ? ORDER BY seq LIMIT ?",
        (seq, limit),
    )
    return [InboxEvent(*row) for row in rows]


def last_seq(con: sqlite3.Connection) -> int:
    """The newest seq, also when its event has been wiped; 0 before the first."""
    row = con.execute("SELECT seq FROM sqlite_sequence WHERE name = 'inbox'").fetchone()
    return row[0] if row else 0


def beat(con: sqlite3.Connection, presence: Presence) -> None:
    """Say that a process lives; wall time."""
    con.execute(
        "INSERT OR REPLACE INTO presences VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            presence.instance,
            presence.kind,
            presence.receiver,
            presence.speed,
            presence.eight_ok,
            presence.eight_detail,
            time.time(),
        ),
    )


def presences(con: sqlite3.Connection, within_s: float) -> list[Presence]:
    """Processes that beat within so many wall seconds, the newest first."""
    rows = con.execute(
        "SELECT instance, kind, receiver, speed, eight_ok, eight_detail FROM presences"
        " WHERE seen >= ? ORDER BY seen DESC",
        (time.time() - within_s,),
    )
    return [
        Presence(name, kind, bool(receiver), speed, None if ok is None else bool(ok), detail)
        for name, kind, receiver, speed, ok, detail in rows
    ]


def gone(con: sqlite3.Connection, instance: str) -> None:
    con.execute("DELETE FROM presences WHERE instance = ?", (instance,))


def take_slot(con: sqlite3.Connection, name: str, per_second: float) -> float:
    """Reserve the next free slot of the home; wall seconds until it comes."""
    now = time.time()
    row = con.execute("SELECT next_at FROM slots WHERE name = ?", (name,)).fetchone()
    free = max(row[0], now) if row else now
    con.execute("INSERT OR REPLACE INTO slots VALUES (?, ?)", (name, free + 1 / per_second))
    return free - now


def forget_events(con: sqlite3.Connection, *, older_than_s: float) -> None:
    """Wipe events older than so many wall seconds: they hold words of customers and agents."""
    con.execute("DELETE FROM inbox WHERE received < ?", (time.time() - older_than_s,))


def forget_presences(con: sqlite3.Connection, *, older_than_s: float) -> None:
    """Wipe presences older than so many wall seconds."""
    con.execute("DELETE FROM presences WHERE seen < ?", (time.time() - older_than_s,))
