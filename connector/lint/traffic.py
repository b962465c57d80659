"""What the customers in the log would meet under a draft: which of its rules takes them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from connector.handoff import Handoff
from connector.lint.editing import add, fix
from connector.lint.facts import QUARTER_MIN, LogFacts, Traffic
from connector.lint.finding import LintFinding
from connector.policy import Policy, Rule
from connector.routing.index import RuleIndex

# A week without a holiday, and without a change of clocks in the zones that have one.
WEEK_BEGINS = datetime(2026, 6, 15)
MOST_INTENTS = 20


@dataclass
class Share:
    """What one route gets of the log: attempts by quarter of the week, and by intent."""

    quarters: Counter[int] = field(default_factory=Counter)
    intents: Counter[str | None] = field(default_factory=Counter)

    @property
    def attempts(self) -> int:
        return self.quarters.total()


def shares(policy: Policy, log: LogFacts) -> list[Share]:
    """One for each of `policy.routes`, in their order."""
    found = [Share() for _ in policy.routes]
    index, reads_hours = RuleIndex(policy.rules, policy.zone), any(r.hours for r in policy.rules)
    for traffic in log.traffic:
        handoff = _handoff(traffic)
        for quarters in _apart(traffic, by_hour=reads_hours):
            number = index.first(handoff, moment(next(iter(quarters)), policy.zone))
            share = found[number - 1]  # 0, no rule at all, is the default route: the last
            share.quarters.update(quarters)
            share.intents[traffic.intent] += sum(quarters.values())
    return found


@lru_cache(maxsize=4 * 7 * 24 * 4)
def moment(quarter: int, zone: str) -> datetime:
    """A moment (naive UTC) at which clocks in `zone` show the beginning of a quarter."""
    local = WEEK_BEGINS + timedelta(minutes=QUARTER_MIN * quarter)
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def unplaced(policy: Policy, share: Share) -> Iterator[LintFinding]:
    """Intents that customers come with and no rule names; `share` is what the default rule gets."""
    named = {intent for rule in policy.rules for intent in rule.intents}
    volumes = [(i, n) for i, n in share.intents.most_common() if i and i not in named]
    rarer = len(volumes) - MOST_INTENTS
    for number, (intent, volume) in enumerate(volumes[:MOST_INTENTS], start=1):
        text = (
            f"No rule is for the intent `{intent}`: in the log {_handoffs(volume)} of it fell to "
            "the default queue. Add a rule for it."
        )
        if number == MOST_INTENTS and rarer > 0:
            text += f" So it is with {rarer} rarer intents."
        mending = fix(f"Add a rule for `{intent}`", add(("rules",), _rule(policy, intent)))
        yield LintFinding("warning", "intent_without_rule", ("rules",), None, text, mending)


def _handoff(traffic: Traffic) -> Handoff:
    return Handoff.model_construct(
        intent=traffic.intent,
        category=traffic.category,
        channel=traffic.channel or "",
        language=traffic.language or "",
        confidence=traffic.confidence,
        variables=dict(traffic.variables),
    )


def _apart(traffic: Traffic, *, by_hour: bool) -> Iterator[dict[int, int]]:
    """All quarters at once, or each alone where rules may treat them differently."""
    if not by_hour and traffic.quarters:
        yield dict(traffic.quarters)
    elif by_hour:
        for quarter, attempts in traffic.quarters.items():
            yield {quarter: attempts}


def _rule(policy: Policy, intent: str) -> dict[str, object]:
    """A rule that does for the intent what the default rule does, for somebody to change."""
    taken = {rule.name for rule in policy.rules} | {"default"}
    name = intent if intent not in taken else f"{intent} (new)"
    made = Rule.model_validate(dict(policy.default) | {"name": name[:200], "intents": (intent,)})
    return made.model_dump(mode="json", exclude_defaults=True)


def _handoffs(count: int) -> str:
    return "one handoff" if count == 1 else f"{count:,} handoffs"
