"""Which intents an emergency can concern: those of the rules, and those bots have sent lately."""

from __future__ import annotations

from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING

from connector.errors import BadEmergency
from connector.log.extensions import quoted
from connector.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from connector.log import Lake

LATELY = timedelta(days=28)


def known_intents(lake: Lake, policy: Policy, now: datetime) -> frozenset[str]:
    """Intents that a rule names or an attempt had in the 28 days before `now` (naive UTC)."""
    named = {name for rule in policy.rules for name in rule.intents}
    sent = lake.query(
        "SELECT DISTINCT intent FROM attempts"
        f" WHERE intent IS NOT NULL AND started_at >= {quoted(str(now - LATELY))}"
    )
    return frozenset(named | {str(name) for (name,) in sent})


def check_intents(intents: Iterable[str], known: Collection[str]) -> None:
    """Raises BadEmergency for one that no handoff has: it would concern nobody."""
    for intent in intents:
        if intent not in known:
            near = get_close_matches(intent, known, n=1)
            meant = f" Did you mean `{near[0]}`?" if near else ""
            raise BadEmergency(
                f"No rule and no handoff of the last {LATELY.days} days has the intent "
                f"`{intent}`.{meant}"
            )
