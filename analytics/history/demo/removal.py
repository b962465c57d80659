"""Takes the demonstration out of sight, or out of the lake."""

from __future__ import annotations

from pathlib import Path

from duckdb import DuckDBPyConnection

from analytics.hidden import HIDDEN, is_hidden
from connector import audit
from connector.access import Actor, Role
from connector.log import open_home
from connector.settings import Settings

__all__ = ["delete_demo", "has_demo", "hide", "is_hidden", "show"]
_OF_ATTEMPTS = ("attempt_steps", "attempt_events", "engagements")


def has_demo(settings: Settings) -> bool:
    """Whether the home holds a demonstration, hidden or not. Raises LogError."""
    lake = open_home(settings).lake
    try:
        return bool(lake.query("SELECT 1 FROM attempts WHERE source = 'demo' LIMIT 1"))
    finally:
        lake.close()


def hide(home: Path, *, actor: Actor) -> None:
    """Leave the demonstration out of every page and report; nothing is deleted.

    Raises NotAllowed.
    """
    actor.must_be(Role.ADMIN, to="hide demo data")
    home.mkdir(parents=True, exist_ok=True)
    (home / HIDDEN).touch()


def show(home: Path, *, actor: Actor) -> None:
    """Count the demonstration again. Raises NotAllowed."""
    actor.must_be(Role.ADMIN, to="show demo data")
    (home / HIDDEN).unlink(missing_ok=True)


def delete_demo(settings: Settings, *, actor: Actor) -> int:
    """Delete the demonstration for good; returns how many attempts it had.

    The policy version it ran under stays: what is published is never taken away. Audited. Raises
    NotAllowed and LogError.
    """
    actor.must_be(Role.ADMIN, to="delete demo data")
    lake = open_home(settings).lake
    try:
        deleted = lake.transaction(lambda cursor: _delete(cursor, actor))
    finally:
        lake.close()
    show(settings.home, actor=actor)
    return deleted


def _delete(cursor: DuckDBPyConnection, actor: Actor) -> int:
    span = "SELECT count(*), min(started_at), max(started_at) FROM attempts WHERE source = 'demo'"
    number, first, last = cursor.execute(span).fetchall()[0]
    if number:
        for table in _OF_ATTEMPTS:
            cursor.execute(
                f"DELETE FROM {table} WHERE started_at BETWEEN ? AND ? AND attempt_id IN"
                " (SELECT attempt_id FROM attempts"
                " WHERE source = 'demo' AND started_at BETWEEN ? AND ?)",
                [first, last, first, last],
            )
        cursor.execute("DELETE FROM attempts WHERE source = 'demo'")
        audit.record(
            cursor, actor, "delete demo data", "demo", before={"attempts": number}, after={}
        )
    cursor.execute(
        "DELETE FROM follow_up_events WHERE follow_up_id IN"
        " (SELECT follow_up_id FROM follow_ups WHERE source = 'demo')"
    )
    cursor.execute("DELETE FROM follow_ups WHERE source = 'demo'")
    cursor.execute("DELETE FROM queue_states WHERE source = 'demo'")
    return int(number)
