"""Plans that hold for more than one handoff.

Without an override a plan follows from the steps, the priority, the queues and, where queues have
opening hours, the minute. A connector sees the same queues for ten seconds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from connector.handoff import Priority
from connector.policy import Step
from connector.queues import QueueBook
from connector.routing.decision import Plan
from connector.routing.minutes import EachMinute

_Key = tuple[int, Priority]


class Planner(Protocol):
    """Who makes plans of one policy."""

    priority: Priority
    book: QueueBook
    now: datetime

    def plan(self, steps: tuple[Step, ...]) -> Plan: ...


class Plans:
    """The plans of one policy for the newest queues and minute it was asked about."""

    def __init__(self, *, hourly: bool) -> None:
        self._minute = EachMinute(lambda begins: begins) if hourly else None
        # One value, so that a thread never sees the queues of one moment with plans of another.
        self._held: tuple[QueueBook | None, datetime | None, dict[_Key, Plan]] = (None, None, {})

    def of(self, planner: Planner, steps: tuple[Step, ...]) -> Plan:
        # The steps are the policy's own and live as long as it does, so their id is theirs alone.
        plans, key = self._plans(planner), (id(steps), planner.priority)
        if (plan := plans.get(key)) is None:
            plan = plans[key] = planner.plan(steps)
        return plan

    def _plans(self, planner: Planner) -> dict[_Key, Plan]:
        minute = self._minute.at(planner.now) if self._minute else None
        book, at, plans = self._held
        if book is not planner.book or at != minute:
            plans = {}
            self._held = (planner.book, minute, plans)
        return plans
