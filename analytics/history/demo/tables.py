"""The attempt log's tables, filled as simulated attempts end, as a connector would fill them."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import pyarrow as pa

from analytics.history.demo.attempts import Attempt
from connector.eight import CallCount
from connector.escalation.record import SKIPPED, Beginning, attempt_row
from connector.sandbox.world import World

SOURCE = "demo"
NO_CALLS = CallCount()
TOLD = ("outcome", "failure_reason", "queue", "wait_s", "agent_id", "first_queue", "rule")
_SKIPS = frozenset(SKIPPED.values())
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Tables:
    """Columns of `attempts`, `attempt_steps`, `attempt_events` and `engagements`.

    `reference` makes the keyed hash of a customer's reference. Only columns are kept: a month of
    attempts with all they knew would take most of a gigabyte.
    """

    def __init__(
        self,
        world: World,
        start: datetime,
        tenant: str,
        reference: Callable[[str | None], str | None],
    ) -> None:
        self._start, self._tenant, self._reference = start, tenant, reference
        self._names = {queue.id: queue.name for queue in world.queues}
        self._columns: dict[str, dict[str, list[Any]]] = {}
        self._detail = lru_cache(maxsize=4096)(_detail)

    @property
    def attempts(self) -> int:
        """How many attempts have ended."""
        return len(self._columns.get("attempts", {}).get("attempt_id", ()))

    @property
    def attempt_columns(self) -> dict[str, list[Any]]:
        """The columns of `attempts` so far."""
        return self._columns.get("attempts", {})

    def arrow(self) -> dict[str, pa.Table]:
        """Every table that has rows."""
        return {name: pa.table(columns) for name, columns in self._columns.items()}

    def _at(self, seconds: float) -> datetime:
        return self._start + timedelta(seconds=seconds)

    def ended(self, attempt: Attempt) -> None:
        assert attempt.ending is not None
        started_at = self._at(attempt.started)
        row = self._attempt_row(attempt, started_at)
        self._add("attempts", row | {"inputs": _encode(row["inputs"])})
        for step in attempt.steps:
            self._add("attempt_steps", step.row(attempt.attempt_id, started_at))
        for at, event, detail in self._timeline(attempt, started_at):
            self._add_event(attempt, at, event, detail)
        told = {name: row[name] for name in TOLD if row[name] is not None}
        self._add_event(attempt, attempt.ending.at, "ended", _encode(told))

    def parted(self, attempt: Attempt) -> None:
        engaged, at = attempt.engaged, self._at
        assert engaged is not None
        assert engaged.ended is not None
        if engaged.moved is not None:
            self._add_event(attempt, at(engaged.moved), "transferred", "{}")
        detail = self._detail(ended_by=engaged.ended_by)
        self._add_event(attempt, at(engaged.ended), "engagement", detail)
        row = {
            "attempt_id": attempt.attempt_id,
            "started_at": at(attempt.started),
            "accepted_at": at(engaged.accepted),
            "ended_at": at(engaged.ended),
            "agent_id": engaged.agent_id,
            "queue_id": engaged.queue_id,
            "queue": self._names[engaged.queue_id],
            "handle_s": engaged.ended - engaged.accepted,
            "transfers": engaged.transfers,
            "requeued": engaged.moved is not None,
            "customer_wrote": engaged.wrote,
            "ended_by": engaged.ended_by,
        }
        self._add("engagements", row)

    def _add(self, table: str, row: Mapping[str, Any]) -> None:
        columns = self._columns.get(table)
        if columns is None:
            columns = self._columns[table] = {name: [] for name in row}
        for name, value in row.items():
            columns[name].append(value)

    def _add_event(self, attempt: Attempt, at: datetime, event: str, detail: str) -> None:
        row = {
            "attempt_id": attempt.attempt_id,
            "started_at": self._at(attempt.started),
            "happened_at": at,
            "seq": next(attempt.seq),
            "event": event,
            "detail": detail,
        }
        self._add("attempt_events", row)

    def _attempt_row(self, attempt: Attempt, started_at: datetime) -> dict[str, Any]:
        ending, handoff = attempt.ending, attempt.person.handoff
        assert ending is not None
        beginning = Beginning(
            attempt_id=attempt.attempt_id,
            handoff=handoff,
            started_at=started_at,
            tenant=self._tenant,
            source=SOURCE,
            retry_of=attempt.retry_of,
            customer_ref=self._reference(handoff.customer.reference),
        )
        return attempt_row(
            beginning,
            ending,
            decision=attempt.decision,
            payload=attempt.payload,
            steps=attempt.steps,
            conversation_id=_conversation_id(attempt) if attempt.requested is not None else None,
            wait_s=(ending.at - started_at).total_seconds(),
            calls=NO_CALLS,
        )

    def _timeline(
        self, attempt: Attempt, started_at: datetime
    ) -> Iterator[tuple[datetime, str, str]]:
        decision, detail = attempt.decision, self._detail
        first = decision.steps[0].queue
        yield started_at, "started", detail(queue=first, first_queue=first, rule=decision.rule)
        yield started_at, "decided", detail(trace=decision.trace)
        created = False
        for step in attempt.steps:
            queue = detail(queue_id=step.planned.queue_id)
            if step.result in _SKIPS:
                yield step.offered_at, "skipped", queue
                continue
            if created:
                yield step.offered_at, "step", queue
            else:
                made = _encode({"conversation_id": _conversation_id(attempt)})
                yield step.offered_at, "created", made
                created = True
            if step.result == "step_timeout" and step.left_at is not None:
                yield step.left_at, "step_timeout", queue


def _conversation_id(attempt: Attempt) -> str:
    return f"demo-{attempt.attempt_id}"


def _detail(**parts: Hashable) -> str:
    """Details that many events share, as JSON."""
    return _encode(parts)
