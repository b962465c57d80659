"""Queues that the tenant does not have, or calls otherwise, or that nobody serves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from connector.lint.editing import Change, fix, put, rename, take
from connector.lint.editing import written as leading_to
from connector.lint.finding import Fix, LintFinding, Place, Severity
from connector.lint.spots import Spot, label, name_of, spots
from connector.policy import Policy
from connector.queues import QueueBook, QueueState, split_queue
from connector.routing import default_queue

ALIKE = 0.6


@dataclass(frozen=True)
class Named:
    """A queue as the policy writes it at `place`; handoffs go there unless `severity` is warning.

    `is_key`: the place is the name of an entry, not a value.
    """

    place: Place
    written: str
    severity: Severity = "error"
    rule: str | None = None
    is_key: bool = False

    @property
    def is_skill(self) -> bool:
        return self.place[0] == "skills"

    def to(self, queue: str) -> Change:
        return rename(self.place, queue) if self.is_key else put(self.place, queue)


def misnamed(policy: Policy, book: QueueBook) -> Iterator[LintFinding]:
    """Names and ids that lead to no queue of the tenant, and names that have changed."""
    for named in queue_names(policy):
        state = _resolved(policy, named.written, book)
        if state is None:
            yield _unknown(named, book, policy)
        elif _is_renamed(named.written, state, book):
            text = (
                f"The tenant calls queue {state.id} `{state.name}` now, not "
                f"`{split_queue(named.written)[0]}`. Write the new name."
            )
            mending = fix(f"Write `{label(state)}`", named.to(label(state)))
            yield LintFinding("warning", "renamed_queue", named.place, named.rule, text, mending)


def unstaffed(policy: Policy, book: QueueBook) -> Iterator[LintFinding]:
    """Steps whose queue has no agent assigned, so that nobody can ever take the customer."""
    if not any(_has_agents(state) for state in book):
        return  # this tenant does not tell
    for spot in spots(policy):
        state = spot.state(policy, book)
        if state is not None and not _has_agents(state):
            text = (
                f"`{label(state)}` has no agent assigned. Give it members in 8x8, or send these "
                "customers elsewhere."
            )
            mending = _elsewhere(spot, policy, book)
            yield LintFinding("warning", "no_agents", spot.place, spot.rule, text, mending)


def queue_names(policy: Policy) -> Iterator[Named]:
    """Every queue the policy names, with its place."""
    yield Named(("default_queue",), policy.default_queue)
    for place, route in policy.placed_routes:
        for index, queue in enumerate(route.allowed_queues or ()):
            at = (*place, "allowed_queues", index)
            yield Named(at, queue, "warning", name_of(route))
    for spot in spots(policy):
        if spot.step.queue is not None:
            yield Named((*spot.place, "queue"), spot.step.queue, rule=spot.rule)
    for name, skill in policy.skills.items():
        if skill.queue is not None:
            yield Named(("skills", name, "queue"), skill.queue)
    for name, twins in policy.priority_twins.items():
        yield Named(("priority_twins", name), name, "warning", is_key=True)
        for priority, twin in twins.items():
            yield Named(("priority_twins", name, priority), twin)
    for name, hours in policy.opening_hours.items():
        if not hours.queues:
            yield Named(("opening_hours", name), name, "warning", is_key=True)
        for index, queue in enumerate(hours.queues):
            yield Named(("opening_hours", name, "queues", index), queue, "warning")
    for field in ("schedules", "service_level_s"):
        for name in getattr(policy, field):
            yield Named((field, name), name, "warning", is_key=True)


def _resolved(policy: Policy, written: str, book: QueueBook) -> QueueState | None:
    is_default = written == policy.default_queue
    return default_queue(policy, book) if is_default else book.resolve(written)


def _unknown(named: Named, book: QueueBook, policy: Policy) -> LintFinding:
    name, queue_id = split_queue(named.written)
    if named.is_skill:
        check = "skill_without_target"
    else:
        check = "deleted_queue" if queue_id is not None else "unknown_queue"
    return LintFinding(
        named.severity,
        check,
        named.place,
        named.rule,
        f"{_what_is_wrong(name, queue_id, book)} {_way_out(name, book)}",
        _mending(named, name, book, policy),
    )


def _what_is_wrong(name: str, queue_id: str | None, book: QueueBook) -> str:
    if queue_id is not None:
        return f"The tenant has no chat queue {queue_id} (`{name}`) any more."
    if len(_called(name, book)) > 1:
        return f"The tenant has several chat queues called `{name}`."
    return f"`{name}` is no chat queue of this tenant."


def _way_out(name: str, book: QueueBook) -> str:
    if len(_called(name, book)) > 1:
        return "Write the id beside the name."
    near = _nearest(name, book)
    if near is not None:
        return f"Did you mean `{label(near)}`?"
    names = ", ".join(sorted(state.name for state in book))
    return f"Choose one of {names}, or map the name on the Connection page."


def _mending(named: Named, name: str, book: QueueBook, policy: Policy) -> Fix | None:
    state = _nearest(name, book)
    if state is None and named.severity == "warning":
        return fix("Remove this entry", take(named.place))
    if state is None and named.place != ("default_queue",):
        state = default_queue(policy, book)
    if state is None:
        state = max(book, key=lambda one: one.enabled, default=None)
    return fix(f"Write `{label(state)}`", named.to(label(state))) if state else None


def _nearest(name: str, book: QueueBook) -> QueueState | None:
    """The queue whose name is most like `name`, if any is alike."""
    named = {state.name.casefold(): state for state in reversed(list(book))}
    found = get_close_matches(name.casefold(), named, n=1, cutoff=ALIKE)
    return named[found[0]] if found else None


def _called(name: str, book: QueueBook) -> list[QueueState]:
    return [state for state in book if state.name.casefold() == name.casefold()]


def _is_renamed(written: str, state: QueueState, book: QueueBook) -> bool:
    """Whether the policy writes the queue's id beside another name; a mapping is on purpose."""
    name, queue_id = split_queue(written)
    mapped = written in book.mapping or name in book.mapping
    return queue_id == state.id and name.casefold() != state.name.casefold() and not mapped


def _has_agents(state: QueueState) -> bool:
    return state.enabled > 0 or state.logged_in > 0


def _elsewhere(spot: Spot, policy: Policy, book: QueueBook) -> Fix | None:
    """Leave the step out where there are others, else lead it to the default queue."""
    if len(spot.route.steps) > 1 and "canary" not in spot.way:
        return fix("Leave out this step", take(spot.place))
    default = default_queue(policy, book)
    if default is None or not _has_agents(default):
        return None
    return fix(f"Send it to `{label(default)}`", leading_to(spot.place, label(default)))
