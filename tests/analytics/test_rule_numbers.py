from datetime import timedelta

import pytest

from analytics.metrics import Filters, rule_numbers
from tests.analytics.conftest import NOON


def test_each_rule_is_counted_by_its_name_within_the_period(log):
    """Of `card` 3 of 4 reached an agent and one timed out; two of them require fields."""
    for outcome in ("accepted", "accepted", "timed_out"):
        log.attempt(outcome, rule="card", completeness=0.5 if outcome == "timed_out" else None)
    log.attempt("accepted", rule="card", completeness=1.0)
    log.attempt("no_agents", rule="default")
    log.attempt("failed", rule=None)
    log.attempt("accepted", rule="old", at=NOON - timedelta(days=40))
    since = NOON - timedelta(days=28)
    found = rule_numbers(log.con, Filters(since=since, until=NOON + timedelta(days=1)))
    assert found["rule"].tolist() == ["card", "default"]
    card, default = found.to_dict("records")
    counts = ("attempts", "accepted", "timed_out", "measured")
    assert [card[name] for name in counts] == [4, 3, 1, 2]
    shares = [card[name] for name in ("success_rate", "timeout_rate", "completeness")]
    assert shares == [0.75, 0.25, 0.75]
    # Wilson's interval of 3 in 4, from its published formula: 0.3006 to 0.9544.
    assert (card["success_low"], card["success_high"]) == pytest.approx((0.3006, 0.9544), abs=1e-4)
    assert (default["attempts"], default["success_rate"], default["measured"]) == (1, 0.0, 0)
    assert found["completeness"].isna().tolist() == [False, True]


def test_a_log_without_attempts_has_no_rules(log):
    assert rule_numbers(log.con).empty
