"""Rules that no handoff can reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.lint.covering import Box, boxes, covers, left_over, meet
from connector.lint.editing import fix, move, take
from connector.lint.finding import Fix, LintFinding
from connector.policy import Policy, Rule

NAMED = 4


def unmatchable(policy: Policy) -> Iterator[LintFinding]:
    """Rules whose conditions cannot hold, or of which the rules before leave nothing."""
    found = boxes(policy.rules)
    for number, (rule, box) in enumerate(zip(policy.rules, found, strict=True)):
        if not all(box):
            text = (
                "It can never match: every value of one of its conditions is longer than any "
                "handoff carries. Correct the condition, or remove the rule."
            )
            yield _finding(number, rule, text, _removal(number))
            continue
        touching = [earlier for earlier in range(number) if meet(found[earlier], box)]
        if touching and (takers := _takers(box, touching, found)):
            yield _shadowed(policy.rules, found, number, takers)


def _takers(box: Box, touching: Sequence[int], found: Sequence[Box]) -> list[int]:
    """The earlier rules that between them take all that `box` could match; none if they do not."""
    for earlier in touching:
        if covers(found[earlier], box):
            return [earlier]
    return [] if left_over(box, (found[earlier] for earlier in touching)) else list(touching)


def _shadowed(
    rules: Sequence[Rule], found: Sequence[Box], number: int, takers: Sequence[int]
) -> LintFinding:
    names = [f"`{rules[taker].name}`" for taker in takers]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    if len(names) == 1:
        who = f"the rule {names[0]} before it takes all that it could match"
    else:
        who = f"the rules {', '.join(names[:NAMED])}{more} before it take all that it could match"
    first = takers[0]
    if found[first] == found[number]:
        mending, way_out = _removal(number), "Remove one of the two."
    else:
        mending = fix(f"Move it before `{rules[first].name}`", move(("rules", number), first))
        way_out = f"Move it before {names[0]}, or remove it."
    return _finding(number, rules[number], f"It can never match: {who}. {way_out}", mending)


def _finding(number: int, rule: Rule, text: str, mending: Fix) -> LintFinding:
    return LintFinding("error", "never_matches", ("rules", number), rule.name, text, mending)


def _removal(number: int) -> Fix:
    return fix("Remove this rule", take(("rules", number)))
