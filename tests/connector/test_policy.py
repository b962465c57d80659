"""Policies are read with clear mistakes and written without loss."""

from pathlib import Path

import pytest

from connector.errors import PolicyError
from connector.policy import dump_policy, load_policy, parse_policy

from .conftest import POLICY

SHIPPED = Path(__file__).parents[2] / "data" / "policy.yaml"
INTENTS = {
    "reportlostcard",
    "updateaddress",
    "checkbalance",
    "transfermoney",
    "disputecharge",
    "replacecard",
    "closeaccount",
    "getroutingnumber",
    "checkoffereligibility",
    "orderchecks",
    "openaccount",
}


def test_a_policy_is_written_and_read_back_without_loss():
    policy = parse_policy(POLICY)

    assert parse_policy(dump_policy(policy)) == policy


def test_the_shipped_policy_has_a_rule_for_each_finance_intent():
    policy = load_policy(SHIPPED)

    ruled = {intent for rule in policy.rules for intent in rule.intents}
    assert ruled == INTENTS | {"spanish_support"}


@pytest.mark.parametrize(
    ("intent", "required"),
    [
        ("reportlostcard", {"card_number"}),
        ("replacecard", {"card_number"}),
        ("disputecharge", {"charge_amount", "charge_date"}),
        ("transfermoney", {"transferamount"}),
        ("updateaddress", {"address"}),
        ("checkbalance", {"account_number"}),
        ("closeaccount", set()),
    ],
)
def test_the_shipped_policy_requires_what_each_intent_needs(intent, required):
    policy = load_policy(SHIPPED)
    rule = next(rule for rule in policy.rules if intent in rule.intents)

    assert set(policy.required_for(rule)) == {"transcript", "customer_name", "category"} | required


MISTAKES = {
    "a field nobody knows": (POLICY.replace("queue: Accounts", "queu: Accounts"), 19, "queu"),
    "no default rule": ("default_queue: General\n", 1, "default"),
    "a timeout of nothing": (POLICY.replace("timeout_s: 45", "timeout_s: 0"), 12, "timeout_s"),
    "an unknown priority": (POLICY.replace("priority: high", "priority: huge"), 13, "priority"),
    "a zone that is none": (f"zone: Mars/Base\n{POLICY.lstrip()}", 1, "zone"),
    "broken yaml": ("rules: [\n  - x: {", 2, ""),
    "an unlisted skill": (POLICY.replace("  spanish_support: {q", "  other: {q"), None, ""),
    "a list in place of a policy": ("- a\n- b\n", 1, ""),
    "an empty file": ("", 1, ""),
}


@pytest.mark.parametrize(("text", "line", "field"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_names_file_line_and_field(tmp_path, text, line, field):
    file = tmp_path / "policy.yaml"
    file.write_text(text)

    with pytest.raises(PolicyError) as caught:
        load_policy(file)

    error = caught.value
    assert str(file) in str(error)
    assert line is None or error.line == line
    assert field in (error.field or "")


def test_two_rules_of_one_name_are_refused():
    twice = POLICY.replace("name: mobile balance", "name: lost card")

    with pytest.raises(PolicyError, match="two rules have the name lost card"):
        parse_policy(twice)


def test_a_missing_file_is_a_policy_error(tmp_path):
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(tmp_path / "none.yaml")
