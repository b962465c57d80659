"""Rules that can never match, on their own and against every handoff there can be."""

from datetime import datetime, timedelta
from itertools import pairwise, product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from connector.handoff import Handoff
from connector.lint import lint
from connector.policy.hours import WEEK
from tests.bench.routing import scan
from tests.connector.policies import ZONES

from .drafts import policy

MONDAY = datetime(2026, 6, 15)
NAMES = {"intents": ["lost"], "channels": ["web"]}


def test_a_rule_whose_customers_an_earlier_rule_takes_can_never_match(tenant):
    draft = policy({"cards": {"intents": ["lost", "stolen"]}}, {"web": NAMES})
    found = tenant.only(draft)
    assert (found.severity, found.check, found.rule) == ("error", "never_matches", "web")
    assert found.place == ("rules", 1)
    assert str(found) == (
        "error: rule `web`: It can never match: the rule `cards` before it takes all that it "
        "could match. Move it before `cards`, or remove it."
    )
    assert [rule.name for rule in tenant.mended(draft, found).rules] == ["web", "cards"]


def test_a_rule_with_the_conditions_of_another_is_to_be_removed(tenant):
    draft = policy({"one": NAMES}, {"two": NAMES | {"languages": []}})
    found = tenant.only(draft)
    assert found.fix.label == "Remove this rule"
    assert [rule.name for rule in tenant.mended(draft, found).rules] == ["one"]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        pytest.param(
            [{"intents": ["lost"]}, {"intents": ["stolen"]}],
            {"intents": ["lost", "stolen"]},
            id="intents of two rules",
        ),
        pytest.param(
            [{"confidence": {"max": 0.5}}, {"confidence": {"min": 0.5}}],
            {"confidence": {"min": 0.2, "max": 0.9}},
            id="confidence from both sides",
        ),
        pytest.param(
            [{"hours": "mon-fri 00:00-12:00"}, {"hours": "mon-sun 12:00-24:00"}],
            {"hours": "tue 09:00-15:00"},
            id="hours of two rules",
        ),
        pytest.param(
            [{"languages": ["en"]}, {"intents": ["lost"], "languages": ["es"]}],
            {"intents": ["lost"], "channels": ["web"], "languages": ["en", "es"]},
            id="no rule covers it alone",
        ),
        pytest.param(
            [{"variables": {"tier": ["gold"]}}, {"variables": {"tier": ["iron"]}}],
            {"variables": {"tier": ["iron", "gold"]}, "channels": ["web"]},
            id="values of a variable",
        ),
        pytest.param([{}], {"intents": ["lost"]}, id="everything is taken before"),
    ],
)
def test_rules_cover_another_between_them(tenant, earlier, later):
    names = [{f"rule {number}": conditions} for number, conditions in enumerate(earlier)]
    fields = [{"name": "tier", "personal": False}]
    draft = policy(*names, {"later": later}, context_fields=fields)
    found = tenant.only(draft)
    assert found.rule == "later"
    assert all(f"`rule {number}`" in found.text for number in range(len(earlier)))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ([{"confidence": {"min": 0.0}}], {"intents": ["lost"]}),  # nobody said how sure it is
        ([{"confidence": {"max": 0.5}}], {"confidence": {"min": 0.5}}),
        ([{"hours": "mon-sun 00:00-23:59"}], {"intents": ["lost"]}),
        ([{"channels": ["web", "app"]}], {"intents": ["lost"]}),
        ([{"variables": {"tier": ["gold"]}}], {"intents": ["lost"]}),
    ],
)
def test_a_rule_of_which_anything_is_left_is_none(tenant, earlier, later):
    names = [{f"rule {number}": conditions} for number, conditions in enumerate(earlier)]
    fields = [{"name": "tier", "personal": False}]
    assert tenant.lint(policy(*names, {"later": later}, context_fields=fields)) == []


def test_a_value_that_no_handoff_is_long_enough_for_never_matches(tenant):
    longest = "x" * 200
    assert tenant.lint(policy({"long": {"intents": [longest]}})) == []
    found = tenant.only(policy({"long": {"intents": [longest + "x"]}}))
    assert (found.check, found.fix.label) == ("never_matches", "Remove this rule")


some_hours = st.sampled_from(
    ["mon-sun 00:00-12:00", "mon-sun 12:00-24:00", "mon-fri 08:00-20:00", "sat-mon 22:00-09:00"]
)
conditions = st.fixed_dictionaries(
    {
        "intents": st.sampled_from([(), (), ("lost",), ("stolen",), ("lost", "stolen")]),
        "channels": st.sampled_from([(), (), ("web",), ("web", "mobile")]),
        "confidence": st.sampled_from([None, None, {"min": 0.5}, {"max": 0.5}, {"max": 0.9}]),
        "hours": st.sampled_from([0, 0, 1, 2]).flatmap(
            lambda count: st.tuples(*[some_hours] * count)
        ),
        "variables": st.sampled_from([{}, {}, {"tier": ["gold"]}, {"tier": ["gold", "silver"]}]),
    }
)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(ZONES), st.lists(conditions, min_size=2, max_size=5))
def test_the_rules_told_are_those_that_no_handoff_at_any_time_reaches(zone, found):
    rules = [{f"r{number}": one} for number, one in enumerate(found, 1)]
    fields = [{"name": "tier", "personal": False}]
    draft = policy(*rules, zone=zone, context_fields=fields)

    told = {one.rule for one in lint(draft, tenant=None, log=None) if one.check == "never_matches"}

    reached = {scan(draft, handoff, now) for handoff, now in every_handoff(draft)}
    unreached = {f"r{number}" for number in range(1, len(found) + 1) if number not in reached}
    event(f"{len(unreached)} rules never match")
    assert told == unreached


def every_handoff(draft):
    """A handoff and moment for each way to be on one side or the other of every condition."""
    ranges = [rule.confidence for rule in draft.rules if rule.confidence]
    bounds = sorted({0.0, 1.0, *(bound for wanted in ranges for bound in wanted.bounds)})
    between = [(a + b) / 2 for a, b in pairwise(bounds)]
    spans = [span for rule in draft.rules for period in rule.hours for span in period.weekly]
    minutes = sorted({0, *(minute for span in spans for minute in span)} - {WEEK})
    moments = [utc(draft, minute) for minute in minutes]
    for intent, channel, tier, sure in product(
        ["lost", "stolen", None],
        ["web", "mobile", "else"],
        ["gold", "silver", None],
        [None, *bounds, *between] if ranges else [None],
    ):
        variables = {"tier": tier} if tier else {}
        handoff = Handoff.model_construct(
            intent=intent, channel=channel, confidence=sure, variables=variables
        )
        yield from ((handoff, moment) for moment in moments)


def utc(draft, minute):
    local = (MONDAY + timedelta(minutes=minute)).replace(tzinfo=ZoneInfo(draft.zone))
    return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
