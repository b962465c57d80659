"""One rule as the cells of its grid row, and what an edited cell makes of the policy. Pure.

A cell that still says what it said changes nothing, so that what it cannot show is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from connector import drafts
from connector.errors import PolicyError
from connector.policy import CONDITIONS, FailurePath, Policy, Route, Rule, Step
from connector.publishing import step_in_words, words

LABELS = {"place": "place", "rule": "name", "if_nobody": "failure path", "then": "overflow"}


@dataclass(frozen=True)
class Choices:
    """What the cells of a policy may be set to; `overflows` goes from words to steps."""

    queues: tuple[str, ...]
    skills: tuple[str, ...]
    overflows: Mapping[str, tuple[Step, ...]]

    @classmethod
    def of(cls, policy: Policy, queues: Iterable[str] = ()) -> Choices:
        """Every queue the policy names, then those of `queues`; likewise skills and overflows."""
        named = (step.queue for route in policy.routes for step in route.all_steps)
        known = dict.fromkeys((*(name for name in named if name), policy.default_queue, *queues))
        overflows = {overflow_words(route): route.steps[1:] for route in policy.routes}
        single = [Step(queue=name) for name in known]
        overflows = {step_in_words(one, with_timeout=True): (one,) for one in single} | overflows
        overflows.pop("", None)
        return cls(tuple(known), tuple(policy.skills), overflows)


def cells(policy: Policy, name: str) -> dict[str, Any]:
    """The editable cells of a rule; `wait` in seconds, what is not there is None or empty."""
    rule = drafts.rule_of(policy, name)
    place = drafts.place_of(policy, name)
    return row(rule, len(policy.rules) if place is None else place)


def row(rule: Route, place: int) -> dict[str, Any]:
    """The cells of a rule at a place, from 0; people count from 1."""
    first = rule.steps[0]
    return {
        "place": place + 1,
        "rule": rule.name if isinstance(rule, Rule) else drafts.DEFAULT,
        "intents": list(rule.intents) if isinstance(rule, Rule) else [],
        "queue": first.queue,
        "wait": first.timeout_s,
        "then": overflow_words(rule) or None,
        "priority": rule.priority,
        "if_nobody": rule.failure_path.kind,
        "skill": first.skill,
    }


def other_conditions(rule: Route) -> str:
    """What a rule asks for besides intents: `channels web, hours mon-fri 08:00-20:00`."""
    told = [
        f"{name} {words(value)}"
        for name in CONDITIONS
        if name != "intents" and (value := getattr(rule, name, None))
    ]
    return "; ".join(told)


def overflow_words(rule: Route) -> str:
    """The steps after the first: `General 60 s, then Payments 45 s`."""
    return ", then ".join(step_in_words(step, with_timeout=True) for step in rule.steps[1:])


def with_cell(
    policy: Policy, name: str, column: str, value: Any, choices: Choices
) -> tuple[Policy, str]:
    """The policy with one cell set, and the name of the rule by then. Raises PolicyError."""
    if _same(value, cells(policy, name)[column]):
        return policy, name
    rule = drafts.rule_of(policy, name)
    match column:
        case "place":
            return drafts.moved(policy, name, _number(value, "place") - 1), name
        case "rule":
            return _renamed(policy, name, _text(value)), _text(value)
        case "intents":
            changes: dict[str, Any] = {"intents": _intents(name, value)}
        case "if_nobody":
            changes = {"failure_path": _failure_path(rule.failure_path, _text(value))}
        case "priority":
            changes = {"priority": _text(value)}
        case _:
            changes = {"steps": _steps(rule, column, value, choices)}
    return drafts.with_rule(policy, name, changes), name


def _steps(rule: Route, column: str, value: Any, choices: Choices) -> list[Any]:
    first, *overflow = rule.steps
    if column == "then":
        return [first, *_overflow(_text(value), choices)]
    step = first.model_dump()
    if column == "wait":
        step["timeout_s"] = value if not _is_nothing(value) else None
        if step["timeout_s"] is None:
            raise PolicyError("The wait is empty.", field="timeout_s", fix="Write seconds.")
    else:
        step |= _target(column, _text(value), first)
    return [step, *overflow]


def _target(column: str, wanted: str, first: Step) -> dict[str, str | None]:
    """A step leads to a queue or to a skill: choosing one leaves the other."""
    other = "skill" if column == "queue" else "queue"
    if not wanted and getattr(first, other) is None:
        raise PolicyError(
            "A rule leads to a queue or to a skill.", field=column, fix="Choose one of them."
        )
    return {column: wanted or None} | ({other: None} if wanted else {})


def _overflow(wanted: str, choices: Choices) -> tuple[Step, ...]:
    if not wanted:
        return ()
    if wanted not in choices.overflows:
        raise PolicyError(
            f"`{wanted}` is no overflow that is known here.", fix="Open the rule to edit its steps."
        )
    return choices.overflows[wanted]


def _renamed(policy: Policy, name: str, wanted: str) -> Policy:
    if name == drafts.DEFAULT:
        raise PolicyError("The default rule keeps its name.")
    return drafts.with_rule(policy, name, {"name": wanted})


def _intents(name: str, value: Any) -> tuple[str, ...]:
    given = () if _is_nothing(value) else value
    if name == drafts.DEFAULT and len(given):
        raise PolicyError("The default rule takes whatever no rule takes: it has no intents.")
    return tuple(dict.fromkeys(text for one in given if (text := str(one).strip())))


def _failure_path(old: FailurePath, kind: str) -> dict[str, Any]:
    kept = {"text": old.text} | ({"target": old.target} if kind == "external" else {})
    return {"kind": kind} | kept


def _number(value: Any, field: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise PolicyError(
            f"`{value}` is no number.", field=field, fix="Write a whole number."
        ) from None


def _text(value: Any) -> str:
    return "" if _is_nothing(value) else str(value).strip()


def _is_nothing(value: Any) -> bool:
    return value is None or (not isinstance(value, list | tuple) and bool(pd.isna(value)))


def _same(one: Any, other: Any) -> bool:
    if isinstance(other, list):
        return not _is_nothing(one) and list(one) == other
    return (_is_nothing(one) and other is None) or one == other
