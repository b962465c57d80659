"""What agents are to be told: fields nobody sends, and more of them than 8x8 takes."""

from __future__ import annotations

from collections.abc import Iterator

from connector.context import MAX_CUSTOM_FIELDS, STANDARD
from connector.lint.editing import Change, fix, put, take
from connector.lint.facts import LogFacts
from connector.lint.finding import LintFinding, Place
from connector.lint.spots import name_of
from connector.policy import Policy


def never_sent(policy: Policy, log: LogFacts) -> Iterator[LintFinding]:
    """Required fields that no bot has sent in the period of the log."""
    days = max((log.until - log.since).days, 1)
    for place, rule, name in _required(policy):
        if name not in log.sent:
            text = (
                f"`{name}` is required, but no bot has sent it in {days} days and "
                f"{log.attempts:,} handoffs: no handoff will count as complete. Have the bot send "
                "it, correct the name, or no longer require it."
            )
            mending = fix(f"No longer require `{name}`", take(place))
            yield LintFinding("warning", "field_never_sent", place, rule, text, mending)


def too_many_fields(policy: Policy) -> Iterator[LintFinding]:
    """More custom fields than 8x8 takes with one handoff: the last ones would be cut."""
    passed = [
        index
        for index, field in enumerate(policy.context_fields)
        if field.passed != "never" and field.name not in STANDARD
    ]
    if len(passed) <= MAX_CUSTOM_FIELDS:
        return
    required = {name for _, _, name in _required(policy)}
    names = {index: policy.context_fields[index].name for index in passed}
    by_need = sorted(passed, key=lambda index: names[index] not in required)
    beyond = sorted(by_need[MAX_CUSTOM_FIELDS:])
    told = ", ".join(f"`{names[index]}`" for index in beyond)
    text = (
        f"{len(passed)} custom fields are passed on, and 8x8 takes {MAX_CUSTOM_FIELDS}: of a "
        f"handoff that carries them all, {told} would be cut. Pass on fewer."
    )
    place: Place = ("context_fields", beyond[0])
    mending = fix(f"Do not pass on {told}", _not_passed(beyond))
    yield LintFinding("warning", "too_many_fields", place, None, text, mending)


def _required(policy: Policy) -> Iterator[tuple[Place, str | None, str]]:
    """Each name that is required, with its place and rule."""
    for index, name in enumerate(policy.required):
        yield ("required", index), None, name
    for place, route in policy.placed_routes:
        for index, name in enumerate(route.required):
            yield (*place, "required", index), name_of(route), name


def _not_passed(fields: list[int]) -> Change:
    changes = [put(("context_fields", index, "passed"), "never") for index in fields]

    def change(content: dict[str, object]) -> None:
        for one in changes:
            one(content)

    return change
