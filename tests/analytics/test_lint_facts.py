"""What the log says about customers, counted by hand."""

import json
from datetime import datetime, timedelta

import pytest

from analytics.lint_facts import log_facts
from connector.lint import Patience, Traffic
from connector.policy import Policy

MONDAY = datetime(2026, 11, 2, 12, 20)
UNTIL = datetime(2026, 11, 24)
SINCE = UNTIL - timedelta(days=28)


def policy(*rules, **fields):
    steps = [{"queue": "Cards"}]
    made = [{"name": f"r{n}", "steps": steps} | rule for n, rule in enumerate(rules)]
    default = {"default_queue": "General", "default": {"steps": steps}, "rules": made}
    return Policy.model_validate(default | fields)


def facts(log, draft=None):
    return log_facts(log.con, draft or policy(), since=SINCE, until=UNTIL)


def test_traffic_is_counted_by_what_it_is_about_and_by_quarter_of_the_week(log):
    for at in (MONDAY, MONDAY + timedelta(days=7), MONDAY + timedelta(minutes=10)):
        log.attempt(at=at, intent="lost", language="en", category="a")
    log.attempt(at=MONDAY, intent=None, channel="app")
    log.attempt(at=SINCE - timedelta(seconds=1), intent="before")
    log.attempt(at=UNTIL, intent="after")
    log.attempt(at=MONDAY, intent="tested", source="test")

    found = facts(log)

    assert found.attempts == 4
    assert sorted(found.traffic, key=lambda one: str(one.intent)) == [
        # 12:20 is in quarter 49 of Monday, 12:30 in the next.
        Traffic(None, {49: 1}, channel="app"),
        Traffic("lost", {49: 2, 50: 1}, channel="web", language="en"),
    ]


def test_quarters_are_those_of_the_policys_zone(log):
    log.attempt(at=datetime(2026, 11, 2, 20), intent="lost")
    [traffic] = facts(log, policy(zone="Asia/Kolkata")).traffic
    # 01:30 on Tuesday.
    assert traffic.quarters == {96 + 6: 1}


def test_only_what_conditions_read_tells_traffic_apart(log):
    for sure, tier, category in [(0.1, "gold", "a"), (0.5, "iron", "b"), (None, None, "a")]:
        inputs = json.dumps({"tier": tier, "other": "x"}) if tier else None
        log.attempt(at=MONDAY, intent="lost", confidence=sure, inputs=inputs, category=category)
    assert len(facts(log).traffic) == 1

    reading = policy(
        {"confidence": {"min": 0.5}, "variables": {"tier": ["gold"]}, "categories": ["a"]},
        context_fields=[{"name": "tier", "personal": False}],
    )
    found = sorted(facts(log, reading).traffic, key=lambda one: one.confidence or 2)
    assert [(one.variables, one.category) for one in found] == [
        ({"tier": "gold"}, "a"),
        ({"tier": "iron"}, "b"),
        ({}, "a"),
    ]
    low, bound, unknown = (one.confidence for one in found)
    assert low < 0.5 == bound
    assert unknown is None


def test_the_moment_when_most_have_left_is_that_of_the_kaplan_meier_curve(log):
    # 100 leave at 30 s and 100 at 60 s; nobody else is there. After 30 s one half is left, of
    # which the interval reaches above one half; after 60 s nobody is.
    for seconds in [30] * 100 + [60] * 100:
        log.attempt("abandoned", at=MONDAY, intent="lost", wait_s=seconds)
    # An agent takes 300 at once: the others are as impatient as they were.
    for _ in range(300):
        log.attempt("accepted", at=MONDAY, intent="lost", wait_s=5)
    # Most are served quickly, or time out at 60 s: nothing shows how long they would wait.
    for outcome, seconds in [("accepted", 10), ("timed_out", 60), ("abandoned", 20)]:
        for _ in range(50):
            log.attempt(outcome, at=MONDAY, intent="card", wait_s=seconds)
    # Who was refused did not wait.
    log.attempt("rejected", at=MONDAY, intent=None, wait_s=0)

    assert facts(log).patience == {"lost": Patience(500, 60.0), "card": Patience(150, None)}


def test_one_last_customer_who_leaves_says_nothing_about_most(log):
    for _ in range(200):
        log.attempt("accepted", at=MONDAY, intent="lost", wait_s=10)
    log.attempt("abandoned", at=MONDAY, intent="lost", wait_s=50)
    assert facts(log).patience == {"lost": Patience(201, None)}


def test_fields_that_were_sent_are_those_of_payloads_and_those_nobody_marks(log):
    log.attempt(at=MONDAY, context_present=["transcript", "card"])
    log.attempt(at=MONDAY, context_present=["transcript", "address"])
    log.attempt(at=MONDAY, context_present=None)
    event = {"attempt_id": "a1", "started_at": MONDAY, "event": "unmarked"}
    log.add("attempt_events", event | {"detail": '{"fields": ["tier", "area"]}'})
    assert facts(log).sent == {"transcript", "card", "address", "tier", "area"}


def test_an_empty_log_says_nothing(log):
    found = facts(log)
    assert (found.attempts, found.traffic, found.patience) == (0, (), {})
    assert not found.is_enough


@pytest.mark.parametrize("name", ["a'b", 'a"b', "a.b"])
def test_variables_of_any_name_are_read(log, name):
    log.attempt(at=MONDAY, inputs=json.dumps({name: "x"}))
    fields = [{"name": name, "personal": False}]
    [traffic] = facts(log, policy({"variables": {name: ["x"]}}, context_fields=fields)).traffic
    assert traffic.variables == {name: "x"}
