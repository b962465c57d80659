"""The steps of one attempt as they were really tried, and which of them an agent took it from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from connector import routing
from connector.escalation.record import SKIPPED, StepRecord
from connector.policy import SkipReason
from connector.queues import QueueBook
from connector.routing import Decision, PlannedStep

# Of several reasons the one that leaves most hope is told: busy agents come free, closed stays.
_HOPE: tuple[SkipReason, ...] = ("all_busy", "nobody_logged_in", "closed")


class Steps:
    """Step records in order; skipped ones are among them."""

    def __init__(self, decision: Decision) -> None:
        self._planned, self._closed = list(decision.steps), decision.closed
        self._tried: list[StepRecord] = []
        self._skips: list[SkipReason] = []

    def __iter__(self) -> Iterator[StepRecord]:
        return iter(self._tried)

    @property
    def more(self) -> bool:
        return bool(self._planned)

    def next(self, book: QueueBook, now: datetime) -> StepRecord:
        """Take up the next planned step; its `result` is set when it is skipped."""
        planned = self._planned.pop(0)
        state = book.state(planned.queue_id) if planned.queue_id else None
        step = self.add(planned, now)
        step.people_ahead = state.waiting if state else None
        reason = "closed" if self._closed else routing.skip_reason(planned, state, now)
        if reason is not None:
            step.close(SKIPPED[reason], now)
            self._skips.append(reason)
        return step

    def leave_out(self, queue_id: str | None) -> None:
        """Do not try a queue again that stands in for another already."""
        self._planned = [planned for planned in self._planned if planned.queue_id != queue_id]

    def add(self, planned: PlannedStep, now: datetime) -> StepRecord:
        step = StepRecord(len(self._tried) + 1, planned, now)
        self._tried.append(step)
        return step

    @property
    def why_skipped(self) -> SkipReason:
        """The reason told when every step was skipped."""
        return next(reason for reason in _HOPE if reason in self._skips)

    @property
    def offered(self) -> list[StepRecord]:
        return [step for step in self._tried if step.result not in SKIPPED.values()]

    @property
    def serving(self) -> StepRecord | None:
        """The step that got the agent, else the last offered; None when nothing was offered."""
        accepted = [step for step in self._tried if step.result == "accepted"]
        found = accepted or self.offered
        return found[-1] if found else None

    def queued(self, queue_id: str, queue: str, at: datetime) -> None:
        """8x8 says when the conversation entered a queue; also which, when we named none."""
        for step in reversed(self._tried):
            if step.planned.queue_id is None and step.result is None:
                step.planned = replace(step.planned, queue_id=queue_id, queue=queue)
            if step.planned.queue_id == queue_id:
                step.queued_at = at
                return

    def accept(self, joined_at: datetime, at: datetime) -> None:
        """Give the step the agent took it from its due; `at` is `joined_at` on our clock."""
        serving = self._holding(joined_at)
        for step in self._tried:
            if step.number > serving.number and step.result in {None, "step_timeout"}:
                step.close("superseded", at)
        serving.close("accepted", at)

    def may_have_moved(self, at: datetime) -> bool:
        """Whether 8x8, which told of the steps before, has not told of a move we asked for."""
        told = [step.number for step in self._tried if step.queued_at]
        return any(
            step.result is None and not step.queued_at and step.offered_at <= at
            for step in self._tried
            if told and step.number > max(told)
        )

    def _holding(self, at: datetime) -> StepRecord:
        """The step whose queue held the conversation at `at`.

        8x8's own stamps decide where there are any: a step it never confirmed was asked for, and
        the agent came first. Without them, as when polling, our own stamps do.
        """
        tried = [step for step in self._tried if step.result in {None, "step_timeout"}]
        confirmed = [step for step in tried if step.queued_at and step.queued_at <= at]
        asked = [step for step in tried if not step.queued_at and step.offered_at <= at]
        return (confirmed or asked or tried[:1])[-1]

    def close_open(self, result: str, at: datetime) -> None:
        for step in self._tried:
            if step.result is None:
                step.close(result, at)
