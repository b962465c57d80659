"""Policies of an older form, put into today's before they are checked.

A rule had one queue and no steps, each condition one value, a failure path was a word alone, and
`no_agents` was called `nobody_logged_in`.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Place = tuple[int | str, ...]
Content = dict[str, Any]

PLURALS = {
    "intent": "intents",
    "category": "categories",
    "channel": "channels",
    "language": "languages",
}
_STEP_FIELDS = ("queue", "skill", "timeout_s", "skip_if")


@dataclass(frozen=True)
class Change:
    """One change of form, at its place in the older file."""

    place: Place
    words: str


def renewed(content: Content) -> tuple[Content, list[Change]]:
    """The content in today's form, and what was changed; what it does not know stays."""
    content = deepcopy(content)
    changes: list[Change] = []
    for place, route in _routes(content):
        changes += _one_queue(place, route)
        changes += _one_value(place, route)
        changes += _bare_failure_path(place, route)
        for at, step in _steps(place, route):
            changes += _old_word(at, step)
    return content, changes


def _routes(content: Content) -> Iterator[tuple[Place, Content]]:
    rules = content.get("rules")
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(rule, dict):
            yield ("rules", index), rule
    if isinstance(content.get("default"), dict):
        yield ("default",), content["default"]


def _one_queue(place: Place, route: Content) -> Iterator[Change]:
    if "steps" in route or not ("queue" in route or "skill" in route):
        return
    step = {name: route.pop(name) for name in _STEP_FIELDS if name in route}
    route["steps"] = [step]
    field = "queue" if "queue" in step else "skill"
    yield Change((*place, field), f"`{field}` of a rule is now its one step.")


def _one_value(place: Place, route: Content) -> Iterator[Change]:
    for old, new in PLURALS.items():
        if old in route and new not in route:
            value = route.pop(old)
            route[new] = value if isinstance(value, list) else [value]
            yield Change((*place, old), f"`{old}` is now the list `{new}`.")


def _bare_failure_path(place: Place, route: Content) -> Iterator[Change]:
    kind = route.get("failure_path")
    if isinstance(kind, str):
        route["failure_path"] = {"kind": kind}
        yield Change(
            (*place, "failure_path"), f"`failure_path: {kind}` is now its `kind`, beside a `text`."
        )


def _steps(place: Place, route: Content) -> Iterator[tuple[Place, Content]]:
    canary = route.get("canary")
    for at, holder in ((place, route), ((*place, "canary"), canary)):
        steps = holder.get("steps") if isinstance(holder, dict) else None
        for index, step in enumerate(steps if isinstance(steps, list) else ()):
            if isinstance(step, dict):
                yield (*at, "steps", index), step


def _old_word(place: Place, step: Content) -> Iterator[Change]:
    words = step.get("skip_if")
    if isinstance(words, list) and "nobody_logged_in" in words:
        step["skip_if"] = ["no_agents" if word == "nobody_logged_in" else word for word in words]
        yield Change((*place, "skip_if"), "`nobody_logged_in` is now `no_agents`.")
