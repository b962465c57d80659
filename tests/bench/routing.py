"""What a decision costs: `python -m tests.bench.routing --json`.

A policy of 500 rules, some with canaries, confidence ranges, hours or variables, decides handoffs
that ask for each rule and for none. A plain linear scan, which asks rule after rule, finds the
rules of the same handoffs in the same run.

Times are of computing, so that whatever else runs on the machine does not count. `decision_us`:
microseconds for a whole decision (median of the rounds, mean over the handoffs) with queues read
once, as a connector does for ten seconds; `new_book_us`: one whose queues were read just now, so
that nothing of an earlier plan holds; `find_us`, `scan_us`: finding the rule alone, by the index
and by the scan; `scan_decision_us`: a decision if the scan found its rule; `index_ms`: preparing
the policy once; `differences`: handoffs for which index and scan find different rules.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from connector.handoff import Handoff
from connector.policy import Policy, Rule, minute_of_week
from connector.queues import QueueBook, QueueState
from connector.routing import decide
from connector.routing.prepared import Prepared, prepared

RULES, QUEUES, ROUNDS = 500, 40, 15
NOW = datetime(2026, 11, 24, 12)


def scan(policy: Policy, handoff: Handoff, now: datetime) -> int:
    """The number of the first rule that matches, from 1; 0 for none."""
    minute = minute_of_week(now, policy.zone)
    for number, rule in enumerate(policy.rules, start=1):
        if matches(rule, handoff, minute):
            return number
    return 0


def matches(rule: Rule, handoff: Handoff, minute: int) -> bool:
    listed = (
        (rule.intents, handoff.intent),
        (rule.categories, handoff.category),
        (rule.channels, handoff.channel),
        (rule.languages, handoff.language),
        *((values, handoff.variables.get(name)) for name, values in rule.variables.items()),
    )
    return (
        all(not wanted or value in wanted for wanted, value in listed)
        and is_sure(rule, handoff)
        and (not rule.hours or any(at <= minute < to for p in rule.hours for at, to in p.weekly))
    )


def is_sure(rule: Rule, handoff: Handoff) -> bool:
    wanted, given = rule.confidence, handoff.confidence
    return wanted is None or (given is not None and wanted.min <= given <= wanted.max)


def rule(number: int) -> dict[str, Any]:
    """Every third rule reads more than the intent."""
    made: dict[str, Any] = {
        "name": f"rule {number}",
        "intents": [f"intent {number}"],
        "steps": [{"queue": f"Queue {number % QUEUES}"}, {"queue": "General"}],
    }
    if number % 2:
        made["canary"] = {"share": 0.05, "steps": [{"queue": "General"}]}
    match number % 9:
        case 0:
            made["confidence"] = {"min": number / RULES / 2}
        case 3:
            made["hours"] = ["mon-fri 08:00-20:00", "sat 10:00-14:00"]
        case 6:
            made["variables"] = {"tier": ["gold", "silver"]}
    return made


def policy_of(rules: int) -> Policy:
    return Policy.model_validate(
        {
            "version": 1,
            "zone": "Europe/Berlin",
            "default_queue": "General",
            "default": {"steps": [{"queue": "General"}]},
            "rules": [rule(number) for number in range(rules)],
            "context_fields": [{"name": "tier", "personal": False}],
            "opening_hours": {"Queue 3": {"week": "mon-fri 08:00-20:00"}},
        }
    )


def handoffs() -> list[Handoff]:
    """One for each rule, and some that no rule takes."""
    return [
        Handoff(
            handoff_id=f"h{number}",
            intent=f"intent {number}",
            confidence=number % 10 / 10,
            variables={"tier": ("gold", "iron")[number % 2]},
        )
        for number in range(RULES + 20)
    ]


def new_book() -> QueueBook:
    states = [QueueState(str(n), f"Queue {n}", available=n % 3, busy=2) for n in range(QUEUES)]
    return QueueBook.of([*states, QueueState("999", "General", available=2)])


def measure() -> dict[str, Any]:
    policy, asked, book = policy_of(RULES), handoffs(), new_book()
    index = prepared(policy).rules
    ways: dict[str, Callable[[Handoff], Any]] = {
        "decision_us": lambda one: decide(policy, one, book, NOW),
        "new_book_us": lambda one: decide(policy, one, replace(book), NOW),
        "find_us": lambda one: index.first(one, NOW),
        "scan_us": lambda one: scan(policy, one, NOW),
    }
    figures: dict[str, Any] = {
        name: round(statistics.median(mean_us(way, asked) for _ in range(ROUNDS)), 1)
        for name, way in ways.items()
    }
    slower = figures["scan_us"] - figures["find_us"]
    return figures | {
        "scan_decision_us": round(figures["decision_us"] + slower, 1),
        "index_ms": round(mean_us(Prepared, [policy] * 5) / 1000, 1),
        "rules": RULES,
        "differences": sum(index.first(one, NOW) != scan(policy, one, NOW) for one in asked),
    }


def mean_us(way: Callable[[Any], Any], values: list[Any]) -> float:
    began = time.thread_time()
    for value in values:
        way(value)
    return (time.thread_time() - began) / len(values) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    as_json = parser.parse_args().json
    figures = measure()
    if as_json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:18} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
