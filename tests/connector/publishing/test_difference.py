"""What differs between two policies, in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from connector.policy import Policy, Rule
from connector.publishing import difference, three_way
from connector.publishing.order import moved

from .drafts import base, waiting, with_order, with_rule


def told(old, new):
    return [change.text for change in difference(old, new)]


def changed(**fields):
    """The base with some fields of the policy replaced."""
    return Policy.model_validate(base().model_dump() | fields)


STEPS = [{"queue": "Payments", "timeout_s": 90}, {"queue": "General"}]
OF_A_RULE = [
    ({"steps": STEPS}, "`refund`: Billing 60 s -> Payments 90 s, then General"),
    (
        {"steps": [{"queue": "Billing", "skip_if": ["closed"]}]},
        "`refund`: Billing 60 s -> Billing 60 s (skip if closed)",
    ),
    ({"intents": ["refund", "chargeback"]}, "`refund`: intents: also chargeback"),
    ({"intents": []}, "`refund`: intents: no longer refund"),
    ({"channels": ["web"]}, "`refund`: channels: also web"),
    ({"languages": ["es"]}, "`refund`: languages: also es"),
    ({"priority": "high"}, "`refund`: priority: normal -> high"),
    ({"required": ["order"]}, "`refund`: required: also order"),
    (
        {"failure_path": {"kind": "callback", "text": "We call."}},
        "`refund`: failure path: message “All our agents are busy right now. Please try again "
        "later.” -> callback “We call.”",
    ),
    (
        {"canary": {"share": 0.05, "steps": STEPS}},
        "`refund`: canary: none -> 5 % to Payments 90 s, then General",
    ),
    ({"name": "money back"}, "`refund` renamed to `money back`"),
]
OF_THE_POLICY = [
    ({"zone": "Europe/Berlin"}, "zone: UTC -> Europe/Berlin"),
    ({"default_queue": "Front"}, "default queue: General -> Front"),
    (
        {"waiting_message": "Wait."},
        "waiting message: “I am connecting you with a colleague.” -> Wait.",
    ),
    ({"default": {"steps": STEPS}}, "`default`: General 60 s -> Payments 90 s, then General"),
    (
        {"default": {"steps": [{"queue": "General"}], "priority": "low"}},
        "`default`: priority: normal -> low",
    ),
    (
        {"skills": {"money": {"queue": "Accounts", "language": "es"}}},
        "skills `money`: queue Accounts -> queue Accounts, language es",
    ),
    ({"priority_twins": {"Cards": {"high": "Fast"}}}, "priority twins `Cards`: added (high: Fast)"),
    ({"channels": {"web": "c1"}}, "channels `web`: added (c1)"),
    (
        {"context_fields": [{"name": "order", "field": "Order", "personal": False}]},
        "context fields `order`: added (sent as Order (personal no))",
    ),
    ({"required": ["transcript"]}, "required: also transcript"),
]


@pytest.mark.parametrize(("fields", "text"), OF_A_RULE)
def test_a_change_of_a_rule_is_told_in_words(fields, text):
    assert told(base(), with_rule(base(), "refund", **fields)) == [text]


@pytest.mark.parametrize(("fields", "text"), OF_THE_POLICY)
def test_a_change_of_the_rest_is_told_in_words(fields, text):
    assert told(base(), changed(**fields)) == [text]


class LaterRule(Rule):
    share: tuple[float, float] | None = None
    sticky: bool = False


class Limits(BaseModel):
    longest_wait_s: float = 600.0


class LaterPolicy(Policy):
    rules: tuple[LaterRule, ...] = ()
    limits: Limits = Limits()
    service_levels: dict[str, float] = Field(default_factory=dict)


def test_fields_that_come_later_are_told_all_the_same():
    old = LaterPolicy.model_validate(base().model_dump())
    new = with_rule(old, "refund", share=(0.5, 1), sticky=True)
    new = LaterPolicy.model_validate(
        new.model_dump() | {"limits": {"longest_wait_s": 900}, "service_levels": {"Cards": 30}}
    )
    assert told(old, new) == [
        "`refund`: share: none -> 0.5, 1",
        "`refund`: sticky: no -> yes",
        "limits `longest_wait_s`: 600 -> 900",
        "service levels `Cards`: added (30)",
    ]


def test_a_policy_does_not_differ_from_itself_whatever_its_version():
    assert difference(base(), base().model_copy(update={"version": 7})) == ()


def test_a_rule_that_came_and_one_that_went_are_told_with_where_they_send():
    refund, card, balance = base().rules
    new = Rule(name="loan", intents=("loan",), steps=card.steps, priority="high")
    draft = base().model_copy(update={"rules": (refund, new, balance)})
    assert told(base(), draft) == [
        "`card` removed: Cards 30 s, then General 45 s; required card_number; intents lost, stolen",
        "`loan` added: Cards 30 s, then General 45 s; priority high; intents loan",
    ]


def test_a_rule_with_the_same_conditions_was_renamed_even_when_it_sends_elsewhere():
    draft = with_rule(base(), "refund", name="money back", steps=[{"queue": "Front"}])
    assert told(base(), draft) == [
        "`refund` renamed to `money back`",
        "`refund`: Billing 60 s -> Front 60 s",
    ]


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (("balance", "refund", "card"), "`balance` moved before `refund`"),
        (("card", "balance", "refund"), "`refund` moved to the end"),
        (("refund", "balance", "card"), "`balance` moved before `card`"),
    ],
)
def test_a_rule_that_changed_places_is_told_alone(order, text):
    assert told(base(), with_order(base(), *order)) == [text]


@given(st.permutations(list("abcdefgh")))
def test_the_names_that_stay_are_in_the_same_order_and_nothing_moves_for_nothing(after):
    before = list("abcdefgh")
    gone = set(moved(before, after))
    staying = [name for name in after if name not in gone]
    assert staying == sorted(staying)
    assert staying
    assert (after == before) == (not gone)


def test_a_change_holds_the_values_before_and_after():
    [change] = difference(base(), with_rule(base(), "refund", steps=STEPS))
    assert change.where == "`refund` steps"
    assert change.before == [{"queue": "Billing"}]
    assert change.after == [{"queue": "Payments", "timeout_s": 90.0}, {"queue": "General"}]


def test_three_ways_name_only_the_places_both_touched():
    theirs = waiting(with_rule(base(), "refund", priority="high"), "Wait.")
    mine = with_rule(with_rule(base(), "refund", priority="low"), "card", priority="high")

    apart = three_way(base(), theirs, mine)

    assert [change.text for change in apart.theirs] == [
        "`refund`: priority: normal -> high",
        "waiting message: “I am connecting you with a colleague.” -> Wait.",
    ]
    assert [change.text for change in apart.yours] == [
        "`refund`: priority: normal -> low",
        "`card`: priority: normal -> high",
    ]
    assert apart.both == ("`refund` priority",)


def test_a_rule_one_removed_and_the_other_changed_was_touched_by_both():
    theirs = with_order(base(), "card", "balance")
    mine = with_rule(base(), "refund", priority="low")
    assert three_way(base(), theirs, mine).both == ("`refund` priority",)
    assert three_way(base(), mine, theirs).both == ("`refund`",)
