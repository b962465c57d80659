"""What a policy does with an attempt, in the parts that make a difference to its route."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from connector.queues import QueueBook
from connector.routing import Decision, PlannedStep


class Stop(NamedTuple):
    """One queue of a way; `tried` unless it would have been skipped then. Timeout in seconds."""

    queue_id: str | None
    queue: str
    timeout_s: float
    tried: bool

    @property
    def key(self) -> str:
        """A queue goes by its id, and by its name where the tenant has no such queue."""
        return self.queue_id or self.queue

    def __str__(self) -> str:
        return f"{self.queue} {self.timeout_s:g} s" + ("" if self.tried else " (skipped)")


class Way(NamedTuple):
    """Two attempts with equal ways are routed alike.

    `language` is that of the first step's skill, null where the customer's own counts.
    """

    stops: tuple[Stop, ...]
    priority: str
    language: str | None
    failure_path: str
    failure_target: str | None

    @property
    def first(self) -> Stop | None:
        """The first queue that would be tried; None when all would be skipped."""
        return next((stop for stop in self.stops if stop.tried), None)


def way_of(decision: Decision) -> Way:
    return Way(
        tuple(
            Stop(step.queue_id, step.queue, step.timeout_s, step.skipped is None)
            for step in decision.steps
        ),
        decision.priority,
        decision.steps[0].language,
        decision.failure_path,
        decision.failure_target,
    )


def changes(before: Way, after: Way) -> list[str]:
    """What is different, in words, between ways that both name their language."""
    told = []
    if before.stops != after.stops:
        told.append(f"queues {_listed(before)} → {_listed(after)}")
    if before.priority != after.priority:
        told.append(f"priority {before.priority} → {after.priority}")
    if before.language != after.language:
        told.append(f"language {before.language} → {after.language}")
    if before[-2:] != after[-2:]:
        told.append(f"failure path {_failing(before)} → {_failing(after)}")
    return told


def missing(decision: Decision, book: QueueBook, scheduled: Container[str]) -> str | None:
    """What of a decision's queues had to be recorded and was not; None when all was.

    `scheduled` are the queues that have a schedule of 8x8's.
    """
    for step in decision.steps:
        # A step that is skipped for one reason needs no other, and the channel's own never is.
        own = step.queue_id is None and book.known
        if step.skipped is None and not own and (reason := _missing(step, book, scheduled)):
            return reason
    return None


def _missing(step: PlannedStep, book: QueueBook, scheduled: Container[str]) -> str | None:
    asked = step.skip_if
    if asked.closed and step.queue_id is not None and step.queue_id in scheduled:
        state = book.state(step.queue_id)
        if state is None or state.is_open is None:
            return f"whether {step.queue} was open by 8x8's schedule"
    if asked.expected_wait_over_s is not None:
        return f"the expected wait of {step.queue}"
    counted = asked.no_agents or asked.all_busy or asked.waiting_over is not None
    return f"availability of {step.queue}" if counted and step.agents_available is None else None


def _listed(way: Way) -> str:
    return ", ".join(map(str, way.stops))


def _failing(way: Way) -> str:
    return " ".join(part for part in way[-2:] if part)
