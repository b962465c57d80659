"""Which rule of one policy is which rule of another, and which of them changed places. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from connector.policy import Route, Rule

CONDITIONS = tuple(name for name in Rule.model_fields if name not in {"name", *Route.model_fields})


def conditions(rule: Rule) -> tuple[Any, ...]:
    """What a handoff must be for the rule to take it."""
    return tuple(getattr(rule, name) for name in CONDITIONS)


def paired(old: Sequence[Rule], new: Sequence[Rule]) -> dict[str, str]:
    """New name by old name, of the rules that are in both.

    A rule that went while one with the same content, or the same conditions, came was renamed.
    """
    known = {rule.name for rule in old}
    pairs = {rule.name: rule.name for rule in new if rule.name in known}
    came = [rule for rule in new if rule.name not in pairs]
    gone = [rule for rule in old if rule.name not in pairs]
    for alike in (_same_content, _same_conditions):
        for rule in gone:
            heir = next((one for one in came if alike(rule, one)), None)
            if rule.name not in pairs and heir is not None:
                pairs[rule.name] = heir.name
                came.remove(heir)
    return pairs


def moved(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The fewest names that have to move to make one order of the other, in the new order."""
    place = {name: number for number, name in enumerate(before)}
    staying = set(_longest_rising([place[name] for name in after]))
    return [name for name in after if place[name] not in staying]


def _same_content(old: Rule, new: Rule) -> bool:
    return old.model_copy(update={"name": new.name}) == new


def _same_conditions(old: Rule, new: Rule) -> bool:
    return conditions(old) == conditions(new)


def _longest_rising(numbers: Sequence[int]) -> list[int]:
    """A longest subsequence that only rises: patience sorting, with a link to each one before."""
    tops: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        at = bisect_left(tops, number)
        before[number] = tops[at - 1] if at else None
        tops[at : at + 1] = [number]
    found: list[int] = []
    last = tops[-1] if tops else None
    while last is not None:
        found.append(last)
        last = before[last]
    return found[::-1]
