"""What pages show beside the report, counted by hand."""

from datetime import datetime, timedelta

import pandas as pd
import pytest

from analytics.metrics import (
    MEANINGS,
    Filters,
    attempts_by,
    choices,
    compare,
    latest_attempts,
    log_span,
    missing_context,
    queue_table,
    queues,
    records,
    report,
    trend,
)
from analytics.metrics.report import COLUMNS, STEP_COLUMNS
from analytics.statistics import wilson

DAY = datetime(2026, 11, 2)


def test_a_period_is_compared_with_the_one_just_before(log):
    for days, outcome in [(0, "accepted"), (1, "accepted"), (2, "timed_out"), (3, "accepted")]:
        log.attempt(outcome, at=DAY + timedelta(days=days))
    found = compare(log.con, Filters(DAY + timedelta(days=2), DAY + timedelta(days=4)))
    assert (found.now["attempts"], found.now["success_rate"]) == (2, 0.5)
    assert (found.before["attempts"], found.before["success_rate"]) == (2, 1.0)


def test_both_periods_count_the_same_sources(log):
    log.attempt(source="live", at=DAY + timedelta(days=1))
    log.attempt(source="demo", at=DAY)
    found = compare(log.con, Filters(DAY + timedelta(days=1), DAY + timedelta(days=2)))
    assert (found.now["attempts"], found.before["attempts"]) == (1, 0)
    assert pd.isna(found.before["success_rate"])


def test_a_period_without_bounds_has_none_before(log):
    assert compare(log.con, Filters(since=DAY)).before is None


def test_the_queue_table_has_steps_beside_the_attempts_that_ended_there(log):
    log.attempt(
        "accepted",
        queue_id="General",
        queue="General",
        completeness=0.5,
        steps=[("Cards", "step_timeout"), ("General", "accepted")],
    )
    log.attempt(
        "timed_out",
        queue_id="Cards",
        queue="Cards",
        completeness=1.0,
        steps=[("Cards", "step_timeout"), ("General", "skipped_empty")],
    )
    log.attempt("no_agents", queue_id="VIP", queue="VIP")
    table = queue_table(log.con, Filters())
    names = ["offered", "reached", "step_timeout_rate", "skipped", "attempts", "success_rate"]
    found = {row["queue"]: [row[name] for name in names] for row in records(table)}
    assert found == {
        "Cards": [2, 0.0, 1.0, 0, 1, 0.0],
        "General": [1, 1.0, 0.0, 1, 1, 1.0],
        "VIP": [0, None, None, 0, 1, 0.0],
    }
    assert table["queue"].tolist()[0] == "Cards"
    completeness = dict(zip(table["queue"], table["completeness"], strict=True))
    assert completeness["General"] == 0.5


def test_the_queue_table_shows_the_numbers_of_the_report(log):
    for number in range(30):
        outcome, result = [("accepted", "accepted"), ("timed_out", "step_timeout")][number % 2]
        queue = ("Cards", "General", "VIP")[number % 3]
        log.attempt(
            outcome,
            queue_id=queue,
            queue=queue,
            wait_s=float(number),
            completeness=number / 30,
            steps=[(queue, result)],
        )
    table = queue_table(log.con, Filters()).set_index("queue")
    by_queue = report(log.con, by="queue").set_index("queue").rename_axis(None)
    by_step = report(log.con, by="offered_queue").set_index("offered_queue").rename_axis(None)
    for name in COLUMNS:
        column = "attempts_accepted" if name == "accepted" else name
        assert table[column].to_dict() == by_queue[name].to_dict()
    for name in STEP_COLUMNS:
        assert table[name].to_dict() == by_step[name].to_dict()


def test_trend_by_day_and_queue_has_waits_and_counts(log):
    for days, queue, wait_s in [(0, "Cards", 10.0), (0, "Cards", 30.0), (1, "Cards", 50.0)]:
        log.attempt(at=DAY + timedelta(days=days), queue_id=queue, queue=queue, wait_s=wait_s)
    log.attempt(at=DAY, queue_id="VIP", queue="VIP", wait_s=1.0)
    found = records(trend(log.con, Filters(), by_queue=True))
    assert [
        (row["day"][:10], row["queue"], row["attempts"], row["wait_p50_s"]) for row in found
    ] == [
        ("2026-11-02", "Cards", 2, 20.0),
        ("2026-11-02", "VIP", 1, 1.0),
        ("2026-11-03", "Cards", 1, 50.0),
    ]
    assert trend(log.con, Filters(), every="hour")["attempts"].tolist() == [3, 1]


def test_missing_context_is_counted_per_queue_and_field(log):
    for present in (["name", "card"], ["name", "language"], None):
        log.attempt(context_required=["name", "card"], context_present=present)
    log.attempt(context_required=[], context_present=["card"])
    log.attempt(context_required=None)
    card, name = records(missing_context(log.con, Filters()))
    (low, high), lacking = wilson(1, 3), wilson(2, 3)
    assert card == {
        "queue": "General",
        "queue_id": "101",
        "field": "card",
        "required": 3,
        "present": 1,
        "present_share": pytest.approx(1 / 3),
        "present_low": pytest.approx(low),
        "present_high": pytest.approx(high),
        "delivered": 0,
        "cut": 0,
        "missing": 2,
        "missing_share": pytest.approx(2 / 3),
        "missing_low": pytest.approx(lacking[0]),
        "missing_high": pytest.approx(lacking[1]),
    }
    assert (name["field"], name["required"], name["present"]) == ("name", 3, 2)


def test_choices_are_the_values_of_the_period_whatever_else_is_chosen(log):
    log.attempt(intent="b", channel="web", policy_version=2, at=DAY)
    log.attempt(intent="a", channel="sms", policy_version=10, at=DAY)
    log.attempt(intent=None, channel="web", policy_version=None, at=DAY)
    log.attempt(intent="later", at=DAY + timedelta(days=5))
    log.attempt(intent="test", source="test", at=DAY)
    found = choices(log.con, Filters(until=DAY + timedelta(days=1), intent=("a",)))
    assert found["intent"] == ["a", "b", None]
    assert found["channel"] == ["sms", "web"]
    assert found["policy_version"] == [2, 10, None]


def test_choices_of_an_empty_log_are_empty(log):
    assert set(map(tuple, choices(log.con).values())) == {()}
    assert queues(log.con) == {}


def test_queues_are_those_tried_or_ended_in_under_their_latest_names(log):
    log.attempt(
        queue_id="101", queue="Main", steps=[("Cards", "step_timeout"), ("101", "accepted")]
    )
    log.attempt(queue_id="101", queue="General", at=DAY + timedelta(days=9))
    log.attempt("failed", queue_id=None, queue=None)
    assert queues(log.con) == {"Cards": "Cards", "101": "General"}


def test_the_span_of_the_log_counts_every_source(log):
    assert log_span(log.con).first is None
    log.attempt(source="live", at=DAY)
    log.attempt(source="test", at=DAY + timedelta(days=1))
    log.attempt(source="test", at=DAY - timedelta(days=1))
    span = log_span(log.con)
    assert (span.first, span.last) == (DAY - timedelta(days=1), DAY + timedelta(days=1))
    assert (span.by_source, span.attempts) == ({"live": 1, "test": 2}, 3)


def test_the_latest_attempts_come_first_with_what_was_missing(log):
    for hours in range(3):
        log.attempt(
            at=DAY + timedelta(hours=hours),
            intent=None,
            context_required=["name", "card"],
            context_present=["name"] if hours == 2 else None,
        )
    found = records(latest_attempts(log.con, limit=2))
    assert [(row["attempt_id"], row["missing"]) for row in found] == [
        ("a3", ["card"]),
        ("a2", ["name", "card"]),
    ]
    assert found[0]["started_at"] == "2026-11-02T02:00:00"
    assert found[0]["intent"] is None
    assert latest_attempts(log.con, Filters(channel=("sms",))).empty


def test_every_number_of_the_report_is_said_in_words():
    names = {*COLUMNS, *STEP_COLUMNS}
    bounds = {name for name in names if name.endswith(("_low", "_high"))}
    assert names - bounds <= set(MEANINGS)


def test_undefined_numbers_are_missing_in_frames_too(log):
    log.attempt("timed_out")
    frame = attempts_by(log.con, "queue")
    assert frame["handle_mean_s"].isna().all()
    assert str(frame["attempts"].dtype) == "Int64"
    assert str(frame["handle_mean_s"].dtype) == "Float64"
    assert str(attempts_by(log.con, "intent")["intent"].dtype) == "string"
