import pytest

from connector import drafts
from connector.errors import PolicyError
from tests.connector.publishing.drafts import base


def names(policy):
    return [rule.name for rule in policy.rules]


def test_a_field_of_one_rule_is_replaced_and_all_else_stays():
    found = drafts.with_rule(base(), "card", {"priority": "high"})
    assert drafts.rule_of(found, "card").priority == "high"
    assert drafts.with_rule(found, "card", {"priority": "normal"}) == base()


def test_the_default_rule_is_edited_like_any_other():
    found = drafts.with_rule(base(), "default", {"steps": [{"queue": "Front"}]})
    assert found.default.steps[0].queue == "Front"


def test_a_copy_comes_right_after_and_has_a_name_of_its_own():
    found, copy = drafts.duplicated(base(), "refund")
    assert names(found) == ["refund", "copy of refund", "card", "balance"]
    again, second = drafts.duplicated(found, "refund")
    assert (copy, second) == ("copy of refund", "copy of refund 2")
    assert names(again)[:3] == ["refund", "copy of refund 2", "copy of refund"]


@pytest.mark.parametrize(
    ("to", "order"),
    [
        (0, ["balance", "refund", "card"]),
        (1, ["refund", "balance", "card"]),
        (-5, ["balance", "refund", "card"]),
        (99, ["refund", "card", "balance"]),
    ],
)
def test_a_rule_moves_to_a_place_and_no_further_than_the_ends(to, order):
    assert names(drafts.moved(base(), "balance", to)) == order


def test_rules_are_added_and_removed():
    content = {"name": "loan", "intents": ["loan"], "steps": [{"queue": "General"}]}
    more = drafts.add_rule(base(), content, at=1)
    assert names(more) == ["refund", "loan", "card", "balance"]
    assert drafts.removed(more, ["loan"]) == base()


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda p: drafts.with_rule(p, "card", {"steps": ()}), "Write at least one"),
        (lambda p: drafts.with_rule(p, "card", {"name": "refund"}), "two rules have the name"),
        (lambda p: drafts.with_rule(p, "card", {"name": "default"}), "Choose another name"),
        (lambda p: drafts.with_rule(p, "card", {"name": ""}), "at least 1 character"),
        (lambda p: drafts.with_rule(p, "card", {"priority": "soon"}), "Write one of"),
        (lambda p: drafts.with_rule(p, "gone", {"priority": "low"}), "no rule `gone` any more"),
        (lambda p: drafts.with_rule(p, "card", {"steps": [{"skill": "no"}]}), "not listed"),
        (
            lambda p: drafts.with_rule(p, "card", {"steps": [{"queue": "A", "timeout_s": -5}]}),
            "Write seconds",
        ),
        (lambda p: drafts.with_fields(p, zone="Mars"), "is not a time zone"),
        (lambda p: drafts.with_fields(p, skills={}), "not listed under `skills`"),
        (lambda p: drafts.removed(p, ["default"]), "The default rule stays"),
        (lambda p: drafts.moved(p, "default", 0), "The default rule stays"),
        (lambda p: drafts.duplicated(p, "default"), "The default rule stays"),
        (lambda p: drafts.add_rule(p, {"name": "x"}), "Add it"),
    ],
)
def test_what_is_no_policy_is_refused_with_what_to_do(edit, says):
    with pytest.raises(PolicyError, match=says):
        edit(base())
