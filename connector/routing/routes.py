"""A rule, or the default, with what all decisions by it have in common."""

from __future__ import annotations

from operator import attrgetter

from connector.handoff import Handoff
from connector.policy import Policy, Route, Rule

_LISTED = {
    "intents": "intent",
    "categories": "category",
    "channels": "channel",
    "languages": "language",
}


class PreparedRoute:
    """`number` counts the rules from 1; the default is 0."""

    def __init__(self, policy: Policy, number: int) -> None:
        rule = policy.rules[number - 1] if number else None
        self.route: Route = rule or policy.default
        self.name = rule.name if rule else "default"
        self.required = policy.required_for(self.route)
        self._rule, self._number = rule, number
        asked = [name for listed, name in _LISTED.items() if getattr(rule, listed, ())]
        self._read = [(name, attrgetter(name)) for name in asked]
        self._hours = _hours(rule) if rule else ""

    def match_line(self, handoff: Handoff) -> str:
        """The line of the trace that tells what of a handoff led here."""
        rule = self._rule
        if rule is None:
            return f"no rule matches intent={handoff.intent or 'none'}: default rule"
        read = [f"{name}={value(handoff)}" for name, value in self._read]
        if rule.confidence is not None:
            read.append(f"confidence={handoff.confidence:g}")
        if rule.variables:
            read += [f"{name}={handoff.variables[name]}" for name in rule.variables]
        if self._hours:
            read.append(self._hours)
        return f"rule {self._number} `{self.name}` matched {', '.join(read) or 'everything'}"


def _hours(rule: Rule) -> str:
    return "hours " + ", ".join(map(str, rule.hours)) if rule.hours else ""
