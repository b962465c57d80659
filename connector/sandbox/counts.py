"""What happened per queue: today, in the last half hour, and since the sandbox started."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args

from connector.sandbox.world import World

Count = Literal["queued", "accepted", "abandoned", "accepted_in_time"]
Total = Literal[
    "created",
    "queued",
    "accepted",
    "accepted_transfers",
    "ended_waiting",
    "ended_transfers",
    "moved_on",
    "transferred",
]
HALF_HOUR = timedelta(minutes=30)


@dataclass
class QueueCounts:
    """One queue's counts. `recent` holds (accepted at, wait in seconds) of the last half hour."""

    today: Counter[Count] = field(default_factory=Counter)
    total: Counter[Total] = field(default_factory=Counter)
    waits_s: float = 0.0
    handled: int = 0
    handle_s: float = 0.0
    recent: deque[tuple[datetime, float]] = field(default_factory=deque)


class Counts:
    """Counts of all queues; the day turns at midnight in the world's zone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._queues = {queue.id: QueueCounts() for queue in world.queues}
        self._day: date | None = None

    def of(self, queue_id: str, at: datetime) -> QueueCounts:
        self._turn_day(at)
        counts = self._queues[queue_id]
        while counts.recent and counts.recent[0][0] < at - HALF_HOUR:
            counts.recent.popleft()
        return counts

    def created(self, queue_id: str) -> None:
        self._queues[queue_id].total["created"] += 1

    def queued(self, queue_id: str, at: datetime) -> None:
        counts = self.of(queue_id, at)
        counts.today["queued"] += 1
        counts.total["queued"] += 1

    def accepted(self, queue_id: str, at: datetime, wait_s: float, *, first: bool) -> None:
        """`first` is false when another agent had the interaction before a transfer."""
        counts = self.of(queue_id, at)
        counts.today["accepted"] += 1
        counts.today["accepted_in_time"] += wait_s <= self._world.queue(queue_id).sla_s
        counts.total["accepted" if first else "accepted_transfers"] += 1
        counts.waits_s += wait_s
        counts.recent.append((at, wait_s))

    def ended_waiting(self, queue_id: str, at: datetime, *, first: bool) -> None:
        """`first` is false when an agent had the customer before a transfer."""
        counts = self.of(queue_id, at)
        counts.today["abandoned"] += 1
        counts.total["ended_waiting" if first else "ended_transfers"] += 1

    def moved_on(self, queue_id: str) -> None:
        self._queues[queue_id].total["moved_on"] += 1

    def left_agent(self, queue_id: str, at: datetime, handle_s: float, *, transfer: bool) -> None:
        counts = self.of(queue_id, at)
        counts.handled += 1
        counts.handle_s += handle_s
        counts.total["transferred"] += transfer

    def _turn_day(self, at: datetime) -> None:
        day = self._world.local(at).date()
        if self._day is not None and day > self._day:
            for counts in self._queues.values():
                counts.today.clear()
                counts.waits_s = counts.handle_s = 0.0
                counts.handled = 0
        self._day = day

    def totals(self, queue_id: str) -> dict[str, Any]:
        total = self._queues[queue_id].total
        return {name: total[name] for name in get_args(Total)}
