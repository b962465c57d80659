"""Entries of the audit as rows of a table, and their values in words. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from analytics import words
from connector.audit import AuditEntry

COLUMNS = ("happened_at", "actor", "action", "subject", "change", "note")
_SEARCHED = ("actor", "action", "subject", "change", "note")


def frame(entries: Iterable[AuditEntry]) -> pd.DataFrame:
    """One row per entry, in their order: `COLUMNS`; `happened_at` is naive UTC."""
    rows = [
        (one.happened_at, one.actor, one.action, one.subject, change(one), one.note or "")
        for one in entries
    ]
    found = pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(_SEARCHED, object))
    return found.astype({"happened_at": "datetime64[us]"})


def narrowed(
    rows: pd.DataFrame,
    *,
    since: datetime | None = None,
    actors: Iterable[str] = (),
    actions: Iterable[str] = (),
    text: str = "",
) -> pd.DataFrame:
    """The rows that meet all of it; their index stays. `since` is naive UTC, `text` has no case."""
    kept = pd.Series(True, index=rows.index)
    if since is not None:
        kept &= rows["happened_at"] >= since
    for column, chosen in (("actor", list(actors)), ("action", list(actions))):
        if chosen:
            kept &= rows[column].isin(chosen)
    if text.strip():
        wanted = text.strip().casefold()
        found = [wanted in "\n".join(cells).casefold() for cells in rows[[*_SEARCHED]].to_numpy()]
        kept &= pd.Series(found, index=rows.index, dtype=bool)
    return rows[kept]


def change(entry: AuditEntry) -> str:
    """What changed, in words: `queue: Cards → General; until: 18:00`."""
    return "; ".join(_one(entry.before, entry.after, place) for place in _places(entry))


def beside(entry: AuditEntry) -> list[dict[str, str]]:
    """Each place with its value before and after."""
    return [
        {
            "What": place,
            "Before": value(entry.before.get(place)),
            "After": value(entry.after.get(place)),
        }
        for place in _places(entry)
    ]


def value(found: Any) -> str:
    """A value in words; what has parts as JSON."""
    if found is None or found == "":
        return words.NOTHING
    if isinstance(found, str):
        return found
    return json.dumps(found, ensure_ascii=False)


def _places(entry: AuditEntry) -> list[str]:
    return list(dict.fromkeys([*entry.before, *entry.after]))


def _one(before: Mapping[str, Any], after: Mapping[str, Any], place: str) -> str:
    if before.get(place) is None:
        return f"{place}: {value(after.get(place))}"
    return f"{place}: {value(before[place])} → {value(after.get(place))}"
