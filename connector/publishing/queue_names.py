"""Queue names of a policy as one tenant knows them: `Cards` becomes `Cards (103)`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from connector.handoff import Priority
from connector.policy import Policy
from connector.queues import QueueBook

# Where a policy names queues; everything else that looks like a name is none.
_FIELDS = frozenset({"queue", "queues", "default_queue", "allowed_queues"})
_BY_QUEUE = frozenset({"priority_twins", "service_level_s", "opening_hours"})


def resolved(policy: Policy, book: QueueBook | None) -> Policy:
    """The policy with every queue the book knows as `Name (id)`; others stay as written."""
    if book is None or not book.known:
        return policy
    content = policy.model_dump(mode="json", exclude_defaults=True)
    return Policy.model_validate({name: _part(name, part, book) for name, part in content.items()})


def _part(field: str, value: Any, book: QueueBook) -> Any:
    if field in _BY_QUEUE:
        return {_key(name, part, book): _of_queue(part, book) for name, part in value.items()}
    if isinstance(value, str):
        return _name(value, book) if field in _FIELDS else value
    if isinstance(value, Mapping):
        return {name: _part(name, part, book) for name, part in value.items()}
    if isinstance(value, list):
        return [_part(field, part, book) for part in value]
    return value


def _key(written: str, value: Any, book: QueueBook) -> str:
    """A queue's name; what lists its queues is a group, whose name is its own."""
    is_group = isinstance(value, Mapping) and value.get("queues")
    return written if is_group else _name(written, book)


def _of_queue(value: Any, book: QueueBook) -> Any:
    """Twins by priority, hours, or seconds: of these only twins and `queues` name queues."""
    if not isinstance(value, Mapping):
        return value
    twins = set(value) <= set(get_args(Priority))
    return {
        name: _name(part, book) if twins else _part(name, part, book)
        for name, part in value.items()
    }


def _name(written: str, book: QueueBook) -> str:
    state = book.resolve(written)
    return f"{state.name} ({state.id})" if state else written
