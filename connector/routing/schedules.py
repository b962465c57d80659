"""Which of 8x8's schedules says whether a queue is open."""

from __future__ import annotations

from connector.policy import Policy
from connector.queues import QueueBook


def schedules_of(policy: Policy, book: QueueBook) -> dict[str, str]:
    """Queue id -> the 8x8 schedule the policy names for it; its names are the policy's."""
    found = {state.id: policy.schedule for state in book if policy.schedule}
    named = {name: book.resolve(name) for name in policy.schedules}
    return found | {
        state.id: policy.schedules[name] for name, state in named.items() if state is not None
    }
