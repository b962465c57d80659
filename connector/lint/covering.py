"""What rules match, as boxes: exact set arithmetic over everything a condition can read. Pure.

Of each thing a condition reads, the values no rule tells apart are one cell, a bit of a number: the
values that rules list and all others; confidence cut at every bound, and unknown; the week cut
where some rule's hours begin or end. A rule is one such number for each of these things.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from connector.handoff import Handoff
from connector.policy import Rule
from connector.policy.hours import WEEK

Bits = int
Box = tuple[Bits, ...]
MOST_PIECES = 2_000


def boxes(rules: Sequence[Rule]) -> list[Box]:
    """One box per rule, in order; a box with an empty side matches nothing a handoff can carry."""
    names = sorted({name for rule in rules for name in rule.variables})
    sides = [
        _listed([rule.intents for rule in rules], _longest("intent")),
        _listed([rule.categories for rule in rules], _longest("category")),
        _listed([rule.channels for rule in rules], _longest("channel")),
        _listed([rule.languages for rule in rules], _longest("language")),
        *(_listed([rule.variables.get(name, ()) for rule in rules]) for name in names),
        _confidence(rules),
        _hours(rules),
    ]
    return list(zip(*sides, strict=True)) if rules else []


def meet(one: Box, other: Box) -> bool:
    """Whether some handoff matches both."""
    # Said without a generator: with 500 rules it is asked 125,000 times.
    for a, b in zip(one, other, strict=True):  # noqa: SIM110
        if not a & b:
            return False
    return True


def covers(outer: Box, inner: Box) -> bool:
    return not any(b & ~a for a, b in zip(outer, inner, strict=True))


def left_over(box: Box, others: Iterable[Box]) -> list[Box]:
    """What of `box` is in none of `others`, as boxes that do not overlap; empty when nothing is.

    Exact, but where it would fall into thousands of pieces: then some are left unexamined.
    """
    rest = [box]
    for other in others:
        rest = [piece for one in rest for piece in _without(one, other)]
        if not rest or len(rest) > MOST_PIECES:
            break
    return rest


def _without(box: Box, other: Box) -> list[Box]:
    if not meet(box, other):
        return [box]
    pieces: list[Box] = []
    inside: list[Bits] = []
    for side, (own, theirs) in enumerate(zip(box, other, strict=True)):
        if beyond := own & ~theirs:
            pieces.append((*inside, beyond, *box[side + 1 :]))
        inside.append(own & theirs)
    return pieces


def _listed(conditions: Sequence[tuple[str, ...]], longest: int | None = None) -> list[Bits]:
    """A bit for each value listed, and the highest for all others, none included.

    No handoff carries a value longer than `longest`, so such a one has no bit.
    """
    values = dict.fromkeys(value for listed in conditions for value in listed)
    possible = [value for value in values if longest is None or len(value) <= longest]
    bit = {value: 1 << number for number, value in enumerate(possible)}
    everything = (2 << len(possible)) - 1
    return [
        sum(bit.get(value, 0) for value in set(listed)) if listed else everything
        for listed in conditions
    ]


def _confidence(rules: Sequence[Rule]) -> list[Bits]:
    """Even bits are the gaps between bounds, odd ones the bounds, the highest is unknown."""
    ranges = [rule.confidence for rule in rules]
    bounds = sorted({bound for wanted in ranges if wanted for bound in wanted.bounds})
    everything = (4 << 2 * len(bounds)) - 1
    if bounds and bounds[0] <= 0:
        everything &= ~1
    if bounds and bounds[-1] >= 1:
        everything &= ~(1 << 2 * len(bounds))

    def within(low: float, high: float) -> Bits:
        first, last = (2 * bisect_left(bounds, bound) + 1 for bound in (low, high))
        return (2 << last) - (1 << first)

    return [within(*wanted.bounds) if wanted else everything for wanted in ranges]


def _hours(rules: Sequence[Rule]) -> list[Bits]:
    weekly = [[span for period in rule.hours for span in period.weekly] for rule in rules]
    cuts = sorted({0, WEEK, *(minute for spans in weekly for span in spans for minute in span)})
    everything = (1 << len(cuts) - 1) - 1
    place = {minute: number for number, minute in enumerate(cuts)}

    def within(start: int, end: int) -> Bits:
        return (1 << place[end]) - (1 << place[start])

    return [
        _either(within(*span) for span in spans) if rule.hours else everything
        for rule, spans in zip(rules, weekly, strict=True)
    ]


def _either(parts: Iterable[Bits]) -> Bits:
    found = 0
    for part in parts:
        found |= part
    return found


def _longest(field: str) -> int | None:
    """The most characters a handoff takes there."""
    parts = Handoff.model_fields[field].metadata
    return next((part.max_length for part in parts if hasattr(part, "max_length")), None)
