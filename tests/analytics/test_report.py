"""The report, counted by hand."""

import json
from datetime import datetime, timedelta

import pytest

from analytics.metrics import (
    COLUMNS,
    STEP_COLUMNS,
    Filters,
    attempts_by,
    moment,
    records,
    report,
    steps_by,
)
from analytics.statistics import mean_interval, wilson
from connector.errors import SettingsError

DAY = datetime(2026, 11, 2)


def rows(log, **given):
    return records(report(log.con, **given))


def only(found, *names):
    return [tuple(row[name] for name in names) for row in found]


def test_every_column_of_the_report_is_counted_from_the_attempts(log):
    log.attempt("accepted", wait_s=10.0, completeness=1.0, handle_s=100.0)
    log.attempt("accepted", wait_s=20.0, completeness=0.5, handle_s=300.0)
    log.attempt("accepted", wait_s=30.0)
    log.attempt("timed_out", wait_s=60.0, completeness=1.0)
    log.attempt("no_agents", wait_s=0.0, failure_reason="closed")
    log.attempt("abandoned", wait_s=40.0, completeness=0.0)
    log.attempt("rejected")
    log.attempt("failed")
    log.attempt("unknown")
    (row,) = rows(log, by="queue")
    low, high = wilson(3, 9)
    assert row == {
        "queue": "General",
        "attempts": 9,
        "accepted": 3,
        "timed_out": 1,
        "no_agents": 1,
        "abandoned": 1,
        "rejected": 1,
        "failed": 1,
        "unknown": 1,
        "success_rate": pytest.approx(3 / 9),
        "success_low": pytest.approx(low),
        "success_high": pytest.approx(high),
        "timeout_rate": pytest.approx(1 / 9),
        # Six attempts have a wait: 0, 10, 20, 30, 40, 60.
        "wait_mean_s": pytest.approx(160 / 6),
        "wait_p50_s": 25.0,
        "wait_p95_s": 55.0,
        "handle_mean_s": 200.0,
        # Four attempts required anything; two of them carried everything.
        "completeness": 0.625,
        "complete_share": 0.5,
    }
    assert tuple(row) == ("queue", *COLUMNS)


def test_without_a_group_the_report_is_one_row_without_a_key(log):
    log.attempt(intent="a")
    log.attempt(intent="b")
    (row,) = rows(log)
    assert tuple(row) == COLUMNS
    assert row["attempts"] == 2


def test_an_empty_log_counts_nothing_and_knows_no_rate(log):
    (row,) = rows(log)
    counts = COLUMNS[:8]
    assert {name: row[name] for name in counts} == dict.fromkeys(counts, 0)
    assert {name: row[name] for name in COLUMNS[8:]} == dict.fromkeys(COLUMNS[8:])
    assert rows(log, by="queue") == rows(log, by="offered_queue") == []


def test_what_is_undefined_is_null_in_json_never_nan(log):
    log.attempt("timed_out", intent=None, at=DAY)
    found = rows(log, by="intent") + rows(log, by="day") + rows(log, by="policy_version")
    text = json.dumps(found, allow_nan=False)
    assert only(json.loads(text), "wait_mean_s", "handle_mean_s", "completeness") == [
        (None, None, None)
    ] * len(found)
    assert found[0]["intent"] is None
    assert found[1]["day"] == "2026-11-02T00:00:00"
    assert found[2]["policy_version"] is None


def test_groups_come_with_most_attempts_first_and_the_lacking_key_last(log):
    for intent in ("b", "b", "a", None, "c"):
        log.attempt(intent=intent)
    found = only(rows(log, by="intent"), "intent", "attempts")
    assert found == [("b", 2), ("a", 1), ("c", 1), (None, 1)]


@pytest.mark.parametrize("by", ["intent", "category", "channel", "priority", "source"])
def test_each_group_counts_its_own_attempts(log, by):
    values = {"source": ("demo", "import")}.get(by, ("x", "y"))
    log.attempt("accepted", **{"source": "demo", by: values[0]})
    log.attempt("timed_out", **{"source": "demo", by: values[1]})
    found = only(rows(log, by=by), by, "accepted", "timed_out")
    assert sorted(found) == [(values[0], 1, 0), (values[1], 0, 1)]


def test_policy_versions_are_whole_numbers(log):
    log.attempt(policy_version=2)
    log.attempt(policy_version=None)
    assert only(rows(log, by="policy_version"), "policy_version") == [(2,), (None,)]


def test_an_unknown_group_is_refused_with_those_there_are(log):
    with pytest.raises(SettingsError, match="queue, intent"):
        report(log.con, by="mood")


def test_a_renamed_queue_stays_one_group_under_its_latest_name(log):
    log.attempt(queue_id="103", queue="Card desk", at=DAY)
    log.attempt(queue_id="103", queue="Cards", at=DAY + timedelta(days=1))
    assert only(rows(log, by="queue"), "queue", "attempts") == [("Cards", 2)]


def test_a_queue_renamed_after_the_period_shows_the_new_name(log):
    log.attempt(queue_id="103", queue="Card desk", at=DAY)
    log.attempt(queue_id="103", queue="Cards", at=DAY + timedelta(days=9))
    found = rows(log, by="queue", filters=Filters(DAY, DAY + timedelta(days=1)))
    assert only(found, "queue", "attempts") == [("Cards", 1)]


def test_two_queues_of_one_name_are_told_apart_by_their_ids(log):
    log.attempt(queue_id="103", queue="Cards")
    log.attempt(queue_id="203", queue="Cards")
    assert sorted(only(rows(log, by="queue"), "queue")) == [("Cards (103)",), ("Cards (203)",)]


def test_a_queue_without_id_goes_by_its_name_and_none_at_all_is_null(log):
    log.attempt(queue_id=None, queue="Old desk")
    log.attempt("failed", queue_id=None, queue=None)
    assert sorted(only(rows(log, by="queue"), "queue"), key=str) == [("Old desk",), (None,)]


def test_handle_time_is_the_mean_over_accepted_attempts_that_have_one(log):
    log.attempt("accepted", handle_s=100.0)
    log.attempt("accepted", handle_s=[None])
    log.attempt("accepted")
    log.attempt("abandoned", handle_s=900.0)
    (row,) = rows(log)
    assert (row["attempts"], row["accepted"], row["handle_mean_s"]) == (4, 3, 100.0)


def test_an_attempt_with_two_engagements_is_counted_once(log):
    log.attempt("accepted", handle_s=[100.0, 200.0])
    (row,) = rows(log, by="queue")
    assert (row["attempts"], row["handle_mean_s"]) == (1, 150.0)


def test_offered_queues_are_counted_by_step(log):
    log.attempt("accepted", steps=[("Cards", "step_timeout"), ("General", "accepted")])
    log.attempt("timed_out", steps=[("Cards", "step_timeout"), ("General", "skipped_closed")])
    log.attempt("accepted", steps=[("Cards", "accepted")])
    log.attempt("abandoned", steps=[("Cards", "abandoned")])
    log.attempt("no_agents", steps=[("Cards", "skipped_empty"), ("General", "skipped_empty")])
    cards, general = rows(log, by="offered_queue")
    low, high = wilson(1, 4)
    assert cards == {
        "offered_queue": "Cards",
        "offered": 4,
        "accepted": 1,
        "step_timeout": 2,
        "skipped": 1,
        "reached": 0.25,
        "reached_low": pytest.approx(low),
        "reached_high": pytest.approx(high),
        "step_timeout_rate": 0.5,
    }
    assert tuple(cards) == ("offered_queue", *STEP_COLUMNS)
    assert only([general], "offered", "accepted", "skipped", "reached") == [(1, 1, 2, 1.0)]


def test_a_queue_that_was_only_ever_skipped_has_no_rate(log):
    log.attempt("no_agents", steps=[("Cards", "skipped_closed")])
    (row,) = rows(log, by="offered_queue")
    assert (row["offered"], row["skipped"], row["reached"], row["reached_low"]) == (
        0,
        1,
        None,
        None,
    )


def test_days_and_hours_are_the_centers_not_utc(log):
    # 23:30 UTC on 1 July is 01:30 on 2 July in Berlin; on 1 December it is 00:30 on the 2nd.
    log.attempt(at=datetime(2026, 7, 1, 23, 30))
    log.attempt(at=datetime(2026, 12, 1, 23, 30))
    found = only(rows(log, by="hour", zone="Europe/Berlin"), "hour", "attempts")
    assert found == [("2026-07-02T01:00:00", 1), ("2026-12-02T00:00:00", 1)]
    found = only(rows(log, by="day", zone="Europe/Berlin"), "day")
    assert found == [("2026-07-02T00:00:00",), ("2026-12-02T00:00:00",)]


def test_days_come_in_their_order(log):
    for days in (2, 0, 0, 1):
        log.attempt(at=DAY + timedelta(days=days))
    assert only(rows(log, by="day"), "attempts") == [(2,), (1,), (1,)]


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2026-11-24T18:00", "UTC", datetime(2026, 11, 24, 18)),
        ("2026-11-24T18:00", "Asia/Jerusalem", datetime(2026, 11, 24, 16)),
        ("2026-07-24T18:00", "Asia/Jerusalem", datetime(2026, 7, 24, 15)),
        ("2026-11-24", "America/New_York", datetime(2026, 11, 24, 5)),
        ("2026-11-24T18:00+02:00", "America/New_York", datetime(2026, 11, 24, 16)),
        ("2026-11-24T18:00:30Z", "Asia/Jerusalem", datetime(2026, 11, 24, 18, 0, 30)),
    ],
)
def test_a_time_without_offset_is_in_the_centers_zone(text, zone, utc):
    assert moment(text, zone) == utc


def test_what_is_no_time_is_refused():
    with pytest.raises(SettingsError, match="yesterday"):
        moment("yesterday")


def test_a_period_holds_its_beginning_and_not_its_end(log):
    for hours in (0, 1, 2):
        log.attempt(at=DAY + timedelta(hours=hours), handle_s=60.0 * hours)
    period = Filters(DAY + timedelta(hours=1), DAY + timedelta(hours=2))
    (row,) = rows(log, filters=period)
    assert (row["attempts"], row["handle_mean_s"]) == (1, 60.0)


@pytest.mark.parametrize(
    ("logged", "counted"),
    [
        (["live", "demo", "import", "test"], ("live",)),
        (["sandbox", "demo", "import", "test"], ("demo", "import", "sandbox")),
        (["test"], ()),
        ([], ()),
    ],
)
def test_live_is_counted_alone_once_there_is_any_else_all_but_tests(log, logged, counted):
    for source in logged:
        log.attempt(source=source)
    assert Filters().resolved(log.con).source == counted
    assert only(rows(log), "attempts") == [(len(counted),)]


def test_a_chosen_source_is_counted_whatever_else_there_is(log):
    for source in ("live", "demo", "test"):
        log.attempt(source=source)
    chosen = Filters(source=("demo", "test"))
    assert only(rows(log, filters=chosen), "attempts") == [(2,)]


def test_closed_queues_can_be_left_out_of_every_number(log):
    log.attempt("accepted", steps=[("Cards", "accepted")])
    log.attempt("no_agents", failure_reason="closed", steps=[("Cards", "skipped_closed")])
    log.attempt("no_agents", failure_reason="all_busy", steps=[("Cards", "skipped_empty")])
    log.attempt("no_agents", failure_reason=None)
    assert only(rows(log), "attempts", "no_agents") == [(4, 3)]
    open_only = Filters(include_closed=False)
    assert only(rows(log, filters=open_only), "attempts", "no_agents") == [(3, 2)]
    assert attempts_by(log.con, filters=Filters())["closed"].tolist() == [1]
    assert steps_by(log.con, filters=open_only)["skipped"].tolist() == [1]


@pytest.mark.parametrize(
    "name", ["intent", "category", "channel", "language", "priority", "bot", "rule"]
)
def test_a_filter_keeps_its_values_and_none_stands_for_lacking(log, name):
    for value in ("x", "y", None):
        log.attempt(**{name: value})
    for chosen, count in [((), 3), (("x",), 1), (("x", "z"), 1), (("y", None), 2), ((None,), 1)]:
        assert only(rows(log, filters=Filters(**{name: chosen})), "attempts") == [(count,)]


def test_a_queue_filter_is_of_the_ending_for_attempts_and_of_the_step_for_steps(log):
    log.attempt(
        queue_id="General",
        queue="General",
        steps=[("Cards", "step_timeout"), ("General", "accepted")],
    )
    cards = Filters(queue=("Cards",))
    assert only(rows(log, filters=cards), "attempts") == [(0,)]
    found = only(rows(log, by="offered_queue", filters=cards), "offered_queue", "step_timeout")
    assert found == [("Cards", 1)]


def test_values_are_bound_and_never_become_sql(log):
    log.attempt(intent="it's; DROP TABLE attempts")
    hostile = Filters(intent=("it's; DROP TABLE attempts",), queue=("' OR true --", "General"))
    assert only(rows(log, filters=hostile), "attempts") == [(1,)]


def test_means_carry_a_t_interval_within_what_is_possible(log):
    waits = [0.0, 1.0, 2.0, 50.0]
    for wait_s in waits:
        log.attempt(wait_s=wait_s, completeness=1.0 if wait_s else 0.0)
    row = attempts_by(log.con).iloc[0]
    assert mean_interval(waits).low < 0
    assert row["wait_mean_low"] == 0.0
    assert row["wait_mean_high"] == pytest.approx(mean_interval(waits).high)
    assert row["completeness_high"] == 1.0
