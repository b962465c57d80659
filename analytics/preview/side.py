"""What one policy does with every attempt; it decides once for all attempts alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from analytics.preview.alike import Codes, Moments, combined, firsts, open_flags
from analytics.preview.attempts import Attempts
from analytics.preview.availability import Availability, RecordedBook
from analytics.preview.matching import Matched, matched
from analytics.preview.ways import Way, missing, way_of
from connector.policy import Limits, Policy
from connector.queues import QueueBook
from connector.routing import Decision, decide, schedules_of

T = TypeVar("T")


@dataclass(frozen=True)
class Side:
    """The different `ways`, and the place of each attempt's in them; -1 where it has none.

    Then what had to be recorded for it and was not is at the place `lacking` in `inputs`.
    """

    ways: list[Way]
    way: Codes
    inputs: list[str]
    lacking: Codes


class Deciding:
    """One policy over attempts in a tenant, whose queues are those of `tenant`.

    Canaries are drawn as `base` draws them, the published policy, and it was recorded whether its
    schedules had a queue open.
    """

    def __init__(
        self, policy: Policy, attempts: Attempts, tenant: QueueBook, *, base: Policy
    ) -> None:
        self.policy = policy.model_copy(update={"version": base.version})
        self.attempts, self.tenant, self._base = attempts, tenant, base
        self._schedules = schedules_of(policy, tenant)
        recorded = schedules_of(base, tenant)
        self._recorded = {
            queue_id for queue_id, name in self._schedules.items() if recorded.get(queue_id) == name
        }

    @property
    def queues(self) -> set[str]:
        """The ids of all queues that could be tried for one of the attempts."""
        ids = {step.queue_id for one in self._routes for step in one.steps}
        return {queue_id for queue_id in ids if queue_id is not None}

    def side(self, availability: Availability) -> Side:
        """The policy's decisions with availability as it was recorded."""
        groups = combined([self._route, *self._looks(availability)])
        ways: dict[Way, int] = {}
        inputs = {f"the variable {name}": n for n, name in enumerate(self._matched.variables)}
        found: list[tuple[int, int]] = []
        for decision, book in self.decisions(firsts(groups), availability):
            lacks = missing(decision, book, self._schedules)
            if lacks is None:
                found.append((ways.setdefault(way_of(decision), len(ways)), -1))
            else:
                found.append((-1, inputs.setdefault(lacks, len(inputs))))
        way, lacking = np.array(found, dtype=np.int64).reshape(-1, 2)[groups].T
        unsure = self._matched.lacking >= 0
        return Side(
            list(ways),
            np.where(unsure, -1, way),
            list(inputs),
            np.where(unsure, self._matched.lacking, lacking),
        )

    def decisions(
        self, places: Codes, availability: Availability
    ) -> Iterator[tuple[Decision, QueueBook]]:
        """The policy's decision for each of these attempts, and the queues it was made with."""
        tenant = self.tenant
        names = tenant.states, tenant.mapping, tenant.default_queue, tenant.known
        for handoff, at in self.attempts.at(places).handoffs():
            book = RecordedBook(*names, tenant, availability, at, self._recorded)
            yield decide(self.policy, handoff, book, at), book

    @cached_property
    def _matched(self) -> Matched:
        return matched(self.policy, self.attempts)

    @cached_property
    def _route(self) -> Codes:
        """A code per rule and canary arm."""
        rule = self._matched.rule
        canaries = [self.policy.default.canary, *(one.canary for one in self.policy.rules)]
        shares = np.array([canary.share if canary else 0.0 for canary in canaries])[rule]
        draws = self.attempts.draws(self.policy.version, shares > 0)
        return combined([rule, (draws < shares).astype(np.int64)])

    @cached_property
    def _routes(self) -> list[Decision]:
        """For each route a decision with all its queues, of which no limit leaves one out."""
        whole = self.policy.model_copy(update={"limits": Limits()})
        deciding = Deciding(whole, self.attempts, self.tenant, base=self._base)
        found = deciding.decisions(firsts(self._route), Availability())
        return [decision for decision, _ in found]

    def _looks(self, availability: Availability) -> Iterator[Codes]:
        """Per step: how its queue looked when each attempt began, and whether it was open."""
        conditions = [step.skip_if for one in self.policy.routes for step in one.all_steps]
        for number in range(max((len(one.steps) for one in self._routes), default=0)):
            steps = [one.steps[number] if number < len(one.steps) else None for one in self._routes]
            yield self._each(
                [step.queue_id if step else None for step in steps],
                lambda queue_id, at: availability.looks(queue_id, at, conditions),
            )
            yield self._each(
                [step.opening_hours if step else None for step in steps],
                lambda hours, at: open_flags(hours, at).astype(np.int64),
            )

    def _each(self, of_routes: Sequence[T | None], look: Callable[[T, Moments], Codes]) -> Codes:
        """How what each attempt's route has looked when it began; 0 where the route has none."""
        different = {id(thing): thing for thing in of_routes if thing is not None}
        key = np.array([id(thing) for thing in of_routes], dtype=np.int64)[self._route]
        started, found = self.attempts.started, np.zeros(len(self.attempts), dtype=np.int64)
        for number, thing in different.items():
            where = key == number
            found[where] = look(thing, started[where])
        return found
