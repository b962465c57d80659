import pytest

from analytics.pages.connecting.mapping import (
    default_choice,
    doubled,
    mapped_names,
    mapping_sentence,
)
from connector.policy import parse_policy
from connector.queues import QueueBook, QueueState

POLICY = parse_policy("""
default_queue: General
rules:
  - {name: loans, intents: [loan], steps: [{queue: Loans}, {queue: General}]}
  - name: cards
    intents: [card]
    steps: [{skill: cards}]
    canary: {share: 0.1, steps: [{queue: Loans}]}
  - {name: savings, intents: [save], steps: [{queue: Savings (9)}]}
default: {steps: [{queue: General}]}
skills: {cards: {queue: Cards}}
priority_twins: {Cards: {high: Gold}}
""")


def book(**names):
    states = [QueueState(queue_id, name) for name, queue_id in names.items()]
    return QueueBook.of(states)


def test_every_name_is_listed_once_with_who_uses_it():
    found = {each.name: each for each in mapped_names(POLICY, book(General="1", Cards="2"))}
    assert list(found) == ["Loans", "Cards", "Savings (9)", "Gold"]
    assert found["Loans"].used_by == ("loans", "cards")
    assert found["Gold"].used_by == ("high priority of Cards",)
    assert found["Cards"].label == "Cards (2)"
    assert found["Loans"].queue_id is None


def test_the_sentence_names_what_falls_to_the_default_and_which_priority_is_lost():
    tenant = book(General="1", Cards="2")
    assert mapping_sentence(mapped_names(POLICY, tenant), POLICY, tenant) == (
        "**Loans and Savings (9)** find no queue here: until then those customers go to "
        "**General**, the default. **Gold** finds no queue here: high priority waits in the normal "
        "queue."
    )


def test_the_sentence_says_when_the_mapping_is_complete():
    tenant = book(General="1", Cards="2", Loans="3", Savings="9", Gold="4")
    assert mapping_sentence(mapped_names(POLICY, tenant), POLICY, tenant) == (
        "All 4 queue names of the policy find a queue here."
    )


def test_a_default_that_is_not_here_comes_first():
    tenant = book(Cards="2")
    assert default_choice(POLICY, tenant) is None
    assert mapping_sentence(mapped_names(POLICY, tenant), POLICY, tenant).startswith(
        "Choose a default queue first: the policy's own, **General**, is not in this tenant"
    )


@pytest.mark.parametrize("name", ["*Loans*", "[x](y)"])
def test_names_are_never_read_as_markup(name):
    policy = parse_policy(
        "default_queue: General\n"
        f"rules: [{{name: a, steps: [{{queue: '{name}'}}]}}]\n"
        "default: {steps: [{queue: General}]}\n"
    )
    tenant = book(General="1")
    assert name not in mapping_sentence(mapped_names(policy, tenant), policy, tenant)


def test_two_names_that_mean_one_queue_are_named():
    book = QueueBook.of([QueueState("1", "Loans"), QueueState("2", "Cards")])
    names = mapped_names(POLICY, book)
    assert doubled(names, {}, book) == ""
    said = doubled(names, {"Cards": "1"}, book)
    assert "Loans and Cards mean the same queue, **Loans**." in said
