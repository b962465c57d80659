"""Which queue of the tenant each queue name of the policy means, and what falls to the default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analytics import words
from connector.policy import Policy, Step
from connector.queues import QueueBook
from connector.routing import default_queue


@dataclass(frozen=True)
class MappedName:
    """One queue name of the policy, who uses it, and the tenant's queue it finds (or None)."""

    name: str
    used_by: tuple[str, ...]
    queue_id: str | None
    queue: str | None
    twin: bool = False

    @property
    def label(self) -> str:
        return f"{self.queue} ({self.queue_id})" if self.queue_id else ""


def mapped_names(policy: Policy, book: QueueBook) -> list[MappedName]:
    """Every queue name the policy uses but its default, in order of first use."""
    users: dict[str, list[str]] = {}
    for name, user in _uses(policy):
        users.setdefault(name, [])
        if user not in users[name]:
            users[name].append(user)
    twins = {
        twin for by_priority in policy.priority_twins.values() for twin in by_priority.values()
    }
    found = []
    for name, by in users.items():
        state = book.resolve(name)
        found.append(
            MappedName(
                name,
                tuple(by),
                queue_id=state.id if state else None,
                queue=state.name if state else None,
                twin=name in twins,
            )
        )
    return found


def mapping_sentence(names: Iterable[MappedName], policy: Policy, book: QueueBook) -> str:
    """What happens to customers whose queue name finds no queue in this tenant."""
    names = list(names)
    lacking = [found for found in names if found.queue_id is None]
    fallback = default_queue(policy, book)
    if fallback is None:
        return (
            f"Choose a default queue first: the policy's own, **{words.plain(policy.default_queue)}"
            f"**, is not in this tenant, and customers without a queue have nowhere to go."
        )
    if not lacking:
        return f"All {words.these(len(names), 'queue name')} of the policy find a queue here."
    said = []
    if routed := [found.name for found in lacking if not found.twin]:
        said.append(
            f"{_find_none(routed)}: until then those customers go to "
            f"**{words.plain(fallback.name)}**, the default."
        )
    if twins := [found.name for found in lacking if found.twin]:
        said.append(f"{_find_none(twins)}: high priority waits in the normal queue.")
    return " ".join(said)


def doubled(names: Iterable[MappedName], chosen: dict[str, str], book: QueueBook) -> str:
    """Which names of the policy mean one and the same queue; "" when each has its own."""
    by_name = QueueBook.of(book, default_queue=book.default_queue)
    meant: dict[str, list[str]] = {}
    for found in names:
        state = book.state(chosen[found.name]) if found.name in chosen else None
        state = state or by_name.resolve(found.name)
        if state is not None:
            meant.setdefault(state.id, []).append(found.name)
    said = [
        f"{words.listing([words.plain(name) for name in alike], most=6)} mean the same queue, "
        f"**{words.plain(book.states[queue_id].name)}**."
        for queue_id, alike in meant.items()
        if len(alike) > 1
    ]
    return " ".join(said)


def default_choice(policy: Policy, book: QueueBook) -> str | None:
    """The id of the queue that is the default now."""
    state = default_queue(policy, book)
    return state.id if state else None


def _find_none(names: list[str]) -> str:
    verb = "finds" if len(names) == 1 else "find"
    return f"**{words.plain(words.listing(names))}** {verb} no queue here"


def _uses(policy: Policy) -> Iterator[tuple[str, str]]:
    for rule in policy.rules:
        for step in _steps(rule.steps, rule.canary.steps if rule.canary else ()):
            yield from _names(step, policy, rule.name)
    default_canary = policy.default.canary.steps if policy.default.canary else ()
    for step in _steps(policy.default.steps, default_canary):
        yield from _names(step, policy, "default")
    for name, by_priority in policy.priority_twins.items():
        for priority, twin in by_priority.items():
            yield twin, f"{priority} priority of {name}"


def _steps(*groups: tuple[Step, ...]) -> Iterator[Step]:
    for group in groups:
        yield from group


def _names(step: Step, policy: Policy, user: str) -> Iterator[tuple[str, str]]:
    alias = policy.skills.get(step.skill) if step.skill else None
    name = alias.queue if alias else step.queue
    if name is not None and name != policy.default_queue:
        yield name, user
