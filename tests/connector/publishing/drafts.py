"""Small changes to a policy, as drafts."""

from __future__ import annotations

from connector.policy import Policy, parse_policy

RULES = """
default_queue: General
rules:
  - name: refund
    intents: [refund]
    steps: [{queue: Billing, timeout_s: 60}]
  - name: card
    intents: [lost, stolen]
    steps: [{queue: Cards, timeout_s: 30}, {queue: General, timeout_s: 45}]
    required: [card_number]
  - name: balance
    intents: [balance]
    steps: [{skill: money}]
default:
  steps: [{queue: General}]
skills: {money: {queue: Accounts}}
"""


def base() -> Policy:
    return parse_policy(RULES)


def with_rule(policy: Policy, which: str, /, **fields: object) -> Policy:
    """The policy with some fields of one rule replaced, checked as a file would be."""
    rules = [rule.model_dump() | (fields if rule.name == which else {}) for rule in policy.rules]
    return type(policy).model_validate(policy.model_dump() | {"rules": rules})


def with_order(policy: Policy, *names: str) -> Policy:
    rules = {rule.name: rule for rule in policy.rules}
    return policy.model_copy(update={"rules": tuple(rules[name] for name in names)})


def waiting(policy: Policy, message: str) -> Policy:
    """Any change at all."""
    return policy.model_copy(update={"waiting_message": message})
