"""What routing works out once for a policy and not for each handoff."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from connector.handoff import Priority
from connector.policy import OpeningHours, Policy
from connector.queues import QueueState, split_queue
from connector.routing.index import RuleIndex
from connector.routing.plans import Plans
from connector.routing.routes import PreparedRoute


class Prepared:
    """A policy's rules in an index, its plans, and the opening hours of each queue it names.

    `routes` holds the default, then the rules.
    """

    def __init__(self, policy: Policy) -> None:
        self.rules = RuleIndex(policy.rules, policy.zone)
        self.routes = [PreparedRoute(policy, number) for number in range(len(policy.rules) + 1)]
        self.condition_variables = policy.condition_variables
        self.plans = Plans(hourly=bool(policy.opening_hours))
        self._twins = {
            key: twins for name, twins in policy.priority_twins.items() for key in _keys(name)
        }
        self._hours: dict[str, OpeningHours] = {}
        for name, hours in policy.opening_hours.items():
            placed = hours.model_copy(update={"zone": hours.zone or policy.zone})
            for queue in hours.queues or (name,):
                label, queue_id = split_queue(queue)
                self._hours[queue_id or label.casefold()] = placed

    def twins(self, wanted: str) -> Mapping[Priority, str]:
        """Priority -> twin of a queue, whichever way either place writes it."""
        if not self._twins:
            return {}
        return next((self._twins[key] for key in _keys(wanted) if key in self._twins), {})

    def opening_hours(self, wanted: str, state: QueueState) -> OpeningHours | None:
        """Those of the queue found, by id or name, else of the one the policy `wanted`."""
        if not self._hours:
            return None
        label, queue_id = split_queue(wanted)
        keys = (state.id, state.name.casefold(), queue_id, label.casefold())
        return next((self._hours[key] for key in keys if key in self._hours), None)


def _keys(written: str) -> tuple[str, ...]:
    """By what a queue is found: its id when it is written, and its name."""
    label, queue_id = split_queue(written)
    return (queue_id, label.casefold()) if queue_id else (label.casefold(),)


class _Same:
    """A policy as a key of a cache: equal to itself alone, which costs no comparison."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def __hash__(self) -> int:
        return id(self.policy)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.policy is self.policy


def prepared(policy: Policy) -> Prepared:
    return _prepared(_Same(policy))


@lru_cache(maxsize=32)
def _prepared(same: _Same) -> Prepared:
    return Prepared(same.policy)
