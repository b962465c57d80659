"""Which queues a handoff tries."""

from dataclasses import replace

import pytest

from connector.handoff import Handoff
from connector.policy import parse_policy
from connector.queues import QueueBook, QueueState
from connector.routing import canary_draw, decide

from .conftest import NOON, POLICY


def queues(decision):
    return [step.queue for step in decision.steps]


def with_state(book, queue_id, **changes):
    states = {**book.states, queue_id: replace(book.states[queue_id], **changes)}
    return replace(book, states=states)


def test_the_first_rule_that_matches_wins_and_the_trace_says_why(policy, book):
    decision = decide(policy, Handoff(intent="checkbalance", channel="mobile"), book, NOON)

    assert decision.rule == "mobile balance"
    assert queues(decision) == ["Accounts"]
    assert decision.trace == (
        "rule 3 `mobile balance` matched intent=checkbalance, channel=mobile",
        "step 1 Accounts, 30 s, 2 available",
    )


@pytest.mark.parametrize(
    "handoff", [Handoff(intent="weather"), Handoff(), Handoff(intent="checkbalance", channel="web")]
)
def test_the_default_queue_takes_whatever_no_rule_takes(policy, book, handoff):
    decision = decide(policy, handoff, book, NOON)

    assert (decision.rule, queues(decision)) == ("default", ["General"])


def test_a_high_priority_goes_to_the_twin_queue(policy, book):
    decision = decide(policy, Handoff(intent="reportlostcard"), book, NOON)

    assert queues(decision) == ["Cards priority", "General"]
    assert decision.priority == "high"
    assert decision.required == ("transcript", "customer_name", "category", "card_number")


def test_a_skill_is_a_queue_and_a_language(policy, book):
    decision = decide(policy, Handoff(intent="spanish_support", language="en"), book, NOON)

    assert (queues(decision), decision.language, decision.skill) == (
        ["Spanish"],
        "es",
        "spanish_support",
    )


def test_a_step_without_agents_is_skipped_and_the_trace_reads_well(policy, book):
    empty = with_state(book, "103", available=0, busy=0)

    decision = decide(policy, Handoff(intent="reportlostcard"), empty, NOON)

    assert [step.skipped for step in decision.steps] == ["nobody_logged_in", None]
    assert decision.trace[1:] == (
        "step 1 Cards priority skipped: nobody logged in",
        "step 2 General, 45 s, 2 available",
    )


def test_a_closed_queue_is_skipped(policy, book):
    decision = decide(policy, Handoff(), with_state(book, "101", is_open=False), NOON)

    assert decision.steps[0].skipped == "closed"


def test_busy_agents_are_worth_waiting_for(policy, book):
    decision = decide(policy, Handoff(), with_state(book, "101", available=0, busy=3), NOON)

    assert decision.steps[0].skipped is None


def test_an_override_replaces_its_part_of_the_first_step_alone(policy, book):
    handoff = Handoff(intent="reportlostcard", queue="Accounts", timeout_s=5, priority="low")

    decision = decide(policy, handoff, book, NOON)

    assert decision.decided_by == "override"
    assert [(step.queue, step.timeout_s) for step in decision.steps] == [
        ("Accounts", 5),
        ("General", 45),
    ]
    assert decision.priority == "low"
    assert decision.failure_text == "We call you back."
    assert "card_number" in decision.required


def test_an_unknown_skill_override_is_ignored_and_said(policy, book):
    decision = decide(policy, Handoff(skill="juggling"), book, NOON)

    assert queues(decision) == ["General"]
    assert "override skill=juggling is not in the policy: ignored" in decision.trace


def test_a_queue_this_tenant_lacks_falls_to_the_default_once(policy):
    book = QueueBook.of([QueueState("9", "General", available=1)])

    decision = decide(policy, Handoff(intent="reportlostcard"), book, NOON)

    assert [step.queue_id for step in decision.steps] == ["9"]
    assert decision.trace[1] == "queue Cards is not in this tenant: default queue General"
    assert decision.trace[-1] == "step 2 General left out: it was tried before"


def test_a_mapping_finds_the_tenants_own_queue(policy, book):
    mapped = replace(book, mapping={"Cards": "106", "Cards priority": "106"})

    assert queues(decide(policy, Handoff(intent="reportlostcard"), mapped, NOON))[0] == "Accounts"


def test_the_default_queue_chosen_for_the_tenant_replaces_the_policys(policy, book):
    chosen = replace(book, default_queue="106")

    assert queues(decide(policy, Handoff(), chosen, NOON)) == ["Accounts"]


def test_without_any_queue_the_channels_own_is_left(policy):
    decision = decide(policy, Handoff(), QueueBook(), NOON)

    assert decision.steps[0].queue_id is None
    assert decision.trace[1] == "queue General is not in this tenant: the channel's own queue"


def test_ids_are_taken_on_trust_when_8x8_cannot_be_asked(policy):
    text = POLICY.replace("queue: Cards,", "queue: Cards (102),")
    decision = decide(
        parse_policy(text), Handoff(intent="reportlostcard"), QueueBook(known=False), NOON
    )

    assert (decision.steps[0].queue_id, decision.steps[0].skipped) == ("102", None)


def test_a_canary_draw_is_repeatable_and_has_its_share():
    draws = [canary_draw(f"h{number}", 7) for number in range(20_000)]

    assert draws[0] == canary_draw("h0", 7) != canary_draw("h0", 8)
    assert sum(draw < 0.05 for draw in draws) / len(draws) == pytest.approx(0.05, abs=0.005)


def test_a_canary_sends_its_share_the_other_way_with_its_propensity(policy, book):
    steps = policy.rules[2].steps
    text = POLICY.replace(
        "steps: [{queue: Accounts, timeout_s: 30}]",
        "steps: [{queue: Accounts, timeout_s: 30}]\n"
        "    canary: {share: 0.25, steps: [{queue: General}]}",
    )
    policy = parse_policy(text)
    assert policy.rules[2].steps == steps

    decisions = [
        decide(
            policy, Handoff(handoff_id=f"h{n}", intent="checkbalance", channel="mobile"), book, NOON
        )
        for n in range(400)
    ]

    arms = {(d.canary_arm, d.propensity, d.steps[0].queue) for d in decisions}
    assert arms == {("canary", 0.25, "General"), ("main", 0.75, "Accounts")}


OVERFLOW = """
default_queue: General
rules:
  - name: card
    intents: [card]
    categories: [Cards]
    steps: [{queue: Cards (102), timeout_s: 40}, {queue: General, timeout_s: 40}]
default: {steps: [{queue: General}]}
skills: {in_spanish: {language: es}}
priority_twins: {Cards: {high: Cards priority}, General: {high: Accounts}}
"""


def asked(**overrides):
    return Handoff(intent="card", category="Cards", **overrides)


def test_a_priority_override_leaves_the_overflow_as_it_is(book):
    decision = decide(parse_policy(OVERFLOW), asked(priority="high"), book, NOON)

    assert queues(decision) == ["Cards priority", "General"]
    assert (decision.priority, decision.decided_by) == ("high", "override")


def test_a_skill_override_that_names_no_queue_keeps_the_steps_own(book):
    decision = decide(parse_policy(OVERFLOW), asked(skill="in_spanish"), book, NOON)

    assert queues(decision) == ["Cards", "General"]
    assert [step.language for step in decision.steps] == ["es", None]


def test_an_unknown_skill_alone_is_no_override(book):
    decision = decide(parse_policy(OVERFLOW), asked(skill="nonsense"), book, NOON)

    assert (queues(decision), decision.decided_by) == (["Cards", "General"], "rule")
    assert "override skill=nonsense is not in the policy: ignored" in decision.trace


def test_a_blank_override_is_none(book):
    decision = decide(parse_policy(OVERFLOW), asked(queue=" ", skill=""), book, NOON)

    assert (queues(decision), decision.decided_by) == (["Cards", "General"], "rule")


def test_the_trace_names_what_the_rule_asked_for(book):
    decision = decide(parse_policy(OVERFLOW), asked(), book, NOON)

    assert decision.trace[0] == "rule 1 `card` matched intent=card, category=Cards"


def test_queues_read_before_are_found_by_name_and_not_skipped_when_8x8_is_silent(book):
    closed = with_state(book, "102", is_open=False)
    decision = decide(parse_policy(OVERFLOW), asked(), replace(closed, known=False), NOON)

    assert [(step.queue_id, step.skipped) for step in decision.steps] == [
        ("102", None),
        ("101", None),
    ]
    unknown = decide(parse_policy(OVERFLOW), Handoff(), QueueBook(known=False), NOON)
    assert "General cannot be looked up, 8x8 does not answer" in unknown.trace[1]
