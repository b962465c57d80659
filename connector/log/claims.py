"""Claims in SQL: which attempt serves a handoff, and which process holds it.

Plain functions on an open SQLite connection; the caller owns the transaction.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

SCHEMA = """
CREATE TABLE IF NOT EXISTS claims (
    handoff_id TEXT PRIMARY KEY, attempt_id TEXT NOT NULL UNIQUE, instance TEXT NOT NULL,
    conversation_id TEXT, claimed_at TEXT NOT NULL, result TEXT,
    customer_ref TEXT, bot_conversation TEXT, touched REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS claims_conversation ON claims (conversation_id)
    WHERE conversation_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS claims_customer ON claims (customer_ref, claimed_at)
    WHERE customer_ref IS NOT NULL;
CREATE INDEX IF NOT EXISTS claims_bot_conversation ON claims (bot_conversation, claimed_at)
    WHERE bot_conversation IS NOT NULL;
CREATE INDEX IF NOT EXISTS claims_touched ON claims (touched);
CREATE TABLE IF NOT EXISTS unclaimed (attempt_id TEXT PRIMARY KEY, instance TEXT NOT NULL)
    WITHOUT ROWID;
"""
_COLUMNS = "handoff_id, attempt_id, instance, conversation_id, claimed_at, result"


@dataclass(frozen=True)
class Claim:
    """A handoff_id taken by an attempt; `claimed_at` is world time, `result` JSON once known."""

    handoff_id: str
    attempt_id: str
    instance: str
    conversation_id: str | None
    claimed_at: datetime
    result: str | None


def claim(
    con: sqlite3.Connection,
    handoff_id: str,
    attempt_id: str,
    instance: str,
    *,
    at: datetime,
    customer_ref: str | None = None,
    bot_conversation: str | None = None,
) -> Claim:
    """Take a handoff_id; the claim that holds it already when it is taken."""
    values = (handoff_id, attempt_id, instance, _text(at), customer_ref, bot_conversation)
    done = con.execute(
        "INSERT INTO claims (handoff_id, attempt_id, instance, claimed_at, customer_ref,"
        " bot_conversation, touched) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (handoff_id) DO NOTHING",
        (*values, time.time()),
    )
    if done.rowcount == 1:
        return Claim(handoff_id, attempt_id, instance, None, at, None)
    taken = claim_where(con, "handoff_id", handoff_id)
    assert taken is not None
    return taken


def claim_where(con: sqlite3.Connection, column: str, value: str) -> Claim | None:
    """The claim whose `column` (handoff_id, attempt_id or conversation_id) is `value`."""
    row = con.execute(f"SELECT {_COLUMNS} FROM claims WHERE {column} = ?", (value,)).fetchone()
    if row is None:
        return None
    taken, attempt_id, instance, conversation_id, claimed_at, result = row
    at = datetime.fromisoformat(claimed_at)
    return Claim(taken, attempt_id, instance, conversation_id, at, result)


def set_conversation(con: sqlite3.Connection, attempt_id: str, conversation_id: str) -> None:
    con.execute(
        "UPDATE claims SET conversation_id = ? WHERE attempt_id = ?", (conversation_id, attempt_id)
    )


def finish(con: sqlite3.Connection, attempt_id: str, result_json: str) -> None:
    con.execute(
        "UPDATE claims SET result = ?, touched = ? WHERE attempt_id = ?",
        (result_json, time.time(), attempt_id),
    )


def take_over(
    con: sqlite3.Connection, attempt_id: str, *, from_instance: str, to_instance: str
) -> bool:
    """Move an attempt to another process; of several that try at once exactly one succeeds."""
    moved = con.execute(
        "UPDATE claims SET instance = ? WHERE attempt_id = ? AND instance = ?",
        (to_instance, attempt_id, from_instance),
    )
    if moved.rowcount == 1:
        return True
    if claim_where(con, "attempt_id", attempt_id) is not None:
        return False
    # An attempt made while the claims could not be reached has no claim to move.
    moved = con.execute(
        "INSERT INTO unclaimed VALUES (?, ?) ON CONFLICT (attempt_id)"
        " DO UPDATE SET instance = excluded.instance WHERE instance = ?",
        (attempt_id, to_instance, from_instance),
    )
    return moved.rowcount == 1


def earlier(
    con: sqlite3.Connection,
    *,
    customer_ref: str | None,
    bot_conversation: str | None,
    since: datetime,
) -> str | None:
    """The newest handoff_id of the same customer or conversation claimed since then."""
    found: list[tuple[str, str]] = []
    for column, value in (("customer_ref", customer_ref), ("bot_conversation", bot_conversation)):
        if value is not None:
            found += con.execute(
                f"SELECT claimed_at, handoff_id FROM claims WHERE {column} = ?"
                " AND claimed_at >= ? ORDER BY claimed_at DESC LIMIT 1",
                (value, _text(since)),
            ).fetchall()
    return max(found)[1] if found else None


def restore(
    con: sqlite3.Connection, instance: str, started: Iterable[tuple[str, str, datetime]]
) -> None:
    """Claim again what a dead process had started: (handoff_id, attempt_id, started_at) each.

    Claims are not synced to disk one by one, journals are; after a power cut they fill the gap.
    """
    con.executemany(
        "INSERT OR IGNORE INTO claims (handoff_id, attempt_id, instance, claimed_at, touched)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (handoff_id, attempt_id, instance, _text(at), time.time())
            for handoff_id, attempt_id, at in started
        ],
    )


def held_by(con: sqlite3.Connection, instance: str, attempt_ids: Iterable[str]) -> set[str]:
    """Which of these attempts no other process has taken over."""
    wanted = list(attempt_ids)
    others: set[str] = set()
    for part in (wanted[start : start + 500] for start in range(0, len(wanted), 500)):
        marks = ", ".join("?" * len(part))
        others.update(
            attempt_id
            for (attempt_id,) in con.execute(
                f"SELECT attempt_id FROM claims WHERE attempt_id IN ({marks}) AND instance <> ?"
                f" UNION ALL SELECT attempt_id FROM unclaimed WHERE attempt_id IN ({marks})"
                " AND instance <> ?",
                (*part, instance, *part, instance),
            )
        )
    return set(wanted) - others


def without_result(con: sqlite3.Connection, instance: str) -> set[str]:
    """Attempts this process holds whose result nobody has written."""
    rows = con.execute(
        "SELECT attempt_id FROM claims WHERE instance = ? AND result IS NULL", (instance,)
    )
    return {attempt_id for (attempt_id,) in rows}


def finish_for(con: sqlite3.Connection, instance: str, results: Mapping[str, str]) -> None:
    """Write the results a dead process had journaled but not told."""
    con.executemany(
        "UPDATE claims SET result = ? WHERE attempt_id = ? AND instance = ? AND result IS NULL",
        [(result, attempt_id, instance) for attempt_id, result in results.items()],
    )


def forget(con: sqlite3.Connection, *, older_than_s: float) -> None:
    """Drop claims nobody touched for so long; their handoff_ids would be new again."""
    con.execute("DELETE FROM claims WHERE touched < ?", (time.time() - older_than_s,))


def _text(moment: datetime) -> str:
    """Of fixed width, so that text order is time order."""
    return moment.isoformat(timespec="microseconds")
