"""Steps that wait too long, beyond the limit, or on a queue that was tried already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from connector.lint.editing import fix, put, take
from connector.lint.facts import ENOUGH, LogFacts, Patience, TenantFacts
from connector.lint.finding import Fix, LintFinding
from connector.lint.spots import Spot, label, ways
from connector.lint.traffic import Share
from connector.policy import Policy, Rule
from connector.queues import split_queue
from connector.routing.prepared import prepared

LEAST_WAIT_S, ROUND_S = 10, 5


def tried_before(policy: Policy, tenant: TenantFacts | None) -> Iterator[LintFinding]:
    """Overflow to a queue that a step before it tries: routing would leave it out.

    Queues are those of the tenant, twins included; without it, as they are written.
    """
    for way in ways(policy):
        tried: dict[str, int] = {}
        for spot in way:
            queue = _identity(spot, policy, tenant)
            if queue is None:
                continue
            first = tried.setdefault(queue, spot.index)
            if first != spot.index:
                yield _again(spot, first, policy, tenant)


def over_limit(policy: Policy) -> Iterator[LintFinding]:
    """Steps of which the limit on the whole wait leaves a part, or nothing.

    Routing counts only the steps that are worth trying, so this is when none is skipped.
    """
    limit = policy.limits.total_wait_s
    for way in ways(policy) if limit is not None else ():
        total = sum(spot.step.timeout_s for spot in way)
        spot = next((spot for spot in way if limit and _until(way, spot) > limit), None)
        if limit is None or spot is None:
            continue
        text = (
            f"The steps add up to {total:g} s, over the limit of {limit:g} s in all: from this "
            "step on they are cut. Shorten the timeouts, or raise the limit."
        )
        left = limit - _until(way, spot) + spot.step.timeout_s
        mending = _shortened(way, spot, left, least=1)
        yield LintFinding("warning", "over_limit", spot.place, spot.rule, text, mending)


def impatient(policy: Policy, shares: Sequence[Share], log: LogFacts) -> Iterator[LintFinding]:
    """Steps that still wait when most customers of an intent have left.

    Customers race three clocks: an agent comes, the timeout ends it, they leave. How long they
    would wait is the Kaplan-Meier curve in which leaving is the event and the other two are
    censored (Kaplan and Meier, JASA 53:457-481, 1958), so that neither quick agents nor short
    timeouts make customers look impatient. A step is too long when it ends after the moment at
    which the upper end of the curve's 95 % interval falls below one half, and at least 100
    customers of the intent had to wait. Where the log shows no such moment, nothing is said.
    """
    for way in ways(policy):
        route = way[0].route
        listed = route.intents if isinstance(route, Rule) and route.intents else None
        intents = listed if listed is not None else tuple(shares[way[0].number].intents)
        if (worst := _least_patient(intents, log)) is None:
            continue
        intent, patience, gone_s = worst
        spot = next((spot for spot in way if _until(way, spot) > gone_s), None)
        if spot is not None:
            text = (
                f"It waits until second {_until(way, spot):g}, but more than half of the customers "
                f"{_with(intent)} have left after {gone_s:g} s when no agent came "
                f"({patience.attempts:,} in the log). Shorten it, and say earlier what else to do."
            )
            mending = _shortened(way, spot, gone_s - _until(way, spot) + spot.step.timeout_s)
            yield LintFinding("warning", "timeout_too_long", spot.place, spot.rule, text, mending)


def _identity(spot: Spot, policy: Policy, tenant: TenantFacts | None) -> str | None:
    """What tells the queue of a step from others; None when the tenant lacks it."""
    if tenant is not None:
        state = spot.state(policy, tenant.book)
        return state.id if state else None
    wanted = spot.wanted(policy)
    twin = prepared(policy).twins(wanted).get(spot.route.priority)
    name, queue_id = split_queue(twin or wanted)
    return queue_id or name.casefold()


def _again(spot: Spot, first: int, policy: Policy, tenant: TenantFacts | None) -> LintFinding:
    state = spot.state(policy, tenant.book) if tenant else None
    queue = label(state) if state else spot.wanted(policy)
    text = (
        f"`{queue}` was tried in step {first + 1} already. Choose another queue, or leave it out."
    )
    mending = fix("Leave out this step", take(spot.place))
    place = (*spot.place, "queue" if spot.step.queue is not None else "skill")
    return LintFinding("error", "tried_before", place, spot.rule, text, mending)


def _least_patient(
    intents: Iterable[str | None], log: LogFacts
) -> tuple[str | None, Patience, float] | None:
    known = [(intent, log.patience[intent]) for intent in intents if intent in log.patience]
    found = [
        (intent, patience, patience.half_gone_s)
        for intent, patience in known
        if patience.half_gone_s is not None and patience.attempts >= ENOUGH
    ]
    return min(found, key=lambda one: one[2], default=None)


def _until(way: Sequence[Spot], spot: Spot) -> float:
    """Seconds from the request to the end of a step when every one before it is tried in full."""
    return sum(one.step.timeout_s for one in way[: spot.index + 1])


def _shortened(way: Sequence[Spot], spot: Spot, left: float, least: float = LEAST_WAIT_S) -> Fix:
    """The step with what is left of its time, rounded down; without it where that is too little."""
    seconds = left // ROUND_S * ROUND_S if left >= ROUND_S else left
    if seconds < least and len(way) > 1:
        return fix("Leave out this step", take(spot.place))
    seconds = max(seconds, least)
    return fix(f"Wait {seconds:g} s here", put((*spot.place, "timeout_s"), seconds))


def _with(intent: str | None) -> str:
    return f"with the intent `{intent}`" if intent is not None else "without an intent"
