"""Which rule serves every attempt; a rule is looked for once for all attempts alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.preview.alike import Codes, combined, confidence_cells, firsts, hour_cells
from analytics.preview.attempts import Attempts
from connector.policy import Policy
from connector.routing import conditions_read, first_rule

LISTED = ("intent", "category", "channel", "language")


@dataclass(frozen=True)
class Matched:
    """The number of each attempt's rule, from 1; 0 is the default.

    Where that depends on a variable that was not recorded, `lacking` is a place in `variables`,
    else -1.
    """

    rule: Codes
    lacking: Codes
    variables: tuple[str, ...]


def matched(policy: Policy, attempts: Attempts) -> Matched:
    names = policy.condition_variables
    known = attempts.known(names)
    kinds = _kinds(policy, attempts, known.codes)
    places = firsts(kinds)
    rules = np.zeros(len(places), dtype=np.int64)
    lacking = np.full(len(places), -1, dtype=np.int64)
    handoffs = attempts.at(places).handoffs()
    for number, (place, (handoff, at)) in enumerate(zip(places, handoffs, strict=True)):
        unknown = known.unknown[known.codes[place]]
        rules[number] = possible = first_rule(policy, handoff, at)
        if unknown:
            possible = first_rule(policy, handoff, at, unknown=unknown)
        if possible != rules[number]:
            asked = policy.rules[possible - 1].variables
            lacking[number] = names.index(next(name for name in asked if name in unknown))
    return Matched(rules[kinds], lacking[kinds], names)


def _kinds(policy: Policy, attempts: Attempts, variables: Codes) -> Codes:
    """A code per attempt, equal where the conditions cannot tell attempts apart."""
    listed = combined(attempts.codes(name) for name in LISTED)
    handoffs = attempts.at(firsts(listed)).handoffs()
    read = [conditions_read(policy, handoff) for handoff, _ in handoffs]
    cells = {
        "confidence": confidence_cells(policy.rules, attempts.confidence),
        "hours": hour_cells(policy, attempts.started),
        "variables": variables,
    }
    # What no rule in reach reads makes no difference.
    asked = {part: np.array([part in parts for parts in read], dtype=bool) for part in cells}
    return combined([listed, *(codes * asked[part][listed] for part, codes in cells.items())])
