"""The policy the demonstration ran under: the published one, with a canary on every rule.

Without a share of random traffic nobody can tell later what another route would have done.
"""

from __future__ import annotations

from typing import TypeVar

from connector.policy import Canary, Policy, Route, Step

RouteOrRule = TypeVar("RouteOrRule", bound=Route)
SHARE = 0.05
LONGER = 1.5
# Another way worth knowing about, by the name of the rule in the shipped policy.
OTHER_WAYS: dict[str, tuple[Step, ...]] = {
    "spanish support": (Step(skill="spanish_support", timeout_s=180),),
    "lost card": (
        Step(queue="Cards", timeout_s=60),
        Step(queue="Escalations", timeout_s=60),
        Step(queue="Payments", timeout_s=60),
    ),
    "replace card": (Step(queue="General", timeout_s=60), Step(queue="Cards", timeout_s=90)),
    "disputed charge": (
        Step(queue="Payments", timeout_s=60),
        Step(queue="Disputes", timeout_s=120),
    ),
    "transfer money": (Step(queue="Payments", timeout_s=90), Step(queue="General", timeout_s=60)),
    "change of address": (
        Step(queue="Accounts", timeout_s=90),
        Step(queue="General", timeout_s=60),
    ),
    "balance": (Step(queue="General", timeout_s=60), Step(queue="Accounts", timeout_s=60)),
    "accounts": (Step(queue="Accounts", timeout_s=120),),
    "general questions": (
        Step(queue="General", timeout_s=90),
        Step(queue="Accounts", timeout_s=45),
    ),
    "default": (Step(queue="General", timeout_s=60), Step(queue="Escalations", timeout_s=60)),
}


def with_canaries(policy: Policy, share: float = SHARE) -> Policy:
    """`policy` with `share` (0-1) of every rule's traffic on another way.

    A rule that has a canary keeps it. A rule nobody wrote another way for waits longer.
    """
    rules = tuple(_with_canary(rule, rule.name, share) for rule in policy.rules)
    default = _with_canary(policy.default, "default", share)
    return policy.model_copy(update={"rules": rules, "default": default})


def _with_canary(route: RouteOrRule, name: str, share: float) -> RouteOrRule:
    if route.canary is not None:
        return route
    steps = OTHER_WAYS.get(name) or tuple(
        step.model_copy(update={"timeout_s": step.timeout_s * LONGER}) for step in route.steps
    )
    return route.model_copy(update={"canary": Canary(share=share, steps=steps)})
