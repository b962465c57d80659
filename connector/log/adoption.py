"""What dead processes left in their journals: attempts still open, results never told."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.handoff import Outcome, Result
from connector.log import claims
from connector.log.entries import STARTS
from connector.log.journals import Journal
from connector.log.ledger_file import LedgerFile
from connector.log.rows import parse

READ_BYTES = 4_000_000
_KINDS = tuple(f'{{"kind":"{kind}",'.encode() for kind in (*STARTS, "ended"))


@dataclass(frozen=True)
class OpenAttempt:
    """An attempt whose process died; `started` holds the columns of `attempts` known by then."""

    attempt_id: str
    handoff_id: str
    instance: str
    started: dict[str, Any]


class Adoption:
    """Looks into the journals of dead processes. Each is read once: the dead do not write."""

    def __init__(self, ledger_path: Path) -> None:
        self._ledger_path = ledger_path
        self._left: dict[str, list[OpenAttempt]] = {}

    def open_attempts(self, journal: Journal) -> list[OpenAttempt]:
        """Attempts of a dead journal without an end that no other process has taken over."""
        if journal.instance not in self._left:
            self._left[journal.instance] = self._inspect(journal)
        left = self._left[journal.instance]
        if not left:
            return []
        ids = [attempt.attempt_id for attempt in left]
        with LedgerFile(self._ledger_path) as file:
            held = file.read(lambda con: claims.held_by(con, journal.instance, ids))
        return [attempt for attempt in left if attempt.attempt_id in held]

    def forget(self, journal: Journal) -> None:
        """The journal is gone."""
        self._left.pop(journal.instance, None)

    def _inspect(self, journal: Journal) -> list[OpenAttempt]:
        started, ended = _starts_and_ends(journal)
        with LedgerFile(self._ledger_path) as file:
            file.write(lambda con: _settle(con, journal.instance, started, ended))
        return [attempt for name, attempt in started.items() if name not in ended]


def _settle(
    connection: sqlite3.Connection,
    instance: str,
    started: Mapping[str, OpenAttempt],
    ended: Mapping[str, Mapping[str, Any]],
) -> None:
    """Claims lost in a power cut are made again, and results the bot was not told are written."""
    began = [
        (attempt.handoff_id, attempt.attempt_id, attempt.started["started_at"])
        for attempt in started.values()
    ]
    claims.restore(connection, instance, began)
    untold = claims.without_result(connection, instance) & ended.keys()
    results = {name: result for name in untold if (result := _result(name, ended[name]))}
    claims.finish_for(connection, instance, results)


def _starts_and_ends(
    journal: Journal,
) -> tuple[dict[str, OpenAttempt], dict[str, dict[str, Any]]]:
    started: dict[str, OpenAttempt] = {}
    ended: dict[str, dict[str, Any]] = {}
    offset = 0
    while (chunk := journal.read(offset, READ_BYTES)).lines:
        for at, line in chunk.lines:
            # Most lines are of no interest here, and kind comes first in each.
            entry = parse(line, f"{journal.path.name} at byte {at}") if _matters(line) else None
            if entry is None:
                continue
            if entry["kind"] == "ended":
                ended[entry["attempt_id"]] = entry["data"].get("attempt") or {}
            else:
                started[entry["attempt_id"]] = _open_attempt(entry, journal.instance)
        offset = chunk.end
    return started, ended


def _matters(line: bytes) -> bool:
    return line.startswith(_KINDS)


def _open_attempt(entry: Mapping[str, Any], instance: str) -> OpenAttempt:
    attempt = dict(entry["data"].get("attempt") or {})
    began = attempt.get("started_at") or entry["at"]
    attempt_id = entry["attempt_id"]
    attempt |= {"attempt_id": attempt_id, "started_at": datetime.fromisoformat(began)}
    handoff_id = attempt.setdefault("handoff_id", attempt_id)
    return OpenAttempt(attempt_id, handoff_id, instance, attempt)


def _result(attempt_id: str, attempt: Mapping[str, Any]) -> str | None:
    """The result as far as the attempt's row tells it; None for a row that tells nothing."""
    present = tuple(attempt.get("context_present") or ())
    required = attempt.get("context_required") or ()
    try:
        result = Result(
            handoff_id=attempt["handoff_id"],
            attempt_id=attempt_id,
            outcome=Outcome(attempt["outcome"]),
            reason=attempt.get("failure_reason"),
            queue=attempt.get("queue"),
            queue_id=attempt.get("queue_id"),
            wait_s=attempt.get("wait_s"),
            agent=attempt.get("agent_id"),
            conversation_id=attempt.get("conversation_id"),
            context_delivered=present if attempt.get("delivered") else (),
            context_missing=tuple(name for name in required if name not in present),
            failure_path=attempt.get("failure_path"),
        )
    except (ValueError, KeyError):
        return None
    return result.model_dump_json()
