"""The steps of a policy with their places, and the queues this tenant has for them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from connector.lint.finding import Place
from connector.policy import Policy, Route, Rule, Step
from connector.queues import QueueBook, QueueState
from connector.routing import queue_for


@dataclass(frozen=True)
class Spot:
    """One step at its place. `number` counts the route, `way` is the place of its list of steps."""

    number: int
    route: Route
    way: Place
    step: Step
    index: int

    @property
    def place(self) -> Place:
        return (*self.way, self.index)

    @property
    def rule(self) -> str:
        return name_of(self.route)

    def wanted(self, policy: Policy) -> str:
        """The queue as the policy writes it, through a skill where the step names one."""
        return self.step.queue or policy.queue_of(self.step)

    def state(self, policy: Policy, book: QueueBook) -> QueueState | None:
        """The queue, or its twin for the route's priority; None when the tenant has neither."""
        return queue_for(policy, self.wanted(policy), self.route.priority, book)


def spots(policy: Policy) -> Iterator[Spot]:
    """Every step of every route, in order; a canary's after those of its route."""
    for number, (place, route) in enumerate(policy.placed_routes):
        for index, step in enumerate(route.steps):
            yield Spot(number, route, (*place, "steps"), step, index)
        for index, step in enumerate(route.canary.steps if route.canary else ()):
            yield Spot(number, route, (*place, "canary", "steps"), step, index)


def ways(policy: Policy) -> Iterator[tuple[Spot, ...]]:
    """The steps that one handoff tries in order: of each route, and of each canary."""
    for _, found in groupby(spots(policy), key=lambda spot: spot.way):
        yield tuple(found)


def name_of(route: Route) -> str:
    return route.name if isinstance(route, Rule) else "default"


def label(state: QueueState) -> str:
    """A queue as a policy writes it for sure."""
    return f"{state.name} ({state.id})"
