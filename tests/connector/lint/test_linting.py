"""What holds for lint as a whole: what could not be looked at, order, and every policy."""

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from connector.errors import EightError
from connector.lint import LogFacts, Patience, TenantFacts, Traffic, lint
from connector.policy import Period, Policy
from connector.routing import decide
from tests.connector import policies as every

from .drafts import UNTIL, log, policy

CARD = {"intents": ["lost"]}
MOST_FIXES = 40
SOME = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


def test_what_could_not_be_reached_is_one_warning_for_each_group(tenant):
    draft = policy({"card": CARD | {"steps": [{"queue": "Kards"}]}}, schedule="Bank hours")
    found = lint(draft, tenant=None, log=None)
    assert {(one.severity, one.check, one.place) for one in found} == {
        ("warning", "not_checked", ())
    }
    assert [one.text.partition(":")[0] for one in found] == [
        "Queues were not checked",
        "Channels were not checked",
        "8x8's schedules were not checked",
        "Traffic, waits and fields of customers were not checked",
    ]
    assert lint(policy(), tenant=tenant.facts(policy()), log=log()) == []


def test_a_part_of_the_tenant_that_cannot_be_read_is_told_alone(tenant):
    draft = policy(schedule="Bank hours")
    partly = TenantFacts(tenant.facts(draft).book, channels=None, schedules=None)
    found = lint(draft, tenant=partly, log=log())
    assert [one.text.partition(":")[0] for one in found] == [
        "Channels were not checked",
        "8x8's schedules were not checked",
    ]


def test_a_tenant_that_refuses_the_key_raises(tenant):
    stranger = type(tenant)(tenant_with_key(tenant, "wrong"), tenant.settings.home)
    with pytest.raises(EightError, match="401"):
        stranger.facts(policy())


def tenant_with_key(tenant, key):
    given = tenant.settings
    connection = {"api_key": key, "tenant_url": given.tenant_url, "tenant_id": given.tenant_id}
    return type("Wrong", (), {"connection": connection})


def test_errors_come_first_then_rules_in_their_order_then_the_rest(tenant):
    steps = [{"queue": "Kards"}, {"queue": "Archive"}]
    draft = policy(
        {"one": CARD | {"steps": [{"queue": "Archive"}]}},
        {"two": {"intents": ["a"], "steps": steps}},
        {"three": {"intents": ["b"], "steps": [{"queue": "Karten (102)"}]}},
        default_queue="Generell",
        steps=[{"queue": "Archive"}],
    )
    told = [(one.severity, one.rule, one.place[-2:]) for one in tenant.lint(draft)]
    assert told == [
        ("error", "two", (0, "queue")),
        ("error", None, ("default_queue",)),
        ("warning", "one", ("steps", 0)),
        ("warning", "two", ("steps", 1)),
        ("warning", "three", (0, "queue")),
        ("warning", "default", ("steps", 0)),
    ]


@st.composite
def drafts(draw):
    """Policies, and what a page may hold that was never checked as a whole."""
    made = draw(every.policies)
    match draw(st.integers(0, 5)):
        case 0:
            return made.model_copy(update={"skills": {}})
        case 1:
            return made.model_copy(update={"context_fields": ()})
        case 2:
            emptied = made.default.model_copy(update={"steps": ()})
            return made.model_copy(update={"default": emptied})
        case 3:
            return made.model_copy(update={"rules": made.rules * 2})
        case _:
            return made


tenants = st.none() | st.builds(
    TenantFacts,
    book=every.books,
    own_channel=st.booleans(),
    schedules=st.none() | st.just({"x": (Period.model_validate("mon-fri 08:00-20:00"),)}),
)
logs = st.none() | st.builds(
    LogFacts,
    since=st.just(UNTIL),
    until=st.just(UNTIL),
    attempts=st.sampled_from([0, 500]),
    traffic=st.lists(
        st.builds(
            Traffic,
            intent=st.none() | st.sampled_from(every.INTENTS),
            quarters=st.dictionaries(st.integers(0, 671), st.integers(1, 9), min_size=1),
            channel=st.sampled_from(["web", "odd"]),
            confidence=st.none() | every.shares,
        ),
        max_size=3,
    ).map(tuple),
    patience=st.dictionaries(
        st.sampled_from(every.INTENTS), st.builds(Patience, st.just(200), st.floats(1, 900))
    ),
)


@SOME
@given(drafts(), tenants, logs, every.handoffs, every.books, every.moments)
def test_no_policy_that_passes_lint_can_raise_or_loop(draft, tenant, log, handoff, book, now):
    passing = mended(draft, tenant, log)
    event(f"passes: {passing is not None}, mended: {passing is not draft}")
    if passing is None:
        return

    decision = decide(passing, handoff, book, now)

    queues = [step.queue_id for step in decision.steps]
    longest = max(len(route.all_steps) for route in passing.routes)
    assert 0 < len(queues) == len(set(queues)) <= longest
    assert all(0 < step.timeout_s <= 86_400 for step in decision.steps)


def mended(draft, tenant, log):
    """The draft once the fixes of its errors are applied; None when an error has none."""
    for _ in range(MOST_FIXES):
        first = next(iter(lint(draft, tenant=tenant, log=log)), None)
        if first is None or first.severity == "warning":
            return draft
        if first.fix is None:
            return None
        draft = first.fix.apply(draft)
    raise AssertionError(f"fixes never end: {first}")


@SOME
@given(drafts(), tenants, logs)
def test_every_fix_makes_another_policy_that_a_file_could_hold(draft, tenant, log):
    found = [one for one in lint(draft, tenant=tenant, log=log) if one.fix]
    for one in found:
        done = one.fix.apply(draft)
        assert done != draft, str(one)
        if one.check not in ("personal_condition", "skill_without_target"):
            assert Policy.model_validate(done.model_dump()) == done, str(one)
    event(f"{min(len(found), 3)} fixes")
