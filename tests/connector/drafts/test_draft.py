import pytest
from hypothesis import given, settings

from connector import drafts
from connector.drafts import Draft, merged_policy
from connector.publishing import difference
from tests.connector.policies import policies
from tests.connector.publishing.drafts import base, with_order

PUBLISHED = base().model_copy(update={"version": 7})


def priority(policy, name, value):
    return drafts.with_rule(policy, name, {"priority": value})


def said(old, new):
    return [change.text for change in difference(old, new)]


def test_edits_are_undone_one_by_one_with_their_words():
    draft = Draft.of(PUBLISHED)
    once = draft.edited(priority(draft.policy, "card", "high"), "priority of card")
    twice = once.edited(drafts.removed(once.policy, ["refund"]), "deleting refund")
    assert (twice.undoes, twice.revision) == ("deleting refund", 2)
    assert twice.undone().policy == once.policy
    assert twice.undone().undone().policy == draft.policy
    assert twice.undone().undone().undoes is None
    assert draft.undone() is draft


def test_an_edit_that_changes_nothing_is_none():
    draft = Draft.of(PUBLISHED)
    assert draft.edited(PUBLISHED, "nothing") is draft


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(policies, policies)
def test_any_edit_can_be_undone_also_after_the_draft_was_written_down(before, after):
    start = Draft.of(before.model_copy(update={"version": 1}))
    edited = start.edited(after, "everything")
    read = Draft.model_validate_json(edited.model_dump_json(exclude_defaults=True))
    assert read == edited
    assert read.undone().policy == start.policy


def test_a_draft_goes_on_from_what_others_published():
    draft = Draft.of(PUBLISHED)
    draft = draft.edited(priority(draft.policy, "card", "high"), "card")
    newest = priority(PUBLISHED, "refund", "low").model_copy(update={"version": 8})
    on = draft.on(PUBLISHED, newest)
    assert (on.base, on.undoes) == (8, None)
    assert said(newest, on.policy) == ["`card`: priority: normal -> high"]


def test_where_both_changed_the_same_field_the_drafts_value_stays():
    ours, theirs = priority(base(), "card", "high"), priority(base(), "card", "urgent")
    theirs = drafts.with_rule(theirs, "card", {"required": ["name"]})
    merged = drafts.rule_of(merged_policy(base(), theirs, ours), "card")
    assert (merged.priority, merged.required) == ("high", ("name",))


def test_rules_of_both_are_there_and_what_either_removed_is_gone():
    content = {"intents": ["loan"], "steps": [{"queue": "General"}]}
    theirs = drafts.add_rule(drafts.removed(base(), ["refund"]), content | {"name": "t"}, at=0)
    ours = drafts.add_rule(drafts.removed(base(), ["balance"]), content | {"name": "o"})
    merged = merged_policy(base(), theirs, ours)
    assert [rule.name for rule in merged.rules] == ["t", "card", "o"]


def test_a_rule_that_one_removed_and_the_other_changed_stays():
    theirs = drafts.removed(base(), ["card"])
    merged = merged_policy(base(), theirs, priority(base(), "card", "high"))
    assert drafts.rule_of(merged, "card").priority == "high"


def test_the_order_is_that_of_whoever_changed_it():
    turned = with_order(base(), "balance", "card", "refund")
    assert merged_policy(base(), turned, base()) == turned
    assert merged_policy(base(), base(), turned) == turned


def test_entries_of_lists_by_name_are_merged_one_by_one():
    theirs = drafts.with_fields(base(), skills={**base().skills, "es": {"language": "es"}})
    ours = drafts.with_fields(base(), skills={**base().skills, "fr": {"language": "fr"}})
    assert set(merged_policy(base(), theirs, ours).skills) == {"money", "es", "fr"}


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(policies, policies)
def test_what_only_one_side_changed_is_what_comes_out(one, other):
    one, other = (policy.model_copy(update={"version": 0}) for policy in (one, other))
    assert merged_policy(one, other, one) == other
    assert merged_policy(one, one, other) == other
