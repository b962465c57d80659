"""The parts of a policy: what is refused and why, what older forms become, what follows."""

from pathlib import Path

import pytest

from connector.errors import PolicyError
from connector.policy import SkipIf, Step, dump_policy, parse_policy, read_policy

from .conftest import POLICY

STEP = "{queue: Accounts, timeout_s: 30}"
RULE = "    channels: [mobile]\n"

MISTAKES = {
    "a rule without steps": (f"    steps: [{STEP}]\n", "", 16, "rules.2.steps", "Add it."),
    "no step in the list": (STEP, "", 19, "rules.2.steps", "Write at least one."),
    "a negative timeout": ("timeout_s: 45", "timeout_s: -5", 12, "timeout_s", "Write seconds"),
    "an absurd timeout": ("timeout_s: 45", "timeout_s: 1e9", 12, "timeout_s", "Write seconds"),
    "an endless timeout": ("timeout_s: 45", "timeout_s: .inf", 12, "timeout_s", "Write seconds"),
    "a rule named twice": ("mobile balance", "lost card", 16, "rules.2.name", "a name of its own"),
    "an unknown key": (RULE, f"{RULE}    colour: red\n", 19, "colour", "spelling mistake"),
    "a canary of everything": (
        RULE,
        f"{RULE}    canary: {{share: 1, steps: [{{queue: General}}]}}\n",
        19,
        "rules.2.canary.share",
        "Write a share above 0 and up to 0.5",
    ),
    "a named agent": ("queue: Accounts", "agent: Ana", 19, "steps.0.agent", "a queue or a skill"),
    "an outsider as a step": ("queue: Accounts", "external: x", 19, "external", "kind: external"),
    "an unlisted skill": ("queue: Accounts", "skill: dance", 19, "steps.0.skill", "List it"),
    "external without target": ("kind: callback", "kind: external", 15, "failure_path", "target"),
    "a target of a callback": (
        "kind: callback",
        "kind: callback, target: x",
        15,
        "failure_path.target",
        "Remove it",
    ),
    "a personal condition": (
        RULE,
        f"{RULE}    variables: {{card_number: [1]}}\n",
        19,
        "rules.2.variables.card_number",
        "personal: false",
    ),
    "an unlisted condition": (
        RULE,
        f"{RULE}    variables: {{tier: gold}}\n",
        19,
        "rules.2.variables.tier",
        "personal: false",
    ),
    "a range upside down": (
        RULE,
        f"{RULE}    confidence: {{min: 0.8, max: 0.2}}\n",
        19,
        "rules.2.confidence.min",
        "Swap",
    ),
    "a confidence in per cent": (
        RULE,
        f"{RULE}    confidence: {{min: 80}}\n",
        19,
        "rules.2.confidence.min",
        "Correct",
    ),
    "an unknown skip": (
        STEP,
        "{queue: Accounts, skip_if: [rain]}",
        19,
        "rules.2.steps.0.skip_if",
        "waiting_over: 10",
    ),
    "no queue in line": (
        STEP,
        "{queue: Accounts, skip_if: [{waiting_over: -1}]}",
        19,
        "skip_if.waiting_over",
        "Correct",
    ),
    "a zone that is a number": ("default_queue", "zone: 5\ndefault_queue", 2, "zone", "quotes"),
    "a yes for an intent": ("[checkbalance]", "[yes]", 17, "rules.2.intents.0", "quotes"),
    "a key written twice": (RULE, f"{RULE}{RULE}", 19, "channels", ""),
}


@pytest.mark.parametrize(("old", "new", "line", "field", "fix"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_names_its_line_its_field_and_what_to_do(old, new, line, field, fix):
    assert old in POLICY

    with pytest.raises(PolicyError) as caught:
        parse_policy(POLICY.replace(old, new))

    error = caught.value
    assert (error.line, field in error.field, fix in (error.fix or "")) == (line, True, True), error


OLDER = """default_queue: General
rules:
  - name: lost card
    intent: reportlostcard
    queue: Cards
    timeout_s: 30
    failure_path: callback
  - name: rest
    steps: [{queue: General, skip_if: [nobody_logged_in, all_busy]}]
default: {queue: General}
"""


def test_an_older_form_is_migrated_with_a_note_for_each_change():
    reading = read_policy(OLDER)

    lost, rest = reading.policy.rules
    assert (lost.intents, lost.steps) == (("reportlostcard",), (Step(queue="Cards", timeout_s=30),))
    assert lost.failure_path.kind == "callback"
    assert rest.steps[0].skip_if == SkipIf(no_agents=True, all_busy=True)
    assert reading.notes == (
        "line 5: `queue` of a rule is now its one step.",
        "line 4: `intent` is now the list `intents`.",
        "line 7: `failure_path: callback` is now its `kind`, beside a `text`.",
        "line 9: `nobody_logged_in` is now `no_agents`.",
        "line 10: `queue` of a rule is now its one step.",
    )


def test_what_was_migrated_is_written_in_todays_form_and_needs_no_note_again():
    written = dump_policy(read_policy(OLDER).policy)

    assert "nobody_logged_in" not in written
    assert read_policy(written).notes == ()


def test_a_rule_is_written_as_people_read_it_name_and_conditions_first():
    written = dump_policy(parse_policy(POLICY))

    assert "- name: mobile balance\n  intents:\n  - checkbalance\n  channels:" in written


def test_skips_are_written_as_a_list_that_reads_well():
    step = "{queue: Accounts, skip_if: [{waiting_over: 10}, closed, {expected_wait_over_s: 90}]}"
    policy = parse_policy(POLICY.replace(STEP, step))

    skip_if = policy.rules[2].steps[0].skip_if
    assert skip_if == SkipIf(closed=True, expected_wait_over_s=90, waiting_over=10)
    assert skip_if.model_dump() == ["closed", {"expected_wait_over_s": 90}, {"waiting_over": 10}]


def test_a_step_may_be_given_its_skips_by_either_word():
    old, new = (
        Step(queue="A", skip_if=("closed", word)) for word in ("nobody_logged_in", "no_agents")
    )

    assert old == new == Step(queue="A")


def test_advice_may_send_a_rule_to_its_own_queues_unless_the_rule_lists_some():
    spanish, lost, mobile = parse_policy(
        POLICY.replace(RULE, f"{RULE}    allowed_queues: [Accounts, Cards]\n    locked: true\n")
    ).rules
    policy = parse_policy(POLICY)

    assert policy.allowed_queues(spanish) == ("Spanish", "General")
    assert policy.allowed_queues(lost) == ("Cards", "General")
    assert (policy.allowed_queues(mobile), mobile.locked) == (("Accounts", "Cards"), True)
    assert not lost.locked


def test_a_queue_without_a_service_level_of_its_own_has_a_minute():
    policy = parse_policy(f"{POLICY}service_level_s: {{Cards: 20}}\n")

    assert (policy.service_level_of("Cards"), policy.service_level_of("General")) == (20, 60)


def test_a_condition_reads_values_as_a_handoff_carries_them():
    fields = "  - {name: vip, personal: false}\n  - {name: ssn"
    text = POLICY.replace(RULE, f"{RULE}    variables: {{vip: true}}\n")
    policy = parse_policy(text.replace("  - {name: ssn", fields))

    assert policy.rules[2].variables == {"vip": ("True",)}
    assert policy.condition_variables == ("vip",)


def test_the_policy_the_readme_shows_can_be_read():
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    shown = readme.split("```yaml\n")[1].split("```")[0]
    rest = "default_queue: General\ndefault: {steps: [{queue: General}]}\n"

    [rule] = parse_policy(shown + rest).rules

    assert rule.failure_path.target == "+49 30 1234"
    assert rule.steps[0].skip_if.waiting_over == 10
