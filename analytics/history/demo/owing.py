"""What the demonstration's last days left owed, and how far its agents have come with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa

from connector.follow_ups.owed import follow_up_row, is_owed
from connector.policy import Policy
from connector.settings import Settings

DAYS = timedelta(days=3)
OWNERS = ("Dana", "Kofi", "Mei")
# Of those whose time has come: tried at all, and reached at each try.
TRIED, REACHED, MOST_TRIES = 0.93, 0.6, 3
Row = dict[str, Any]


def follow_ups(
    attempts: Mapping[str, list[Any]],
    policy: Policy,
    settings: Settings,
    *,
    until: datetime,
    seed: int,
) -> dict[str, pa.Table]:
    """Tables `follow_ups` and `follow_up_events` of what `attempts` (columns) left owed at last."""
    owed: list[Row] = []
    events: list[Row] = []
    chance = Random(seed)
    for number, ended_at in enumerate(attempts.get("ended_at", ())):
        attempt = {name: column[number] for name, column in attempts.items()}
        if ended_at < until - DAYS or not is_owed(attempt):
            continue
        row = follow_up_row(
            attempt, policy=policy, settings=settings, contact="none", conversation_id=None
        )
        owed.append(row)
        events += _worked_on(row, until, chance)
    tables = {"follow_ups": owed, "follow_up_events": events}
    return {name: _table(rows) for name, rows in tables.items() if rows}


def _worked_on(row: Row, until: datetime, chance: Random) -> list[Row]:
    owner, events = chance.choice(OWNERS), list[Row]()
    at = row["created_at"] + (row["due_at"] - row["created_at"]) * chance.uniform(0.2, 1.1)
    if at >= until or chance.random() >= TRIED:
        return []
    _tell(events, row, at, owner, "assigned", owner=owner)
    for number in range(1, MOST_TRIES + 1):
        reached = chance.random() < REACHED
        _tell(events, row, at, owner, "tried", result="reached" if reached else "no_answer")
        if reached or number == MOST_TRIES:
            _tell(events, row, at, owner, "done", result="reached" if reached else "gave_up")
            break
        at += timedelta(hours=chance.uniform(1, 6))
        if at >= until:
            break
    return events


def _tell(events: list[Row], row: Row, at: datetime, actor: str, event: str, **more: str) -> None:
    known = {"follow_up_id": row["follow_up_id"], "seq": len(events) + 1, "happened_at": at}
    events.append(known | {"actor": actor, "event": event, "owner": None, "result": None} | more)


def _table(rows: list[Row]) -> pa.Table:
    """Columns that hold something; what is left out is null."""
    names = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    return pa.table({name: [row[name] for row in rows] for name in names})
