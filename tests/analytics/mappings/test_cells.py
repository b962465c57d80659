import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.mappings import grid
from analytics.mappings.cells import Choices, cells, with_cell
from connector import drafts
from connector.errors import PolicyError
from connector.policy import Policy
from tests.connector.policies import policies
from tests.connector.publishing.drafts import base

pytestmark = pytest.mark.slow
EDITABLE = (
    "place",
    "rule",
    "intents",
    "queue",
    "wait",
    "then",
    "priority",
    "if_nobody",
    "skill",
)

NUMBERS = {"rule": [], "attempts": []}


def set_cell(name, column, value, policy=None, queues=()):
    policy = policy or base()
    return with_cell(policy, name, column, value, Choices.of(policy, queues))[0]


def first_step(policy, name):
    return drafts.rule_of(policy, name).steps[0]


@settings(max_examples=80, deadline=None)
@given(policies)
def test_a_policy_survives_the_grid_unchanged_when_every_cell_is_written_back(policy):
    choices = Choices.of(policy)
    for name in [*(rule.name for rule in policy.rules), drafts.DEFAULT]:
        shown = cells(policy, name)
        assert tuple(shown) == EDITABLE
        for column, value in shown.items():
            assert with_cell(policy, name, column, value, choices) == (policy, name)


@settings(max_examples=80, deadline=None)
@given(policies, st.data())
def test_a_cell_set_and_set_back_gives_the_same_policy_but_for_what_a_cell_cannot_hold(
    policy, data
):
    choices = Choices.of(policy)
    name = data.draw(st.sampled_from([*(rule.name for rule in policy.rules), drafts.DEFAULT]))
    was = cells(policy, name)
    changed, _ = with_cell(policy, name, "priority", "high", choices)
    back, _ = with_cell(changed, name, "priority", was["priority"], choices)
    assert back == policy
    if was["queue"] is not None:
        changed, _ = with_cell(policy, name, "queue", "Payments", choices)
        assert with_cell(changed, name, "queue", was["queue"], choices)[0] == policy
    if was["then"] is not None:
        changed, _ = with_cell(policy, name, "then", None, choices)
        back, _ = with_cell(changed, name, "then", was["then"], choices)
        assert cells(back, name)["then"] == was["then"]


@settings(max_examples=60, deadline=None)
@given(policies, st.integers(-3, 9))
def test_a_rule_that_moved_can_move_back(policy, to):
    if not policy.rules:
        return
    choices, name = Choices.of(policy), policy.rules[0].name
    moved, _ = with_cell(policy, name, "place", to, choices)
    assert with_cell(moved, name, "place", 1, choices)[0] == policy


def test_a_queue_takes_the_place_of_a_skill_and_a_skill_that_of_a_queue():
    step = first_step(set_cell("balance", "queue", "Cards"), "balance")
    assert (step.queue, step.skill) == ("Cards", None)
    step = first_step(set_cell("card", "skill", "money"), "card")
    assert (step.queue, step.skill, step.timeout_s) == (None, "money", 30)


def test_what_no_cell_shows_of_a_step_stays():
    steps = [{"queue": "Cards", "skip_if": ["closed", {"waiting_over": 3}]}]
    policy = drafts.with_rule(base(), "card", {"steps": steps})
    step = first_step(set_cell("card", "wait", 75, policy), "card")
    assert (step.timeout_s, step.skip_if.waiting_over) == (75, 3)


def test_an_overflow_is_chosen_among_queues_and_those_that_are_there():
    choices = Choices.of(base(), ["Night desk"])
    assert {"Cards 60 s", "General 45 s", "Night desk 60 s"} <= set(choices.overflows)
    steps = drafts.rule_of(
        set_cell("refund", "then", "Night desk 60 s", queues=["Night desk"]), "refund"
    ).steps
    assert [step.queue for step in steps] == ["Billing", "Night desk"]
    assert len(drafts.rule_of(set_cell("card", "then", None), "card").steps) == 1


def test_intents_are_trimmed_and_each_is_there_once():
    policy = set_cell("refund", "intents", [" refund ", "chargeback", "refund", " "])
    assert drafts.rule_of(policy, "refund").intents == ("refund", "chargeback")


def test_a_target_goes_with_the_external_failure_path():
    path = {"kind": "external", "target": "+49 30 1", "text": "Call us."}
    policy = drafts.with_rule(base(), "card", {"failure_path": path})
    found = drafts.rule_of(set_cell("card", "if_nobody", "callback", policy), "card").failure_path
    assert (found.kind, found.text, found.target) == ("callback", "Call us.", None)


@pytest.mark.parametrize(
    ("name", "column", "value", "says"),
    [
        ("card", "wait", -5, "Write seconds"),
        ("card", "wait", 0, "Write seconds"),
        ("card", "wait", 1e9, "a day"),
        ("card", "wait", None, "Write seconds"),
        ("card", "priority", "soon", "Write one of"),
        ("card", "priority", None, "Write one of"),
        ("card", "queue", None, "Choose one of them"),
        ("card", "skill", "unheard of", "not listed"),
        ("card", "then", "Nowhere 60 s", "no overflow that is known"),
        ("card", "if_nobody", "external", "has no target"),
        ("card", "rule", "refund", "two rules have the name"),
        ("card", "rule", None, "at least 1 character"),
        ("card", "place", "first", "no number"),
        ("card", "place", None, "no number"),
        ("default", "place", 1, "stays last"),
        ("default", "rule", "all else", "keeps its name"),
        ("default", "intents", ["refund"], "has no intents"),
        ("gone", "priority", "low", "no rule `gone` any more"),
    ],
)
def test_a_cell_that_makes_no_policy_is_refused_with_what_to_do(name, column, value, says):
    with pytest.raises(PolicyError, match=says):
        set_cell(name, column, value)


def test_of_several_edits_those_that_will_do_are_taken_and_the_others_named():
    edits = {0: {"priority": "low", "wait": -1.0}, 1: {"rule": "cards", "queue": "Front"}}
    found = grid.applied(base(), ["refund", "card"], edits, [])
    assert isinstance(found.policy, Policy)
    assert drafts.rule_of(found.policy, "refund").priority == "low"
    assert first_step(found.policy, "cards").queue == "Front"
    [refused] = found.refused
    assert refused.startswith("refund: ")
    assert "Write seconds" in refused
