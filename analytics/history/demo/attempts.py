"""The connector's part of the simulation: each handoff is decided, waits, moves on, ends.

The same decisions and the same payload as in production; only 8x8 is simulated. What happens to a
customer follows from the floor, their patience and the policy, and from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from random import Random
from typing import Protocol

from analytics.history.demo.floor import Floor, Visit
from connector import context, routing
from connector.context import Payload
from connector.escalation.record import SKIPPED, Ending, StepRecord
from connector.handoff import Outcome
from connector.policy import Policy, SkipReason
from connector.routing import Decision
from connector.sandbox.customers import Customers, Person

RETRY_WINDOW_S = 1800.0
# An agent passes a customer on after this share of the handle time.
BEFORE_PASSING = (0.1, 0.5)
HOPE: tuple[SkipReason, ...] = ("all_busy", "nobody_logged_in", "closed")


@dataclass(eq=False)
class Engaged:
    """What followed acceptance; seconds since the start."""

    agent_id: str
    queue_id: str
    accepted: float
    wrote: bool
    ended: float | None = None
    ended_by: str = "agent"
    passed_to: str | None = None
    moved: float | None = None
    waiting: bool = False

    @property
    def transfers(self) -> int:
        return int(self.moved is not None)


@dataclass(eq=False)
class Attempt:
    """One handoff on its way; `started` is seconds since the start, as is `requested`."""

    attempt_id: str
    person: Person
    started: float
    retry_of: str | None
    decision: Decision
    payload: Payload
    steps: list[StepRecord] = field(default_factory=list)
    skips: list[SkipReason] = field(default_factory=list)
    requested: float | None = None
    ending: Ending | None = None
    engaged: Engaged | None = None
    visit: Visit | None = None
    seq: Iterator[int] = field(default_factory=count)


class Log(Protocol):
    """Who writes down what happens."""

    def ended(self, attempt: Attempt) -> None:
        """The attempt has its outcome."""

    def parted(self, attempt: Attempt) -> None:
        """The engagement that followed is over too."""


class Handoffs:
    """Serves the handoffs that `customers` bring to `floor` under `policy`, and tells `log`.

    `open` holds the attempts that have not ended.
    """

    def __init__(
        self, floor: Floor, customers: Customers, policy: Policy, random: Random, log: Log
    ) -> None:
        self.floor, self.policy = floor, policy
        self.open: set[Attempt] = set()
        self._customers, self._random, self._log = customers, random, log
        self._seen: dict[str, tuple[float, str]] = {}
        world = floor.world
        self._known = {queue.id: queue.twin_of or queue.id for queue in world.queues}

    def arrive(self, at: datetime) -> None:
        """A new customer asks for an agent now, at `at` (UTC)."""
        self._begin(self._customers.draw(at))

    def _return(self, person: Person) -> None:
        self._begin(self._customers.again(person, self.floor.at(self.floor.now)))

    def _begin(self, person: Person) -> None:
        floor, now, handoff = self.floor, self.floor.now, person.handoff
        attempt_id = f"{self._random.getrandbits(96):024x}"
        decision = routing.decide(self.policy, handoff, floor.book(), floor.at(now))
        payload = context.build(self.policy, handoff, decision, attempt_id)
        retry_of = handoff.retry_of or self._earlier(handoff.customer.reference)
        attempt = Attempt(attempt_id, person, now, retry_of, decision, payload)
        self._seen[handoff.customer.reference or ""] = (now, handoff.handoff_id)
        self.open.add(attempt)
        self._first(attempt)

    def _earlier(self, reference: str | None) -> str | None:
        at, handoff_id = self._seen.get(reference or "", (-RETRY_WINDOW_S * 2, ""))
        return handoff_id if self.floor.now - at <= RETRY_WINDOW_S else None

    def _first(self, attempt: Attempt) -> None:
        step = self._next_step(attempt)
        if step is None:
            reason = next(reason for reason in HOPE if reason in attempt.skips)
            self._conclude(attempt, Outcome.NO_AGENTS, reason=reason)
            return
        attempt.requested = now = self.floor.now
        attempt.visit = Visit(
            attempt.attempt_id,
            attempt.payload.user["language"],
            joined=lambda agent_id: self._joined(attempt, agent_id),
            ended=lambda: self._parted(attempt),
        )
        self.floor.plan(now + attempt.person.patience_s, self._abandon, attempt)
        self._try(attempt, step)

    def _try(self, attempt: Attempt, step: StepRecord) -> None:
        queue_id = step.planned.queue_id
        assert attempt.visit is not None
        assert queue_id is not None
        self.floor.enter(attempt.visit, queue_id)
        self.floor.plan(self.floor.now + step.planned.timeout_s, self._time_out, attempt, step)

    def _next_step(self, attempt: Attempt) -> StepRecord | None:
        """The next step worth trying; those skipped on the way are recorded."""
        now = self.floor.at(self.floor.now)
        for planned in attempt.decision.steps[len(attempt.steps) :]:
            assert planned.queue_id is not None
            skipped = routing.skip_reason(planned, self.floor.state(planned.queue_id), now)
            step = StepRecord(len(attempt.steps) + 1, planned, now)
            attempt.steps.append(step)
            if skipped is None:
                return step
            step.close(SKIPPED[skipped], now)
            attempt.skips.append(skipped)
        return None

    def _time_out(self, attempt: Attempt, step: StepRecord) -> None:
        if attempt.ending is not None or step.result is not None:
            return
        step.close("step_timeout", self.floor.at(self.floor.now))
        following = self._next_step(attempt)
        if following is not None:
            self._try(attempt, following)
            return
        assert attempt.visit is not None
        self.floor.leave(attempt.visit)
        self._conclude(attempt, Outcome.TIMED_OUT)

    def _abandon(self, attempt: Attempt) -> None:
        if attempt.ending is not None:
            return
        assert attempt.visit is not None
        attempt.steps[-1].close("abandoned", self.floor.at(self.floor.now))
        self.floor.leave(attempt.visit)
        self._conclude(attempt, Outcome.ABANDONED)

    def _conclude(
        self,
        attempt: Attempt,
        outcome: Outcome,
        *,
        reason: SkipReason | None = None,
        agent: str | None = None,
    ) -> None:
        attempt.ending = Ending(outcome, self.floor.at(self.floor.now), reason, agent)
        self.open.discard(attempt)
        if outcome is not Outcome.ACCEPTED:
            attempt.visit = None
        self._log.ended(attempt)
        after = attempt.person.retry_after_s
        if outcome is not Outcome.ACCEPTED and after is not None:
            self.floor.plan(self.floor.now + after, self._return, attempt.person)

    # After acceptance

    def _joined(self, attempt: Attempt, agent_id: str) -> float:
        """An agent took the customer; returns how long the agent is busy with them (s)."""
        person, engaged = attempt.person, attempt.engaged
        if engaged is not None:
            engaged.agent_id, engaged.waiting = agent_id, False
            return person.handle_s
        now, step = self.floor.now, attempt.steps[-1]
        step.close("accepted", self.floor.at(now))
        assert step.planned.queue_id is not None
        engaged = Engaged(agent_id, step.planned.queue_id, now, wrote=not person.gone)
        attempt.engaged = engaged
        self._conclude(attempt, Outcome.ACCEPTED, agent=agent_id)
        if person.gone:
            return min(self.floor.world.afterwards.gone_s, person.handle_s)
        engaged.passed_to = self._passes_on(person, engaged.queue_id)
        share = self._random.uniform(*BEFORE_PASSING) if engaged.passed_to else 1.0
        return person.handle_s * share

    def _passes_on(self, person: Person, queue_id: str) -> str | None:
        """The queue the agent will pass the customer on to, if any."""
        after = self.floor.world.afterwards
        intent = self.floor.world.intent(person.handoff.intent)
        if intent is None or self._known[queue_id] == intent.queue:
            share, target = after.transfer, after.transfer_to
        else:
            share, target = after.transfer_elsewhere, intent.queue
        if target is None or target == queue_id or person.transfer_draw >= share:
            return None
        return target if self.floor.state(target).logged_in else None

    def _parted(self, attempt: Attempt) -> None:
        """The agent is done: passed on, or the end."""
        engaged, visit, now = attempt.engaged, attempt.visit, self.floor.now
        assert engaged is not None
        assert visit is not None
        if engaged.passed_to is None or engaged.moved is not None:
            ends_first = attempt.person.ends_first and engaged.wrote
            self._part(attempt, engaged, "customer" if ends_first else "agent")
            return
        engaged.moved, engaged.waiting = now, True
        engaged.queue_id = engaged.passed_to
        self.floor.plan(now + attempt.person.patience_s, self._leave_transfer, attempt)
        self.floor.enter(visit, engaged.passed_to)

    def _leave_transfer(self, attempt: Attempt) -> None:
        engaged, visit = attempt.engaged, attempt.visit
        if engaged is not None and engaged.waiting and visit is not None:
            engaged.waiting = False
            self.floor.leave(visit)
            self._part(attempt, engaged, "customer")

    def _part(self, attempt: Attempt, engaged: Engaged, ended_by: str) -> None:
        engaged.ended, engaged.ended_by = self.floor.now, ended_by
        attempt.visit = None
        self._log.parted(attempt)
