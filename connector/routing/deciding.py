"""Which rule serves a handoff, and which way a canary sends it."""

from __future__ import annotations

import hashlib
from collections.abc import Container
from datetime import datetime

from connector.handoff import Handoff
from connector.policy import Policy, Route, Step
from connector.queues import QueueBook
from connector.routing.decision import Decision
from connector.routing.planning import Planning, overriding
from connector.routing.prepared import Prepared, prepared

# Longer than any value a condition may list, so that what is cut still equals none of them.
MAX_INPUT = 500


def decide(policy: Policy, handoff: Handoff, book: QueueBook, now: datetime) -> Decision:
    """The decision for `handoff`, with availability as `book` shows it at `now` (UTC).

    The same handoff_id under the same policy version draws the same canary arm.
    """
    ready, given = prepared(policy), handoff.overrides
    matched = ready.routes[ready.rules.first(handoff, now)]
    route = matched.route
    overrides = overriding(policy, handoff) if given else ()
    trace = [matched.match_line(handoff)]
    arm, propensity, steps = _draw(policy, route, handoff, trace)
    planning = Planning(policy, ready, handoff, route.priority, book, now)
    plan = planning.plan(steps) if given else ready.plans.of(planning, steps)
    first, failing = plan.steps[0], route.failure_path
    return Decision(
        policy_version=policy.version,
        rule=matched.name,
        decided_by="override" if overrides else "rule",
        steps=plan.steps,
        priority=handoff.priority or route.priority,
        skill=first.skill,
        language=first.language or handoff.language,
        failure_path=failing.kind,
        failure_text=failing.text,
        failure_target=failing.target,
        required=matched.required,
        canary_arm=arm,
        propensity=propensity,
        inputs=_inputs(ready, handoff),
        trace=(*trace, *plan.trace),
    )


def first_rule(
    policy: Policy, handoff: Handoff, now: datetime, *, unknown: Container[str] = ()
) -> int:
    """The number of the rule that serves a handoff at `now` (UTC), from 1; 0 is the default.

    Variables in `unknown` are taken to have whatever value a rule asks for: when that leads to
    another rule than their absence does, their values matter.
    """
    return prepared(policy).rules.first(handoff, now, unknown)


def conditions_read(policy: Policy, handoff: Handoff) -> tuple[str, ...]:
    """Which of `confidence hours variables` can change the rule of a handoff.

    Its intent, category, channel and language are given; whatever else it carries is not looked at.
    """
    return prepared(policy).rules.reads(handoff)


def canary_draw(handoff_id: str, policy_version: int) -> float:
    """A number in [0, 1) that follows from handoff and version, so a draw can be repeated."""
    digest = hashlib.sha256(f"{policy_version}:{handoff_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _draw(
    policy: Policy, route: Route, handoff: Handoff, trace: list[str]
) -> tuple[str | None, float, tuple[Step, ...]]:
    canary = route.canary
    if canary is None:
        return None, 1.0, route.steps
    if canary_draw(handoff.handoff_id, policy.version) < canary.share:
        trace.append(f"canary: one of the {canary.share:.0%} sent the other way")
        return "canary", canary.share, canary.steps
    return "main", 1.0 - canary.share, route.steps


def _inputs(ready: Prepared, handoff: Handoff) -> dict[str, str]:
    given = handoff.variables
    return {name: given[name][:MAX_INPUT] for name in ready.condition_variables if name in given}
