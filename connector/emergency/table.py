"""Emergencies in the lake. The table only grows: one that is ended early is written once more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import starmap
from typing import TYPE_CHECKING, Any

from connector.emergency.model import Declared, Emergency
from connector.log.extensions import quoted
from connector.policy import FailurePath

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from connector.log import Lake

_COLUMNS = """emergency_id, declared_at, declared_by, holds_until, for_queues, for_intents,
    queue, timeout_s, failure_path, failure_text, failure_target, note, ended_at, ended_by"""


def emergencies(lake: Lake) -> list[Declared]:
    """Every emergency there was, newest first."""
    return _declared(lake.query(f"SELECT {_COLUMNS} FROM emergencies"))


def in_force(lake: Lake, now: datetime) -> list[Declared]:
    """Those in force at `now` (naive UTC, world time), newest first: a cheap look."""
    bound = f"holds_until > {quoted(str(now))}"
    found = _declared(lake.query(f"SELECT {_COLUMNS} FROM emergencies WHERE {bound}"))
    return [one for one in found if one.holds(now)]


def found(cursor: DuckDBPyConnection, emergency_id: str) -> Declared | None:
    """One of them as a transaction sees it."""
    condition = f"emergency_id = {quoted(emergency_id)}"
    rows = cursor.execute(f"SELECT {_COLUMNS} FROM emergencies WHERE {condition}").fetchall()
    return next(iter(_declared(rows)), None)


def append(cursor: DuckDBPyConnection, declared: Declared) -> None:
    """Write a declaration, or once more with its end, within a transaction of the caller's."""
    emergency, path = declared.emergency, declared.emergency.failure_path
    row = (
        quoted(declared.emergency_id),
        quoted(str(declared.declared_at)),
        quoted(declared.declared_by),
        quoted(str(emergency.until)),
        _list(emergency.queues),
        _list(emergency.intents),
        _text(emergency.queue),
        str(float(emergency.timeout_s)),
        _text(path.kind if path else None),
        _text(path.text if path else None),
        _text(path.target if path else None),
        _text(emergency.note),
        _text(str(declared.ended_at) if declared.ended_at else None),
        _text(declared.ended_by),
    )
    cursor.execute(f"INSERT INTO emergencies VALUES ({', '.join(row)})")


def _declared(rows: Iterable[tuple[Any, ...]]) -> list[Declared]:
    """Newest first; of the rows of one emergency that of its first end counts."""
    found: dict[str, Declared] = {}
    for one in sorted(starmap(_row, rows), key=lambda one: one.ended_at or datetime.max):
        found.setdefault(one.emergency_id, one)
    return sorted(found.values(), key=lambda one: one.declared_at, reverse=True)


def _row(*row: Any) -> Declared:
    emergency_id, declared_at, declared_by, until, queues, intents, queue, timeout_s = row[:8]
    kind, text, target, note, ended_at, ended_by = row[8:]
    path = FailurePath(kind=kind, text=text, target=target) if kind else None
    emergency = Emergency(
        until=until,
        queue=queue,
        timeout_s=timeout_s,
        failure_path=path,
        queues=tuple(queues),
        intents=tuple(intents),
        note=note,
    )
    return Declared(emergency_id, declared_at, declared_by, emergency, ended_at, ended_by)


# Binding values would load pandas into processes that only write.
def _text(value: str | None) -> str:
    return "NULL" if value is None else quoted(value)


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, values))}]::VARCHAR[]"
