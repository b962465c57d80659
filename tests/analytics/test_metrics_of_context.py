"""Context counted by hand: who required, carried, cut and lacked what."""

import json
from datetime import timedelta

import pytest

from analytics.metrics import (
    Filters,
    carried_fields,
    fields_by,
    records,
    unmarked_variables,
)
from tests.analytics.conftest import NOON

# 2 of 4: the Wilson interval at 95 %, from a table.
TWO_OF_FOUR = (0.1500, 0.8500)


def unmarked(log, attempt_id, *fields, at=NOON):
    row = {"attempt_id": attempt_id, "started_at": at, "event": "unmarked"}
    log.add("attempt_events", row | {"detail": json.dumps({"fields": fields})})


def test_a_required_field_is_present_delivered_cut_or_missing(log):
    both = ["card", "name"]
    log.attempt(context_required=both, context_present=both, delivered=True)
    log.attempt(context_required=both, context_present=["card"], delivered=False)
    log.attempt(
        context_required=both, context_present=["name"], context_cut=["card"], delivered=True
    )
    log.attempt(context_required=both, context_present=[], context_cut=None, delivered=None)
    found = {row["field"]: row for row in records(fields_by(log.con, filters=Filters()))}
    counts = ("required", "present", "delivered", "cut", "missing")
    assert [found["card"][name] for name in counts] == [4, 2, 1, 1, 2]
    assert [found["name"][name] for name in counts] == [4, 2, 2, 0, 2]
    bounds = found["card"]["missing_low"], found["card"]["missing_high"]
    assert bounds == pytest.approx(TWO_OF_FOUR, abs=5e-5)
    assert found["card"]["missing_share"] == 0.5


def test_required_fields_are_counted_per_queue_and_per_channel(log):
    log.attempt(context_required=["card"], context_present=["card"], channel="web")
    log.attempt(context_required=["card"], context_present=[], channel="sms")
    log.attempt(context_required=["card"], context_present=[], queue_id="102", queue="Cards")
    by_channel = records(fields_by(log.con, "channel", filters=Filters()))
    assert {row["channel"]: (row["missing"], row["required"]) for row in by_channel} == {
        "web": (1, 2),
        "sms": (1, 1),
    }
    by_queue = records(fields_by(log.con, "queue", filters=Filters()))
    assert {row["queue"]: (row["missing"], row["required"]) for row in by_queue} == {
        "General": (1, 2),
        "Cards": (1, 1),
    }


def test_fields_nobody_requires_are_counted_too(log):
    log.attempt(context_present=["card", "note"], context_cut=["note", "note"], delivered=True)
    log.attempt(context_present=["note"], delivered=False)
    log.attempt(context_present=["note"], source="test")
    log.attempt(context_present=None, context_cut=["extra"])
    assert records(carried_fields(log.con, Filters())) == [
        {"field": "note", "carried": 2, "taken": 1, "shortened": 1},
        {"field": "card", "carried": 1, "taken": 1, "shortened": 0},
        {"field": "extra", "carried": 0, "taken": 0, "shortened": 1},
    ]


def test_variables_nobody_marked_are_counted_once_per_attempt(log):
    later = NOON + timedelta(hours=1)
    first = log.attempt(bot="helper")
    second = log.attempt(bot="voice", at=later)
    log.attempt(bot="helper")
    log.attempt(bot="helper")
    unmarked(log, first, "basket", "mood")
    unmarked(log, first, "basket")
    unmarked(log, second, "basket", at=later)
    basket, mood = records(unmarked_variables(log.con, Filters()))
    assert (basket["variable"], basket["sent"], basket["attempts"]) == ("basket", 2, 4)
    assert (basket["bots"], basket["last_at"]) == (["helper", "voice"], later.isoformat())
    assert basket["unmarked_share"] == 0.5
    bounds = basket["unmarked_low"], basket["unmarked_high"]
    assert bounds == pytest.approx(TWO_OF_FOUR, abs=5e-5)
    assert (mood["variable"], mood["sent"]) == ("mood", 1)


def test_variables_are_those_of_the_attempts_that_count(log):
    unmarked(log, log.attempt(source="test"), "from_a_test")
    unmarked(log, log.attempt(channel="sms"), "from_sms")
    unmarked(log, log.attempt(channel="web"), "from_web")
    found = records(unmarked_variables(log.con, Filters(channel=("web",))))
    assert [row["variable"] for row in found] == ["from_web"]
    assert unmarked_variables(log.con, Filters(channel=("none",))).empty
