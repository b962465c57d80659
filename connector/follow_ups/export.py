"""Follow-ups as rows, for a table or a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from connector.follow_ups.contact import Contact
from connector.follow_ups.follow_up import FollowUp

COLUMNS = (
    "follow_up_id",
    "kind",
    "state",
    "overdue",
    "created_at",
    "due_at",
    "done_at",
    "queue",
    "queue_id",
    "intent",
    "owner",
    "tries",
    "last_result",
    "source",
    "bot",
    "conversation_id",
    "link",
    "attempt_id",
    "contact",
)
CONTACT = ("name", "phone", "email", "best_time")
# A spreadsheet would take a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows_of(follow_ups: Iterable[FollowUp], now: datetime) -> list[dict[str, Any]]:
    """A row with COLUMNS for each; moments are naive UTC, `overdue` is as of `now`."""
    return [
        asdict(one) | {"state": "open" if one.is_open else "done", "overdue": one.is_overdue(now)}
        for one in follow_ups
    ]


def as_csv(
    follow_ups: Iterable[FollowUp], now: datetime, contacts: Mapping[str, Contact] | None = None
) -> str:
    """COLUMNS as CSV, moments in UTC; with `contacts` (by follow-up id) CONTACT beside them."""
    columns = COLUMNS if contacts is None else (*COLUMNS, *CONTACT)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows_of(follow_ups, now):
        known = (contacts or {}).get(row["follow_up_id"])
        whole = row | (asdict(known) if known else {})
        writer.writerow({name: _cell(whole.get(name)) for name in columns})
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='seconds')}Z"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
