"""Two policies made of one, put together: each keeps what it alone changed. Pure.

Where both changed the same field of a rule, or the same entry of a list, the second (`ours`) stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from connector.drafts.edits import with_fields
from connector.policy import ContextField, Policy, Route, Rule

Part = TypeVar("Part", bound=Route)
_MISSING = object()


def merged_policy(base: Policy, theirs: Policy, ours: Policy) -> Policy:
    """`theirs` with all that `ours` changed of `base`. Raises PolicyError when it cannot be."""
    fields = {
        name: _field(getattr(base, name), getattr(theirs, name), getattr(ours, name))
        for name in type(base).model_fields
        if name not in ("version", "rules", "default")
    }
    fields["default"] = merged_rule(base.default, theirs.default, ours.default)
    return with_fields(
        theirs, rules=_rules(base.rules, theirs.rules, ours.rules), version=0, **fields
    )


def merged_rule(base: Part, theirs: Part, ours: Part) -> Part:
    """`theirs` with the fields that `ours` changed of `base`."""
    return theirs.model_copy(update=changed_fields(base, ours))


def changed_fields(base: Route, ours: Route) -> dict[str, Any]:
    """The fields of a rule that were changed, with their new values."""
    return {
        name: getattr(ours, name)
        for name in type(ours).model_fields
        if getattr(ours, name) != getattr(base, name, _MISSING)
    }


def _rules(base: Sequence[Rule], theirs: Sequence[Rule], ours: Sequence[Rule]) -> tuple[Rule, ...]:
    was, there, here = (_by_name(rules) for rules in (base, theirs, ours))
    kept: dict[str, Rule] = {}
    for name in dict.fromkeys((*there, *here)):
        rule = _rule(was.get(name), there.get(name), here.get(name))
        if rule is not None:
            kept[name] = rule
    order = _order(list(was), list(there), list(here))
    return tuple(kept[name] for name in order if name in kept)


def _rule(base: Rule | None, theirs: Rule | None, ours: Rule | None) -> Rule | None:
    """A rule that one removed and the other changed stays; one that nobody changed goes."""
    if base is None or (theirs is not None and ours is not None):
        if base is not None and theirs is not None and ours is not None:
            return merged_rule(base, theirs, ours)
        return ours or theirs
    left = ours or theirs
    return None if left == base else left


def _order(base: list[str], theirs: list[str], ours: list[str]) -> list[str]:
    """The order of whoever changed it, ours first; a rule the other added follows its neighbour."""
    common = [name for name in base if name in ours]
    first, second = (ours, theirs) if [n for n in ours if n in base] != common else (theirs, ours)
    order = list(first)
    for place, name in enumerate(second):
        if name not in order:
            before = next((n for n in reversed(second[:place]) if n in order), None)
            order.insert(order.index(before) + 1 if before is not None else 0, name)
    return order


def _field(base: Any, theirs: Any, ours: Any) -> Any:
    if ours == base:
        return theirs
    if theirs == base:
        return ours
    if all(isinstance(value, Mapping) for value in (base, theirs, ours)):
        return _entries(base, theirs, ours)
    if all(_are_fields(value) for value in (base, theirs, ours)):
        merged = _entries(*({one.name: one for one in value} for value in (base, theirs, ours)))
        return tuple(merged.values())
    return ours


def _entries(base: Mapping[str, Any], theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Any:
    merged = {}
    for name in dict.fromkeys((*theirs, *ours)):
        was, there, here = (side.get(name, _MISSING) for side in (base, theirs, ours))
        value = there if here == was else here
        if value is not _MISSING:
            merged[name] = value
    return merged


def _are_fields(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, ContextField) for one in value)


def _by_name(rules: Sequence[Rule]) -> dict[str, Rule]:
    return {rule.name: rule for rule in rules}
