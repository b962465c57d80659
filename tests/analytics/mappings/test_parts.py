import pandas as pd
import pytest
from hypothesis import given, settings

from analytics.mappings import parts
from connector.errors import PolicyError
from connector.policy import Policy, Rule
from tests.connector.policies import policies

pytestmark = pytest.mark.slow


def with_fields(policy, **fields):
    return Policy.model_validate(dict(policy) | fields)


@settings(max_examples=60, deadline=None)
@given(policies)
def test_a_policy_survives_its_tables_and_texts_unchanged(policy):
    fields, required = parts.fields_of(
        parts.fields_frame(policy.context_fields, policy.required), policy.required
    )
    back = with_fields(
        policy,
        opening_hours=parts.hours_of(parts.hours_frame(policy.opening_hours), policy.opening_hours),
        context_fields=fields,
        required=required,
        skills=parts.skills_of(parts.skills_frame(policy.skills)),
        priority_twins=parts.twins_of(parts.twins_frame(policy.priority_twins))
        | {name: {} for name, by in policy.priority_twins.items() if not by},
    )
    assert back.model_copy(update={"priority_twins": policy.priority_twins}) == policy
    assert {name: by for name, by in back.priority_twins.items() if by} == {
        name: by for name, by in policy.priority_twins.items() if by
    }


@settings(max_examples=60, deadline=None)
@given(policies)
def test_rules_survive_their_tables_and_texts_unchanged(policy):
    for rule in policy.rules:
        written = parts.variable_lines(rule.variables)
        content = dict(rule) | {
            "steps": parts.steps_of(parts.steps_frame(rule.steps)),
            "hours": parts.listed(parts.period_lines(rule.hours)),
            "variables": parts.variables_of(written, rule.variables),
        }
        assert Rule.model_validate(content) == rule


@settings(max_examples=40, deadline=None)
@given(policies)
def test_opening_hours_are_read_from_their_words_alone(policy):
    named = {name: hours for name, hours in policy.opening_hours.items() if name.strip()}
    read = parts.hours_of(parts.hours_frame(named), {})
    assert dict(with_fields(policy, opening_hours=read).opening_hours) == named


def test_blank_rows_are_none():
    blank = {"queue": None, "skill": None, "timeout_s": 60.0, "closed": True}
    step = {"queue": "Cards", "timeout_s": 60.0, "closed": True, "expected_wait_over_s": 120.0}
    frame = pd.DataFrame([blank, step | {"waiting_over": 3.0}], columns=list(parts.STEP_COLUMNS))
    assert parts.steps_of(frame) == [
        {
            "queue": "Cards",
            "timeout_s": 60.0,
            "skip_if": ["closed", {"expected_wait_over_s": 120.0}, {"waiting_over": 3}],
        }
    ]


def test_conditions_on_variables_are_lines():
    assert parts.variables_of("tier = gold; silver\n\narea=north", {}) == {
        "tier": ["gold", "silver"],
        "area": ["north"],
    }
    with pytest.raises(PolicyError, match="is no condition"):
        parts.variables_of("tier gold", {})


def test_a_name_is_there_once_and_a_row_has_one():
    frame = pd.DataFrame({"alias": ["a", "a"], "queue": ["X", "Y"], "language": [None, None]})
    with pytest.raises(PolicyError, match="`a` is there twice"):
        parts.skills_of(frame.astype("string"))
    frame["alias"] = [None, "b"]
    with pytest.raises(PolicyError, match="A row has no alias"):
        parts.skills_of(frame.astype("string"))
