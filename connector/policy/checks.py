"""What the parts of a policy must agree on. Each check raises at the place of the mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connector.policy.fields import ContextField, Skill
from connector.policy.opening import OpeningHours
from connector.policy.part import mistake
from connector.policy.rules import Route, Rule
from connector.policy.steps import Step

Place = tuple[int | str, ...]


def names_differ(rules: Iterable[Rule]) -> None:
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        if rule.name in seen:
            raise mistake(
                f"two rules have the name {rule.name}",
                at=("rules", index, "name"),
                fix="Give each rule a name of its own.",
            )
        seen.add(rule.name)


def skills_are_listed(place: Place, route: Route, skills: Mapping[str, Skill]) -> None:
    for at, step in _placed_steps(place, route):
        if step.skill is not None and step.skill not in skills:
            raise mistake(
                f"skill `{step.skill}` is used but not listed under `skills`",
                at=(*at, "skill"),
                fix="List it there with a queue, a language or both.",
            )


def conditions_are_impersonal(rules: Iterable[Rule], fields: Iterable[ContextField]) -> None:
    """The log keeps what conditions read, and it keeps nothing personal."""
    personal = {field.name: field.personal for field in fields}
    for index, rule in enumerate(rules):
        for name in rule.variables:
            if personal.get(name, True):
                listed = "is personal" if name in personal else "is not listed in `context_fields`"
                raise mistake(
                    f"a condition cannot read the variable `{name}`: it {listed}",
                    at=("rules", index, "variables", name),
                    fix="If it tells nothing about a person, list it with `personal: false`.",
                )


def queues_open_once(opening_hours: Mapping[str, OpeningHours]) -> None:
    taken: dict[str, str] = {}
    for name, hours in opening_hours.items():
        for queue in hours.queues or (name,):
            if (other := taken.setdefault(queue.casefold(), name)) != name:
                raise mistake(
                    f"queue `{queue}` has opening hours under `{other}` and under `{name}`",
                    at=("opening_hours", name),
                    fix="Leave it in one of them.",
                )


def _placed_steps(place: Place, route: Route) -> Iterable[tuple[Place, Step]]:
    for index, step in enumerate(route.steps):
        yield (*place, "steps", index), step
    for index, step in enumerate(route.canary.steps if route.canary else ()):
        yield (*place, "canary", "steps", index), step
