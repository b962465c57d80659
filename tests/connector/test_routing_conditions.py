"""Rules that read more than the intent, steps that are skipped, and plans within limits."""

from dataclasses import replace
from datetime import datetime

import pytest

from connector.handoff import Handoff
from connector.policy import parse_policy
from connector.queues import QueueBook
from connector.routing import decide, skip_reason

from .conftest import NOON, POLICY
from .test_routing import queues, with_state

RULES = """
zone: Europe/Berlin
default_queue: General
default: {steps: [{queue: General}]}
context_fields:
  - {name: tier, personal: false}
rules:
  - {name: unsure, confidence: {max: 0.3}, steps: [{queue: General}]}
  - {name: gold, variables: {tier: [gold, platinum]}, steps: [{queue: Accounts}]}
  - {name: night, hours: ["mon-fri 22:00-06:00"], steps: [{queue: Spanish}]}
  - {name: cards, categories: [card], languages: [en], steps: [{queue: Cards}]}
"""
# A Tuesday and a Saturday night, 23:30 in Berlin; a summer's night there.
NIGHT, SATURDAY = datetime(2026, 11, 24, 22, 30), datetime(2026, 11, 28, 22, 30)
SUMMER = datetime(2026, 7, 1, 20, 30)


@pytest.mark.parametrize(
    ("asked", "now", "rule"),
    [
        ({"confidence": 0.3}, NOON, "unsure"),
        ({"confidence": 0.31}, NOON, "default"),
        ({"confidence": None}, NOON, "default"),
        ({"variables": {"tier": "platinum"}}, NOON, "gold"),
        ({"variables": {"tier": "Gold"}}, NOON, "default"),
        ({"variables": {"tier": "gold"}, "confidence": 0.0}, NOON, "unsure"),
        ({}, NIGHT, "night"),
        ({}, SUMMER, "night"),
        ({}, SATURDAY, "default"),
        ({"category": "card"}, NOON, "cards"),
        ({"category": "card", "language": "es"}, NOON, "default"),
    ],
)
def test_every_condition_of_a_rule_has_to_hold(book, asked, now, rule):
    assert decide(parse_policy(RULES), Handoff(**asked), book, now).rule == rule


def test_the_trace_tells_what_the_rule_read(book):
    handoff = Handoff(confidence=0.9, variables={"tier": "gold", "ssn": "1"})

    decision = decide(parse_policy(RULES), handoff, book, NIGHT)

    assert decision.trace[0] == "rule 2 `gold` matched tier=gold"
    assert decision.inputs == {"tier": "gold"}


def test_the_same_policy_with_other_rules_is_decided_by_those(book):
    policy = parse_policy(RULES)
    asked = Handoff(variables={"tier": "gold"})
    assert decide(policy, asked, book, NOON).rule == "gold"

    changed = policy.model_copy(update={"rules": policy.rules[2:]})

    assert decide(changed, asked, book, NOON).rule == "default"


def skipping(condition):
    return parse_policy(
        POLICY.replace("General, timeout_s: 60", f"General, skip_if: [{condition}]")
    )


@pytest.mark.parametrize(
    ("condition", "state", "reason", "words"),
    [
        ("closed", {"is_open": False}, "closed", "closed by 8x8's schedule"),
        ("no_agents", {"available": 0, "busy": 0}, "nobody_logged_in", "nobody logged in"),
        ("all_busy", {"available": 0}, "all_busy", "all agents busy"),
        ("{waiting_over: 10}", {"waiting": 14}, "all_busy", "14 waiting, more than 10"),
        ("{waiting_over: 10}", {"waiting": 10}, None, None),
        (
            "{expected_wait_over_s: 120}",
            {"expected_wait_s": 301.4},
            "all_busy",
            "expected wait 301 s, more than 120 s",
        ),
        ("{expected_wait_over_s: 120}", {"expected_wait_s": None}, None, None),
    ],
)
def test_a_step_is_skipped_for_a_reason_in_words(book, condition, state, reason, words):
    known = with_state(book, "101", **state)

    decision = decide(skipping(condition), Handoff(), known, NOON)

    [step] = decision.steps
    assert (step.skipped, skip_reason(step, known.state("101"), NOON)) == (reason, reason)
    told = f"skipped: {words}" if words else "60 s"
    assert told in decision.trace[-1]


OPENING = """
zone: Europe/Berlin
opening_hours:
  card teams: {queues: [Cards priority, Cards], week: ["mon-fri 14:00-18:00"]}
"""


def test_a_queue_is_closed_outside_its_own_opening_hours(book):
    policy = parse_policy(OPENING + POLICY)
    asked = Handoff(intent="reportlostcard")

    at_noon, later = (decide(policy, asked, book, NOON.replace(hour=hour)) for hour in (12, 13))

    assert [step.skipped for step in at_noon.steps] == ["closed", None]
    assert at_noon.trace[1] == "step 1 Cards priority skipped: closed by its opening hours"
    assert [step.skipped for step in later.steps] == [None, None]
    assert skip_reason(later.steps[0], None, NOON.replace(hour=19)) == "closed"


def test_own_opening_hours_hold_when_8x8_cannot_be_asked(policy):
    policy = parse_policy((OPENING + POLICY).replace("[Cards priority, Cards]", "['Cards (102)']"))
    mapped = QueueBook(mapping={"Cards": "102"}, known=False)

    decision = decide(policy, Handoff(intent="reportlostcard"), mapped, NOON)

    assert decision.steps[0].skipped == "closed"


def limited(limits):
    steps = "[{queue: Accounts, timeout_s: 60}, {queue: Cards, timeout_s: 60}, {queue: Spanish}]"
    return parse_policy(
        POLICY.replace("[{queue: Accounts, timeout_s: 30}]", steps) + f"limits: {{{limits}}}\n"
    )


BALANCE = Handoff(intent="checkbalance", channel="mobile")


def test_the_longest_total_wait_shortens_a_step_and_leaves_out_the_rest(book):
    decision = decide(limited("total_wait_s: 90"), BALANCE, book, NOON)

    assert [(step.queue, step.timeout_s) for step in decision.steps] == [
        ("Accounts", 60),
        ("Cards", 30),
    ]
    assert decision.trace[2:] == (
        "step 2 Cards shortened from 60 s: at most 90 s in all",
        "step 2 Cards, 30 s, 2 available",
        "step 3 Spanish left out: at most 90 s in all",
    )


def test_nobody_waits_for_a_step_that_is_skipped_so_it_takes_nothing_of_the_limits(book):
    policy = limited("total_wait_s: 90, reassignments: 1")

    decision = decide(policy, BALANCE, with_state(book, "106", is_open=False), NOON)

    assert [(step.queue, step.timeout_s) for step in decision.steps] == [
        ("Accounts", 60),
        ("Cards", 60),
        ("Spanish", 30),
    ]


def test_the_most_reassignments_leave_out_what_comes_after(book):
    decision = decide(limited("reassignments: 0"), BALANCE, book, NOON)

    assert queues(decision) == ["Accounts"]
    assert decision.trace[-1] == "step 2 Spanish left out: at most 0 re-assignments"


def test_an_override_keeps_to_the_limits(book):
    decision = decide(limited("total_wait_s: 90"), replace_timeout(500), book, NOON)

    assert [step.timeout_s for step in decision.steps] == [90]


def replace_timeout(timeout_s):
    return BALANCE.model_copy(update={"timeout_s": timeout_s})


def test_an_external_failure_path_leads_to_its_target(policy, book):
    text = POLICY.replace(
        "{kind: callback, text: We call you back.}",
        "{kind: external, text: Please call us., target: '+49 30 1234'}",
    )

    decision = decide(parse_policy(text), Handoff(intent="reportlostcard"), book, NOON)

    told = (decision.failure_path, decision.failure_text, decision.failure_target)
    assert told == ("external", "Please call us.", "+49 30 1234")


def test_a_plan_is_made_anew_when_the_queues_are_read_again(policy, book):
    asked = Handoff(intent="reportlostcard")
    empty = replace(book, states={})

    assert queues(decide(policy, asked, book, NOON)) == ["Cards priority", "General"]
    assert decide(policy, asked, empty, NOON).steps[0].queue_id is None
    assert queues(decide(policy, asked, book, NOON)) == ["Cards priority", "General"]
