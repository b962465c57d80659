"""Two weeks of the bank: what must hold of every attempt, and what the weeks tell."""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import binomtest

from analytics.history.demo.canary import SHARE
from connector.handoff import Outcome
from connector.routing import canary_draw
from tests.analytics.bank import UNTIL, Story

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def weeks():
    return Story(14)


def test_every_handoff_ends_once_or_is_still_open(weeks):
    still_open = weeks.handoffs.open
    assert len(still_open) < 10
    for attempt in still_open:
        assert attempt.ending is None
        assert (UNTIL - weeks.at(attempt.started)).total_seconds() < 600
    ids = [attempt.attempt_id for attempt in (*weeks.attempts, *still_open)]
    assert len(set(ids)) == len(ids)
    accepted = {it.attempt_id for it in weeks.attempts if it.ending.accepted}
    parted = [attempt.attempt_id for attempt in weeks.log.engagements]
    assert len(parted) == len(set(parted))
    assert set(parted) <= accepted
    assert len(accepted) - len(parted) <= len(weeks.world.agents)


def test_outcomes_follow_from_the_steps(weeks):
    for attempt in weeks.attempts:
        results = [step.result for step in attempt.steps]
        outcome, last = attempt.ending.outcome, results[-1]
        assert None not in results
        assert (last == "accepted") == (outcome is Outcome.ACCEPTED)
        assert (last == "abandoned") == (outcome is Outcome.ABANDONED)
        skipped = [result.startswith("skipped") for result in results]
        assert all(skipped) == (outcome is Outcome.NO_AGENTS)
        if outcome is Outcome.TIMED_OUT:
            assert "step_timeout" in results
        assert all(result not in ("accepted", "abandoned") for result in results[:-1])


def test_no_step_is_longer_than_its_timeout_and_they_follow_each_other(weeks):
    for attempt in weeks.attempts:
        for step in attempt.steps:
            took = (step.left_at - step.offered_at).total_seconds()
            assert took <= step.planned.timeout_s + 1e-5
            if step.result == "step_timeout":
                assert took == pytest.approx(step.planned.timeout_s, abs=1e-5)
        for step, following in pairwise(attempt.steps):
            assert following.offered_at == step.left_at


def test_nobody_waits_beyond_their_patience(weeks):
    for attempt in weeks.attempts:
        waited = (attempt.ending.at - weeks.at(attempt.started)).total_seconds()
        assert waited <= attempt.person.patience_s + 1e-5
        if attempt.ending.outcome is Outcome.ABANDONED:
            assert waited == pytest.approx(attempt.person.patience_s, abs=1e-5)


def test_an_agent_serves_one_customer_at_a_time(weeks):
    served = defaultdict(list)
    for attempt in weeks.attempts:
        engaged = attempt.engaged
        if engaged is None:
            continue
        first_left = engaged.moved if engaged.moved is not None else engaged.ended
        served[attempt.ending.agent].append((engaged.accepted, first_left or np.inf))
    assert len(served) == len(weeks.world.agents)
    for spans in served.values():
        for (_, left), (came, _) in pairwise(sorted(spans)):
            assert came >= left


def test_who_takes_a_customer_is_on_shift_in_that_queue_and_speaks_the_language(weeks):
    world = weeks.world
    offered_at_most_s = world.answer_s[1]
    for attempt in weeks.attempts:
        if attempt.ending.agent is None:
            continue
        agent = world.agent(attempt.ending.agent)
        assert attempt.steps[-1].planned.queue_id in agent.queues
        assert attempt.payload.user["language"] in agent.languages
        offered_at = attempt.ending.at - timedelta(seconds=offered_at_most_s)
        assert "available" in {world.duty(agent, offered_at), world.duty(agent, attempt.ending.at)}


def test_canaries_take_their_share_of_every_rule_with_the_propensity_logged(weeks):
    arms = Counter((it.decision.rule, it.decision.canary_arm) for it in weeks.attempts)
    rules = {rule for rule, _ in arms}
    assert rules == {rule.name for rule in weeks.policy.rules} | {"default"}
    for rule in rules:
        canary, whole = arms[rule, "canary"], arms[rule, "canary"] + arms[rule, "main"]
        assert binomtest(canary, whole, SHARE).pvalue > 1e-4
    for attempt in weeks.attempts:
        decision, handoff_id = attempt.decision, attempt.person.handoff.handoff_id
        in_canary = canary_draw(handoff_id, decision.policy_version) < SHARE
        assert decision.canary_arm == ("canary" if in_canary else "main")
        assert decision.propensity == (SHARE if in_canary else 1 - SHARE)


def rate(attempts, outcome=Outcome.TIMED_OUT):
    return sum(attempt.ending.outcome is outcome for attempt in attempts) / len(attempts)


def test_two_weeks_tell_the_story_the_demonstration_is_for(weeks):
    attempts, world = weeks.attempts, weeks.world

    def local(attempt):
        return world.local(weeks.at(attempt.started))

    assert 14_500 <= len(attempts) <= 16_800
    assert 0.79 <= rate(attempts, Outcome.ACCEPTED) <= 0.85
    assert 0.09 <= rate(attempts) <= 0.14
    complete = [attempt.payload.completeness == 1 for attempt in attempts]
    assert 0.71 <= np.mean(complete) <= 0.77
    lost = [it for it in attempts if it.person.handoff.intent == "reportlostcard"]
    evening = [it for it in lost if 17 <= local(it).hour < 20]
    others = [it for it in lost if not 17 <= local(it).hour < 20]
    assert 0.25 <= rate(evening) <= 0.42
    assert rate(others) < 0.05
    disputes = [it for it in attempts if it.person.handoff.intent == "disputecharge"]
    evenings = [it for it in disputes if 17 <= local(it).hour < 22]
    tuesdays = [it for it in evenings if local(it).weekday() == 1]
    rest = [it for it in evenings if local(it).weekday() != 1]
    assert rate(tuesdays) > 2 * rate(rest)
    accounts = [it for it in attempts if it.decision.rule == "accounts"]
    short = [it for it in accounts if it.decision.canary_arm == "main"]
    patient = [it for it in accounts if it.decision.canary_arm == "canary"]
    assert rate(short) > rate(patient) + 0.05


def test_context_is_poor_on_whatsapp(weeks):
    complete = defaultdict(list)
    for attempt in weeks.attempts:
        complete[attempt.person.handoff.channel].append(attempt.payload.completeness == 1)
    shares = {channel: np.mean(found) for channel, found in complete.items()}
    assert shares.pop("whatsapp") < min(shares.values()) - 0.2


def test_some_who_were_lost_come_back_and_some_are_passed_on(weeks):
    attempts = weeks.attempts
    lost = sum(not it.ending.accepted for it in attempts)
    given = {it.person.handoff.retry_of for it in weeks.attempts} - {None}
    share = weeks.world.afterwards.retry
    assert binomtest(len(given), lost, share).pvalue > 1e-4
    moved = [it for it in attempts if it.engaged is not None and it.engaged.moved is not None]
    assert 0.02 <= len(moved) / len(attempts) <= 0.08


def test_the_same_seed_gives_the_same_history():
    def story(seed):
        return [(it.attempt_id, it.started, it.ending) for it in Story(0.5, seed).attempts]

    assert story(4) == story(4)
    assert story(4) != story(5)
