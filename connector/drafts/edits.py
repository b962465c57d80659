"""Edits of a policy, each checked as a file would be. Pure: a policy in, a policy out.

Every edit raises PolicyError with the field and what to do; the policy it was given stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from connector.errors import PolicyError
from connector.policy import Policy, Route, Rule, policy_error

DEFAULT = "default"
"""Stands for the default rule wherever a rule is named."""


def rule_of(policy: Policy, name: str) -> Rule | Route:
    """The rule of that name, or the default rule."""
    if name == DEFAULT:
        return policy.default
    found = next((rule for rule in policy.rules if rule.name == name), None)
    if found is None:
        raise PolicyError(
            f"There is no rule `{name}` any more.", fix="It was renamed or removed meanwhile."
        )
    return found


def with_fields(policy: Policy, **fields: Any) -> Policy:
    """The policy with some of its own fields replaced, such as `rules` or `skills`."""
    try:
        return Policy.model_validate(dict(policy) | fields)
    except ValidationError as error:
        raise policy_error(error) from None


def with_rule(policy: Policy, name: str, changes: Mapping[str, Any]) -> Policy:
    """The policy with some fields of one rule replaced; a new `name` renames it."""
    old = rule_of(policy, name)
    try:
        new = type(old).model_validate(dict(old) | dict(changes))
    except ValidationError as error:
        raise policy_error(error) from None
    if name == DEFAULT:
        return with_fields(policy, default=new)
    rules = (new if rule is old else rule for rule in policy.rules)
    return with_fields(policy, rules=tuple(rules))


def add_rule(policy: Policy, content: Mapping[str, Any], *, at: int | None = None) -> Policy:
    """The policy with one more rule, before place `at` (from 0), else last."""
    try:
        rule = Rule.model_validate(dict(content))
    except ValidationError as error:
        raise policy_error(error) from None
    rules = list(policy.rules)
    rules.insert(len(rules) if at is None else at, rule)
    return _with_rules(policy, rules)


def duplicated(policy: Policy, name: str) -> tuple[Policy, str]:
    """The policy with a copy right after a rule, and the name of the copy.

    A rule takes what an equal one after it would, so the copy waits for other conditions.
    """
    place = _place(policy, name)
    copy = new_name(policy, f"copy of {name}")
    rules = list(policy.rules)
    rules.insert(place + 1, rules[place].model_copy(update={"name": copy}))
    return _with_rules(policy, rules), copy


def removed(policy: Policy, names: Iterable[str]) -> Policy:
    """The policy without these rules; the default rule cannot go."""
    gone = set(names)
    for name in gone:
        _place(policy, name)
    return _with_rules(policy, (rule for rule in policy.rules if rule.name not in gone))


def moved(policy: Policy, name: str, to: int) -> Policy:
    """The policy with a rule at place `to` (from 0; beyond an end means that end)."""
    rules = list(policy.rules)
    rule = rules.pop(_place(policy, name))
    rules.insert(min(max(to, 0), len(rules)), rule)
    return _with_rules(policy, rules)


def new_name(policy: Policy, wish: str) -> str:
    """`wish`, with a number where a rule has that name already."""
    taken = {DEFAULT, *(rule.name for rule in policy.rules)}
    wish = wish[:190]
    numbered = (f"{wish} {number}" for number in range(2, len(taken) + 3))
    return next(name for name in (wish, *numbered) if name not in taken)


def place_of(policy: Policy, name: str) -> int | None:
    """The place of a rule, from 0; None for the default rule and for no rule."""
    return next((n for n, rule in enumerate(policy.rules) if rule.name == name), None)


def _place(policy: Policy, name: str) -> int:
    if name == DEFAULT:
        raise PolicyError("The default rule stays, and stays last: it takes what no rule takes.")
    rule_of(policy, name)
    return place_of(policy, name) or 0


def _with_rules(policy: Policy, rules: Iterable[Rule]) -> Policy:
    return with_fields(policy, rules=tuple(rules))
