"""What holds for every policy: it survives YAML, and it decides, always the same way."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from connector.policy import dump_policy, parse_policy
from connector.routing import decide
from connector.routing.prepared import prepared

from ..bench.routing import scan
from .policies import books, handoffs, moments, policies

few = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@few
@given(policies)
def test_a_policy_survives_yaml_unchanged(policy):
    assert parse_policy(dump_policy(policy)) == policy


@few
@given(policies, handoffs, books, moments)
def test_a_decision_follows_from_its_inputs_alone(policy, handoff, book, now):
    first = decide(policy, handoff, book, now)

    decide(policy, handoff, replace(book, states={}), moments_later(now))
    same_words = parse_policy(dump_policy(policy))
    assert first == decide(policy, handoff, book, now)
    assert first == decide(same_words, handoff, replace(book), now)


@few
@given(policies, handoffs, books, moments)
def test_every_decision_has_a_step_within_the_limits_and_tries_no_queue_twice(
    policy, handoff, book, now
):
    decision = decide(policy, handoff, book, now)

    tried = [step for step in decision.steps if step.skipped is None]
    queues = [step.queue_id for step in decision.steps]
    limits = policy.limits
    assert len(queues) == len(set(queues)) > 0
    assert all(step.timeout_s > 0 for step in decision.steps)
    if limits.total_wait_s is not None:
        assert sum(step.timeout_s for step in tried) <= limits.total_wait_s + 1e-6
    if limits.reassignments is not None:
        assert len(tried) <= limits.reassignments + 1


@settings(few, max_examples=40)
@given(policies, handoffs, moments)
def test_the_index_finds_the_rule_a_linear_scan_finds(policy, handoff, now):
    assert prepared(policy).rules.first(handoff, now) == scan(policy, handoff, now)


def moments_later(now):
    return now.replace(hour=(now.hour + 7) % 24)
