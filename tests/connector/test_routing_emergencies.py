"""What an emergency makes of a decision."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.emergency import Declared, Emergency
from connector.handoff import Handoff
from connector.policy import Canary, FailurePath, Step
from connector.queues import QueueBook
from connector.routing import decide, under_emergency
from tests.connector.conftest import NOON

HOUR = timedelta(hours=1)
LOST_CARD = Handoff(handoff_id="h1", intent="reportlostcard")


def declared(by="Ann", **given):
    given = {"until": NOON + HOUR, "queue": "General (101)"} | given
    if given.get("failure_path"):
        given["queue"] = None
    return Declared("e1", NOON - HOUR, by, Emergency(**given))


@pytest.fixture
def decided(policy, book):
    def made(handoff, *emergencies, now=NOON, book=book):
        return under_emergency(decide(policy, handoff, book, now), handoff, emergencies, book, now)

    return made


def queues_of(decision):
    return [step.queue for step in decision.steps]


def test_without_one_the_decision_stays_the_same_object(policy, book):
    decision = decide(policy, LOST_CARD, book, NOON)
    assert under_emergency(decision, LOST_CARD, [], book, NOON) is decision


def test_its_queue_takes_the_place_of_all_steps(decided, policy, book):
    plain = decide(policy, LOST_CARD, book, NOON)
    decision = decided(LOST_CARD, declared(timeout_s=30.0))
    assert queues_of(plain) == ["Cards priority", "General"]
    assert [(one.queue_id, one.timeout_s) for one in decision.steps] == [("101", 30.0)]
    assert (decision.decided_by, decision.rule) == ("emergency", "lost card")
    assert (decision.failure_path, decision.failure_text) == ("callback", "We call you back.")
    assert decision.required == plain.required
    assert not decision.closed
    assert decision.trace[-1] == (
        "emergency declared by Ann, until 2026-11-24 13:00 UTC: only General for 30 s, "
        "2 agents available"
    )
    assert decision.trace[:-1] == plain.trace


def test_a_failure_path_closes_the_steps_and_keeps_them_for_the_log(decided):
    path = FailurePath(kind="external", text="Call us.", target="+49 30 1234")
    decision = decided(LOST_CARD, declared(failure_path=path))
    assert decision.closed
    assert queues_of(decision) == ["Cards priority", "General"]
    assert (decision.failure_path, decision.failure_text, decision.failure_target) == (
        "external",
        "Call us.",
        "+49 30 1234",
    )
    assert decision.trace[-1].endswith("no step is tried, external at once")


@pytest.mark.parametrize(
    ("chosen", "concerns"),
    [
        ({}, True),
        ({"intents": ("reportlostcard",)}, True),
        ({"intents": ("checkbalance",)}, False),
        ({"queues": ("Cards priority (103)",)}, True),
        ({"queues": ("An old name (103)",)}, True),
        ({"queues": ("cards priority",)}, True),
        ({"queues": ("General (101)",)}, False),  # its overflow, not its first queue
        ({"queues": ("Cards priority (999)",)}, False),
        ({"queues": ("General (101)",), "intents": ("reportlostcard",)}, True),
    ],
)
def test_it_concerns_all_or_the_first_queue_or_the_intent(decided, chosen, concerns):
    decision = decided(LOST_CARD, declared(queue="Accounts (106)", **chosen))
    assert (decision.decided_by == "emergency") == concerns


def test_a_handoff_without_an_intent_is_none_of_the_chosen_ones(decided):
    decision = decided(Handoff(), declared(intents=("reportlostcard",)))
    assert decision.decided_by == "rule"


def test_it_is_over_at_its_time(decided):
    one = declared()
    assert decided(LOST_CARD, one, now=NOON + HOUR - timedelta(seconds=1)).decided_by == "emergency"
    assert decided(LOST_CARD, one, now=NOON + HOUR).decided_by == "rule"
    assert decided(LOST_CARD, replace(one, ended_at=NOON)).decided_by == "rule"


def test_of_several_the_first_that_concerns_it_decides(decided):
    newest = declared("Ann", queue="Accounts (106)", intents=("checkbalance",))
    older = declared("Bob", queue="Spanish (107)")
    oldest = declared("Cleo", queue="General (101)")
    assert queues_of(decided(LOST_CARD, newest, older, oldest)) == ["Spanish"]


def test_neither_override_nor_skill_nor_canary_has_a_say(policy, book):
    canary = Canary(share=0.5, steps=(Step(queue="General"),))
    rules = [rule.model_copy(update={"canary": canary}) for rule in policy.rules]
    policy = policy.model_copy(update={"rules": tuple(rules)})
    handoff = Handoff(intent="spanish_support", queue="Cards", language="fr")
    decision = decide(policy, handoff, book, NOON)
    assert decision.propensity == 0.5
    decision = under_emergency(decision, handoff, [declared()], book, NOON)
    assert queues_of(decision) == ["General"]
    assert (decision.decided_by, decision.canary_arm, decision.propensity) == ("emergency", None, 1)
    assert (decision.skill, decision.language) == (None, "fr")


def test_with_a_tenant_that_cannot_be_asked_it_goes_by_what_is_written(decided):
    unknown = QueueBook(known=False)
    decision = decided(LOST_CARD, declared(queues=("Cards priority",)), book=unknown)
    assert decision.decided_by == "rule", "nothing tells of the twin queue"
    decision = decided(LOST_CARD, declared(), book=unknown)
    assert [(one.queue_id, one.queue) for one in decision.steps] == [("101", "General")]
