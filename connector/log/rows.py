"""From lines of journals to rows of the lake's tables."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from connector.log.journals import Journal

logger = logging.getLogger(__name__)
Rows = dict[str, list[dict[str, Any]]]
_BIG = frozenset({"event", "attempt", "steps", "follow_up"})
_TOLD = ("outcome", "failure_reason", "queue", "wait_s", "agent_id", "first_queue", "rule")


def parse(line: bytes, where: str) -> dict[str, Any] | None:
    """One line of a journal; None, with a warning, when it is not one."""
    try:
        found = json.loads(line, parse_constant=lambda _: None)  # NaN is null
        if isinstance(found, dict) and isinstance(found["data"], dict):
            found["kind"], found["attempt_id"], datetime.fromisoformat(found["at"])
            return found
    except (ValueError, KeyError, TypeError):
        pass
    logger.error("%s: a line that is no entry is left out", where)
    return None


def add_rows(rows: Rows, journal: Journal, lines: Iterable[tuple[int, bytes]]) -> datetime | None:
    """Add what each line becomes to `rows`; returns the newest moment among the lines."""
    newest = None
    for offset, line in lines:
        entry = parse(line, f"{journal.path.name} at byte {offset}")
        if entry is not None:
            _add(rows, offset, entry)
            moment = datetime.fromisoformat(entry["at"])
            newest = max(newest, moment) if newest else moment
    return newest


def _add(rows: Rows, offset: int, entry: Mapping[str, Any]) -> None:
    data = entry["data"]
    match entry["kind"]:
        case "queue_states":
            for row in data.get("rows", ()):
                _into(rows, "queue_states", {"recorded_at": entry["at"]} | row)
            return
        case "audit":
            _into(rows, "audit", {"happened_at": entry["at"]} | data.get("row", {}))
            return
        case "ended":
            _into(rows, "attempts", _attempt(entry))
            for step in data.get("steps", ()):
                _into(rows, "attempt_steps", {"started_at": _start(entry)} | step)
            if (owed := data.get("follow_up")) is not None:
                _into(rows, "follow_ups", owed | _id(entry))
        case "engagement":
            _into(rows, "engagements", {"started_at": _start(entry)} | data | _id(entry))
    _into(rows, "attempt_events", _event(offset, entry))


def _into(rows: Rows, table: str, row: dict[str, Any]) -> None:
    rows.setdefault(table, []).append(row)


def _id(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"attempt_id": entry["attempt_id"]}


def _start(entry: Mapping[str, Any]) -> Any:
    """When the attempt began; of a line that does not say, the moment of the line itself."""
    attempt = entry["data"].get("attempt") or {}
    return attempt.get("started_at") or entry.get("started_at") or entry["at"]


def _attempt(entry: Mapping[str, Any]) -> dict[str, Any]:
    given = entry["data"].get("attempt") or {}
    return {"ended_at": entry["at"]} | given | _id(entry) | {"started_at": _start(entry)}


def _event(offset: int, entry: Mapping[str, Any]) -> dict[str, Any]:
    data = entry["data"]
    detail = {name: value for name, value in data.items() if name not in _BIG}
    attempt = data.get("attempt") or {}
    detail |= {name: attempt[name] for name in _TOLD if attempt.get(name) is not None}
    return {
        "attempt_id": entry["attempt_id"],
        "started_at": _start(entry),
        "happened_at": entry["at"],
        "seq": offset,
        "event": data.get("event", entry["kind"]) if entry["kind"] == "event" else entry["kind"],
        "detail": detail,
    }
