"""Finds the first rule that matches a handoff, as fast with 500 rules as with five.

Rules are bits of one number, the first rule the lowest. For each thing a condition can read, a
table gives the rules that accept its value; what is left of all rules in the end is what matches.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_

from connector.handoff import Handoff
from connector.policy import Rule, minute_of_week
from connector.routing.minutes import EachMinute

Bits = int
# What a rule can read besides the values it lists.
BEYOND = ("confidence", "hours", "variables")


class RuleIndex:
    """An index over rules in their order; `zone` is that of their hours."""

    def __init__(self, rules: Sequence[Rule], zone: str) -> None:
        self._intents = ByValue(rules, lambda rule: rule.intents)
        self._categories = ByValue(rules, lambda rule: rule.categories)
        self._channels = ByValue(rules, lambda rule: rule.channels)
        self._languages = ByValue(rules, lambda rule: rule.languages)
        self._confidence = ByConfidence(rules)
        self._hours = ByHours(rules)
        self._now = EachMinute(lambda now: self._hours.accepting(minute_of_week(now, zone)))
        names = {name for rule in rules for name in rule.variables}
        self._variables = {name: _by_variable(rules, name) for name in sorted(names)}
        self._reading = {
            part: _bits(n for n, rule in enumerate(rules) if getattr(rule, part)) for part in BEYOND
        }
        self._beyond = reduce(or_, self._reading.values())

    def first(self, handoff: Handoff, now: datetime, unknown: Container[str] = ()) -> int:
        """The number of the first rule that matches at `now` (UTC), from 1; 0 for none.

        A variable in `unknown` has whatever value a rule asks for.
        """
        found = self._listing(handoff)
        if found & -found & self._beyond:
            for name, table in self._variables.items():
                if name not in unknown:
                    found &= table.accepting(handoff.variables.get(name))
            if self._confidence.read:
                found &= self._confidence.accepting(handoff.confidence)
            if found and self._hours.read:
                found &= self._now.at(now)
        return (found & -found).bit_length()

    def reads(self, handoff: Handoff) -> tuple[str, ...]:
        """What of `BEYOND` can change which rule a handoff with these listed values gets."""
        found = self._listing(handoff)
        sure = found & ~self._beyond
        # Rules after the first that asks for nothing else are never reached.
        reached = found & ((sure & -sure) - 1) if sure else found
        return tuple(part for part, bits in self._reading.items() if reached & bits)

    def _listing(self, handoff: Handoff) -> Bits:
        """The rules that accept all values of which a rule lists some."""
        found = self._intents.accepting(handoff.intent)
        found &= self._categories.accepting(handoff.category)
        found &= self._channels.accepting(handoff.channel)
        return found & self._languages.accepting(handoff.language)


class ByValue:
    """Rules by the value they accept; a rule that lists none accepts all."""

    def __init__(self, rules: Sequence[Rule], listed: Callable[[Rule], tuple[str, ...]]) -> None:
        self._any = _bits(n for n, rule in enumerate(rules) if not listed(rule))
        self._table: dict[str | None, Bits] = {}
        for number, rule in enumerate(rules):
            for value in listed(rule):
                self._table[value] = self._table.get(value, self._any) | 1 << number

    def accepting(self, value: str | None) -> Bits:
        return self._table.get(value, self._any)


class ByConfidence:
    """Rules by cells of the range 0-1: each bound is a cell of its own, and each gap between."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        ranges = {n: rule.confidence for n, rule in enumerate(rules) if rule.confidence}
        self.read = bool(ranges)
        self._any = _bits(n for n, rule in enumerate(rules) if rule.confidence is None)
        self._bounds = sorted({bound for wanted in ranges.values() for bound in wanted.bounds})
        self._cells = [self._any] * (2 * len(self._bounds) + 1)
        for number, wanted in ranges.items():
            low, high = (self._cell(bound) for bound in wanted.bounds)
            _add(self._cells, range(low, high + 1), number)

    def accepting(self, confidence: float | None) -> Bits:
        return self._any if confidence is None else self._cells[self._cell(confidence)]

    def _cell(self, confidence: float) -> int:
        place = bisect_left(self._bounds, confidence)
        exact = place < len(self._bounds) and self._bounds[place] == confidence
        return 2 * place + exact


class ByHours:
    """Rules by cells of the week; each begins at a minute in which some rule's hours change."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        weekly = {
            number: [span for period in rule.hours for span in period.weekly]
            for number, rule in enumerate(rules)
            if rule.hours
        }
        self.read = bool(weekly)
        always = _bits(n for n, rule in enumerate(rules) if not rule.hours)
        self._begins = sorted({minute for spans in weekly.values() for s in spans for minute in s})
        self._cells = [always] * (len(self._begins) + 1)
        for number, spans in weekly.items():
            for start, end in spans:
                cells = range(bisect_right(self._begins, start), bisect_right(self._begins, end))
                _add(self._cells, cells, number)

    def accepting(self, minute: int) -> Bits:
        return self._cells[bisect_right(self._begins, minute)]


def _by_variable(rules: Sequence[Rule], name: str) -> ByValue:
    return ByValue(rules, lambda rule: rule.variables.get(name, ()))


def _bits(numbers: Iterable[int]) -> Bits:
    found = 0
    for number in numbers:
        found |= 1 << number
    return found


def _add(cells: list[Bits], places: range, number: int) -> None:
    for place in places:
        cells[place] |= 1 << number
