"""Drafts that are no policy at all, such as a page may hold while somebody types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from connector.lint.finding import Fix, LintFinding, Place
from connector.policy import ContextField, Policy, Skill, Step


def mistakes(policy: Policy) -> Iterator[LintFinding]:
    """What reading the draft from a file would refuse, in the same words; nothing of a policy."""
    try:
        Policy.model_validate(_content(policy))
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            yield _finding(policy, problem)


def _content(policy: Policy) -> dict[str, Any]:
    # A draft put together without checks may hold values that no field takes: that is told below.
    return policy.model_dump(mode="python", warnings=False)


def _finding(policy: Policy, problem: ErrorDetails) -> LintFinding:
    context = problem.get("ctx", {})
    place: Place = (*problem["loc"], *context.get("at", ()))
    way_out = context.get("fix") or "Correct this value."
    text = f"{problem['msg'].removeprefix('Value error, ')}. {way_out}"
    check, mending = _kind(policy, place)
    return LintFinding("error", check, place, _rule(policy, place), text, mending)


def _kind(policy: Policy, place: Place) -> tuple[str, Fix | None]:
    match place:
        case ("rules", int(index), "variables", str(name)):
            return "personal_condition", _impersonal(policy, index, name)
        case (*_, "steps", int(), "skill"):
            return "skill_without_target", _led(policy, str(_step(policy, place).skill))
        case ("skills", str(name)):
            return "skill_without_target", _led(policy, name)
        case _:
            return "not_a_policy", None


# These fixes leave what else is wrong with the draft as it is, to be told next.


def _impersonal(policy: Policy, index: int, name: str) -> Fix:
    """To list a variable nobody has listed; of one that is known as personal the condition goes."""
    if policy.context_field(name) is None:
        field = ContextField(name=name, personal=False)
        return Fix(
            f"List `{name}`: it tells nothing about a person",
            lambda draft: draft.model_copy(
                update={"context_fields": (*draft.context_fields, field)}
            ),
        )

    def without(draft: Policy) -> Policy:
        rules = list(draft.rules)
        kept = {key: value for key, value in rules[index].variables.items() if key != name}
        rules[index] = rules[index].model_copy(update={"variables": kept})
        return draft.model_copy(update={"rules": tuple(rules)})

    return Fix("Leave this condition out", without)


def _led(policy: Policy, name: str) -> Fix:
    """To list a skill as one that leads to the default queue."""
    skill = Skill(queue=policy.default_queue)
    return Fix(
        f"Lead `{name}` to `{policy.default_queue}`",
        lambda draft: draft.model_copy(update={"skills": dict(draft.skills) | {name: skill}}),
    )


def _step(policy: Policy, place: Place) -> Step:
    found: Any = policy
    for part in place[:-1]:
        found = found[part] if isinstance(part, int) else getattr(found, part)
    return cast(Step, found)


def _rule(policy: Policy, place: Place) -> str | None:
    match place:
        case ("rules", int(index), *_) if index < len(policy.rules):
            return str(policy.rules[index].name)
        case ("default", *_):
            return "default"
        case _:
            return None
