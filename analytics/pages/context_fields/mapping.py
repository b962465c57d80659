"""What the policy says of context fields: where each goes in 8x8, when, and who requires it."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from analytics.look import FEW_N
from connector.context import STANDARD
from connector.policy import Policy

ALL_RULES = "every rule"
_PASSED = {"marked": "always", "never": "never", "bot": "when the bot marks it"}
_PLACES = {
    "transcript": "Case notes",
    "customer_name": "Contact name",
    "customer_email": "Contact e-mail",
    "customer_phone": "Contact phone",
    "category": "Case category",
    "intent": "not shown",
}
_RATES = ["missing_share", "missing_low", "missing_high"]
_COUNTS = ["required", "missing", "carried", "taken", "shortened"]


def mapping(policy: Policy, fields: pd.DataFrame, carried: pd.DataFrame) -> pd.DataFrame:
    """One row per field the policy or the log knows, what is missing most often first.

    `fields` is of `metrics.fields_by`, `carried` of `metrics.carried_fields`. Columns: `field`,
    `label` (its name in 8x8), `passed`, `rules` (that require it now), `required`, `missing`,
    `missing_share` with bounds (none under 20), `carried`, `taken`, `shortened`.
    """
    counted = fields.merge(carried, on="field", how="outer")
    names = _names(policy, counted["field"])
    table = pd.DataFrame({"field": pd.Series(names, dtype="string")})
    table = table.merge(counted, on="field", how="left")
    table[_COUNTS] = table[_COUNTS].astype("Int64").fillna(0)
    table.loc[table["required"] < FEW_N, _RATES] = pd.NA
    table["label"] = [place(policy, name) for name in names]
    table["passed"] = [passed(policy, name) for name in names]
    table["rules"] = [required_by(policy, name) for name in names]
    shown = table[["field", "label", "passed", "rules", *_COUNTS[:2], *_RATES, *_COUNTS[2:]]]
    order = ["missing_share", "carried", "field"]
    return shown.sort_values(order, ascending=[False, False, True], ignore_index=True)


def place(policy: Policy, name: str) -> str:
    """Where an agent finds the field."""
    if name in STANDARD:
        return _PLACES[name]
    field = policy.context_field(name)
    return field.label if field else name


def passed(policy: Policy, name: str) -> str:
    """Whether the field is passed on, in words."""
    if name in STANDARD:
        return _PASSED["marked"]
    return _PASSED[ruling(policy, name)]


def ruling(policy: Policy, name: str) -> str:
    """What the policy says of a variable: marked, never, or bot when that is left to the bot."""
    field = policy.context_field(name)
    return field.passed if field else "bot"


def required_by(policy: Policy, name: str) -> str:
    """Names of the rules that require the field now; empty when none does."""
    if name in policy.required:
        return ALL_RULES
    named = [rule.name for rule in policy.rules if name in rule.required]
    if name in policy.default.required:
        named.append("default")
    return ", ".join(named)


def _names(policy: Policy, logged: Iterable[str]) -> list[str]:
    """Every field of the policy, then those only the log knows."""
    routes = (name for route in policy.routes for name in policy.required_for(route))
    fields = (field.name for field in policy.context_fields)
    return list(dict.fromkeys([*routes, *fields, *map(str, logged)]))
