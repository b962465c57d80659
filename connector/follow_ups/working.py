"""Working on follow-ups: who takes one, what was tried, when it is done. All of it is audited."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connector import audit
from connector.access import Actor, Role
from connector.errors import FollowUpRefused
from connector.follow_ups.contacts import known_contact, wipe
from connector.follow_ups.follow_up import FollowUp, Query, Result, read_follow_up
from connector.follow_ups.notes import checked_note, checked_owner
from connector.log.batches import Row
from connector.log.extensions import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from connector.log import Home

Events = list[dict[str, Any]]
_COLUMNS = ("follow_up_id", "seq", "happened_at", "actor", "event", "owner", "result", "note")


def assign(
    home: Home,
    follow_up_id: str,
    owner: str,
    *,
    actor: Actor,
    at: datetime,
    seen: int | None = None,
) -> FollowUp:
    """Give a follow-up to somebody; returns it as it is then.

    `at` is now (naive UTC world time); `seen` how many events it had when it was looked at. Raises
    NotAllowed, NoSuchFollowUp, and FollowUpRefused when it is done, others worked on it since, or
    the owner is no colleague.
    """
    actor.must_be(Role.MANAGER, to="assign a follow-up")
    known = known_contact(home, read_follow_up(home.lake.query, follow_up_id))
    taker = checked_owner(owner, known)

    def events(now: FollowUp) -> Events:
        _must_be_open(now)
        return [{"event": "assigned", "owner": taker}]

    return _write(home, follow_up_id, "assign follow-up", events, actor=actor, at=at, seen=seen)


def record(
    home: Home,
    follow_up_id: str,
    result: Result,
    *,
    actor: Actor,
    at: datetime,
    note: str | None = None,
    seen: int | None = None,
) -> FollowUp:
    """Record an attempt to reach the customer, or that one gives up; returns it as it is then.

    `reached` and `gave_up` make it done, and its contact is wiped. Whoever records one that nobody
    has taken takes it. Raises as `assign` does, and FollowUpRefused for a note that tells who the
    customer is.
    """
    actor.must_be(Role.MANAGER, to="work on a follow-up")
    before = read_follow_up(home.lake.query, follow_up_id)
    kept = checked_note(note, known_contact(home, before))

    def events(now: FollowUp) -> Events:
        _must_be_open(now)
        taken: Events = [] if now.owner else [{"event": "assigned", "owner": actor.name}]
        if result == "gave_up":
            return [*taken, {"event": "done", "result": result, "note": kept}]
        tried: Events = [{"event": "tried", "result": result, "note": kept}]
        ended: Events = [{"event": "done", "result": result}] if result == "reached" else []
        return [*taken, *tried, *ended]

    done = _write(
        home, follow_up_id, f"record {result}", events, actor=actor, at=at, seen=seen, note=kept
    )
    if not done.is_open:
        wipe(home, [follow_up_id])
    return done


def reopen(
    home: Home, follow_up_id: str, *, actor: Actor, at: datetime, note: str | None = None
) -> FollowUp:
    """Make a done follow-up owed again; its contact stays wiped. Raises as `record` does."""
    actor.must_be(Role.MANAGER, to="reopen a follow-up")
    kept = checked_note(note, None)

    def events(now: FollowUp) -> Events:
        if now.is_open:
            raise FollowUpRefused("This follow-up is open already.")
        return [{"event": "reopened", "note": kept}]

    return _write(home, follow_up_id, "reopen follow-up", events, actor=actor, at=at, note=kept)


def _must_be_open(follow_up: FollowUp) -> None:
    if not follow_up.is_open:
        raise FollowUpRefused("This follow-up is done already. Reopen it first.")


def _write(
    home: Home,
    follow_up_id: str,
    action: str,
    events: Callable[[FollowUp], Events],
    *,
    actor: Actor,
    at: datetime,
    seen: int | None = None,
    note: str | None = None,
) -> FollowUp:
    """Append what `events` makes of the follow-up as it is now, and the audit, in one go."""

    def once(cursor: DuckDBPyConnection) -> FollowUp:
        query: Query = lambda sql: cursor.execute(sql).fetchall()  # noqa: E731
        # Of two at once one is repeated, and then finds what the other wrote.
        cursor.execute("UPDATE follow_up_turn SET turns = turns + 1")
        before = read_follow_up(query, follow_up_id)
        if seen is not None and before.events != seen:
            raise FollowUpRefused(
                "Somebody else worked on this follow-up meanwhile: look at it again."
            )
        for seq, event in enumerate(events(before), start=before.events + 1):
            _append(
                cursor,
                {"follow_up_id": follow_up_id, "seq": seq, "happened_at": str(at)}
                | {"actor": actor.name}
                | event,
            )
        after = read_follow_up(query, follow_up_id)
        audit.record(
            cursor,
            actor,
            action,
            follow_up_id,
            before=_told(before),
            after=_told(after),
            note=note,
        )
        return after

    return home.lake.transaction(once)


def _append(cursor: DuckDBPyConnection, row: Row) -> None:
    values = (None if row.get(name) is None else str(row[name]) for name in _COLUMNS)
    told = ", ".join("NULL" if value is None else quoted(value) for value in values)
    cursor.execute(f"INSERT INTO follow_up_events VALUES ({told})")


def _told(follow_up: FollowUp) -> dict[str, Any]:
    state = "open" if follow_up.is_open else "done"
    return {
        "owner": follow_up.owner,
        "tries": follow_up.tries,
        "result": follow_up.last_result,
        "state": state,
    }
