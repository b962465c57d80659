"""A tenant's queues as routing sees them. A queue is its 8x8 id; the name is a label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.settings import Settings

_NAMED_ID = re.compile(r"^(?P<name>.*\S)\s*\((?P<id>[^()]+)\)\s*$")


@dataclass(frozen=True)
class QueueState:
    """One chat queue at one moment; counts of agents and customers, waits in seconds.

    `enabled` counts the members allowed to take from the queue whether logged in or not;
    `is_open` is null when no schedule is known for the queue.
    """

    id: str
    name: str
    available: int = 0
    busy: int = 0
    on_break: int = 0
    post_process: int = 0
    work_offline: int = 0
    enabled: int = 0
    waiting: int = 0
    longest_wait_s: float = 0.0
    expected_wait_s: float | None = None
    day_queued: int = 0
    day_accepted: int = 0
    day_abandoned: int = 0
    is_open: bool | None = None

    @property
    def logged_in(self) -> int:
        return self.available + self.busy + self.on_break + self.post_process + self.work_offline


@lru_cache(maxsize=4096)
def split_queue(text: str) -> tuple[str, str | None]:
    """`Cards (103)` is name and id; `Cards` is a name alone."""
    found = _NAMED_ID.match(text.strip())
    return (found["name"], found["id"]) if found else (text.strip(), None)


@dataclass(frozen=True)
class QueueBook:
    """The queues of one tenant, and how the policy's names find them.

    `known` is false when 8x8 could not be asked: `states` are then of before and hold no more than
    names, ids are taken on trust, nothing is skipped.
    `mapping` goes from a policy's queue name to a queue id of this tenant.
    """

    states: Mapping[str, QueueState] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)
    default_queue: str | None = None
    known: bool = True

    @classmethod
    def of(
        cls,
        states: Iterable[QueueState],
        *,
        mapping: Mapping[str, str] | None = None,
        default_queue: str | None = None,
        known: bool = True,
    ) -> QueueBook:
        return cls({state.id: state for state in states}, mapping or {}, default_queue, known)

    @classmethod
    def of_tenant(
        cls, states: Iterable[QueueState], settings: Settings, *, known: bool = True
    ) -> QueueBook:
        """With the mapping and the default queue that an admin chose for this tenant."""
        return cls.of(
            states,
            mapping=settings.queue_map,
            default_queue=settings.default_queue,
            known=known,
        )

    def __iter__(self) -> Iterator[QueueState]:
        return iter(self.states.values())

    def state(self, queue_id: str) -> QueueState | None:
        """The queue right now; None when there is none, or nobody knows."""
        return self.states.get(queue_id) if self.known else None

    def resolve(self, text: str) -> QueueState | None:
        """The queue a policy means by `text`; None when this tenant has no such queue."""
        # A book serves many handoffs, and a policy has few names.
        if text not in self._resolved:
            self._resolved[text] = self._resolve(text)
        return self._resolved[text]

    def _resolve(self, text: str) -> QueueState | None:
        name, given_id = split_queue(text)
        if queue_id := self.mapping.get(text) or self.mapping.get(name):
            return self._by_id(queue_id, name)
        if given_id is not None:
            return self._by_id(given_id, name)
        named = self._named.get(name.casefold(), ())
        if len(named) == 1:
            return named[0]
        return self._by_id(name, name) if name in self.states else None

    @cached_property
    def _resolved(self) -> dict[str, QueueState | None]:
        return {}

    @cached_property
    def _named(self) -> dict[str, list[QueueState]]:
        found: dict[str, list[QueueState]] = {}
        for state in self:
            found.setdefault(state.name.casefold(), []).append(state)
        return found

    def _by_id(self, queue_id: str, name: str) -> QueueState | None:
        if not self.known:
            return self.states.get(queue_id, QueueState(queue_id, name))
        return self.states.get(queue_id)
