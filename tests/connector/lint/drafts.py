"""Small policies for the sandbox's queues, and logs to hold them against."""

from datetime import datetime, timedelta

from connector.lint import LogFacts, Patience, Traffic
from connector.policy import Policy

UNTIL = datetime(2026, 11, 24)
FIELDS = frozenset({"transcript", "customer_name", "category", "card_number"})
# Quarters of an hour of the week: Monday at 12:00 and Tuesday at 02:00.
NOON, NIGHT = 48, 96 + 8


def policy(*rules, steps=({"queue": "General"},), **fields):
    """A policy of rules, each `name: fields`; a rule leads to Cards unless it says otherwise."""
    made = [
        {"name": name, "steps": [{"queue": "Cards"}]} | parts
        for rule in rules
        for name, parts in rule.items()
    ]
    default = {"steps": list(steps)}
    return Policy.model_validate(
        {"default_queue": "General", "rules": made, "default": default} | fields
    )


def log(*traffic, sent=FIELDS, patience=None, attempts=None):
    """A log of 28 days; `traffic` are pairs of intent and attempts at Monday noon, or Traffic."""
    kinds = [
        one if isinstance(one, Traffic) else Traffic(one[0], {NOON: one[1]}, channel="web")
        for one in traffic
    ]
    counted = sum(sum(one.quarters.values()) for one in kinds)
    return LogFacts(
        since=UNTIL - timedelta(days=28),
        until=UNTIL,
        attempts=attempts or counted or 1_000,
        traffic=tuple(kinds),
        sent=sent,
        patience={
            intent: Patience(count, gone_s) for intent, (count, gone_s) in (patience or {}).items()
        },
    )
