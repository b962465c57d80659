"""Entries of attempts, and journals written and left behind."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from connector.log import Entry, Outbox

NOON = datetime(2026, 11, 24, 12)


def attempt_row(number, **given):
    row = {
        "handoff_id": f"h{number}",
        "bot": "bank",
        "source": "test",
        "started_at": NOON + timedelta(seconds=number),
        "intent": "reportlostcard",
        "queue": "Cards",
    }
    return row | given


def started(number, **given):
    row = attempt_row(number, **given)
    return Entry("started", f"a{number}", row["started_at"], {"attempt": row})


def noted(number, event="created", **detail):
    return Entry(
        "event", f"a{number}", NOON + timedelta(seconds=number + 1), {"event": event, **detail}
    )


def ended(number, *, steps=(), **given):
    at = NOON + timedelta(seconds=number + 30)
    row = attempt_row(number, ended_at=at, outcome="accepted", wait_s=30.0) | given
    return Entry("ended", f"a{number}", at, {"attempt": row, "steps": list(steps)})


def left_behind(home, instance, *entries):
    """A journal whose owner has gone."""

    async def write():
        outbox = Outbox(home.outbox_path, instance)
        for entry in entries:
            outbox.put(entry)
        await outbox.close()

    asyncio.run(write())
    return home.outbox_path / f"{instance}.jsonl"


def rows(home, sql):
    return home.lake.query(sql)
