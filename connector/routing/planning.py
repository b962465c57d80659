"""The steps of a decision: overrides, twins, queues of this tenant, skips and limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connector.handoff import Handoff, Priority
from connector.policy import Policy, Step
from connector.queues import QueueBook, QueueState
from connector.routing.decision import Plan, PlannedStep
from connector.routing.limits import Allowance
from connector.routing.prepared import Prepared, prepared
from connector.routing.skipping import Skip, skip_of


@dataclass
class Planning:
    """The planning of steps; what happens is told in `trace`. `handoff` matters if it overrides."""

    policy: Policy
    prepared: Prepared
    handoff: Handoff
    priority: Priority
    book: QueueBook
    now: datetime
    trace: list[str] = field(default_factory=list)

    def plan(self, steps: tuple[Step, ...]) -> Plan:
        planned: list[PlannedStep] = []
        allowance = Allowance(self.policy.limits)
        first, priority = steps[0], self.priority
        if self.handoff.overrides:
            first, priority = self._overridden(first), self.handoff.priority or priority
        for step in (first, *steps[1:]):
            target, skip = self._target(step, priority if step is first else self.priority)
            number = len(planned) + 1
            if any(target.queue_id == other.queue_id for other in planned):
                self.trace.append(f"step {number} {target.queue} left out: it was tried before")
                continue
            granted = allowance.grant(number, target, self.trace)
            if granted is not None:
                planned.append(granted)
                self.trace.append(_step_line(number, granted, skip))
        return Plan(tuple(planned), tuple(self.trace))

    def _overridden(self, step: Step) -> Step:
        """The first step with what the handoff overrides put in place, and nothing else changed."""
        handoff = self.handoff
        queue, skill = step.queue, step.skill
        if handoff.skill in self.policy.skills:
            # A skill that names no queue leaves the step's own.
            alias = self.policy.skills[handoff.skill]
            queue, skill = alias.queue or self.policy.queue_of(step), handoff.skill
        elif handoff.skill is not None:
            self.trace.append(f"override skill={handoff.skill} is not in the policy: ignored")
        if handoff.queue is not None:
            queue, skill = handoff.queue, skill if handoff.skill == skill else None
        if parts := overriding(self.policy, handoff):
            self.trace.append("override of " + ", ".join(parts))
        timeout = handoff.timeout_s or step.timeout_s
        return step.model_copy(update={"queue": queue, "skill": skill, "timeout_s": timeout})

    def _target(self, step: Step, priority: Priority) -> tuple[PlannedStep, Skip | None]:
        policy, book = self.policy, self.book
        wanted, state = self._queue(step.queue or policy.queue_of(step), priority)
        # Of the channel's own queue nothing is known, and nothing speaks against it.
        hours = self.prepared.opening_hours(wanted, state) if state else None
        known = book.state(state.id) if state else None
        skip = skip_of(step.skip_if, hours, known, self.now)
        alias = policy.skills.get(step.skill) if step.skill else None
        target = PlannedStep(
            queue_id=state.id if state else None,
            queue=state.name if state else wanted,
            timeout_s=step.timeout_s,
            skip_if=step.skip_if,
            skill=step.skill,
            language=alias.language if alias else None,
            skipped=skip.reason if skip else None,
            agents_available=known.available if known else None,
            opening_hours=hours,
        )
        return target, skip

    def _queue(self, wanted: str, priority: Priority) -> tuple[str, QueueState | None]:
        """The queue this tenant has for `wanted`, or its twin for the priority, or the default."""
        policy, book = self.policy, self.book
        if (state := queue_for(policy, wanted, priority, book, self.prepared)) is not None:
            return wanted, state
        state = default_queue(policy, book)
        instead = f"default queue {state.name}" if state else "the channel's own queue"
        why = "is not in this tenant" if book.known else "cannot be looked up, 8x8 does not answer"
        self.trace.append(f"queue {wanted} {why}: {instead}")
        return (policy.default_queue if state else wanted), state


def overriding(policy: Policy, handoff: Handoff) -> tuple[str, ...]:
    """The parts of the first step a handoff overrides; a skill the policy lacks is none."""
    unknown = {"skill"} if handoff.skill not in policy.skills else set()
    return tuple(part for part in handoff.overrides if part not in unknown)


def queue_for(
    policy: Policy,
    wanted: str,
    priority: Priority,
    book: QueueBook,
    ready: Prepared | None = None,
) -> QueueState | None:
    """The twin of a queue for the priority, else the queue; None when the tenant has neither.

    `wanted` is as the policy writes it; `ready` saves looking the prepared policy up.
    """
    twin = (ready or prepared(policy)).twins(wanted).get(priority)
    return _found(policy, twin, book) or _found(policy, wanted, book)


def default_queue(policy: Policy, book: QueueBook) -> QueueState | None:
    """The queue chosen as default for this tenant, else the policy's own; None when neither is."""
    chosen = (
        book.resolve(f"{policy.default_queue} ({book.default_queue})")
        if (book.default_queue)
        else None
    )
    return chosen or book.resolve(policy.default_queue)


def _found(policy: Policy, wanted: str | None, book: QueueBook) -> QueueState | None:
    if wanted is None:
        return None
    return default_queue(policy, book) if wanted == policy.default_queue else book.resolve(wanted)


def _step_line(number: int, step: PlannedStep, skip: Skip | None) -> str:
    if skip is not None:
        return f"step {number} {step.queue} skipped: {skip.words}"
    free = "" if step.agents_available is None else f", {step.agents_available} available"
    return f"step {number} {step.queue}, {step.timeout_s:g} s{free}"
