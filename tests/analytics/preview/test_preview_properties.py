"""A preview counts what a plain loop of decisions over each attempt counts."""

import json
from collections import Counter
from datetime import datetime, timedelta
from itertools import product

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analytics.metrics import Filters
from analytics.preview import preview
from connector.handoff import Handoff
from connector.policy import ContextField, Policy, Route, Rule, Step, dump_policy
from connector.queues import QueueBook, QueueState
from connector.routing import decide
from tests.analytics.conftest import Log
from tests.connector.policies import LEVELS, handoffs, policies

NAMES = {"101": "General", "102": "Payments", "103": "Cards", "104": "Other"}
TENANT = QueueBook.of(QueueState(queue_id, name) for queue_id, name in NAMES.items())
# What nobody recorded may have been anything between these.
BEST = {"available": 9, "busy": 9, "waiting": 0, "expected_wait_s": None, "is_open": True}
WORST = {"available": 0, "busy": 0, "waiting": 10_000, "expected_wait_s": 1e6, "is_open": False}
OLDER, BASE = 7, 8
READS_TIER = Policy(
    default_queue="General",
    default=Route(steps=(Step(queue="General"),)),
    rules=(Rule(name="gold", variables={"tier": ("gold",)}, steps=(Step(queue="Cards"),)),),
    context_fields=(ContextField(name="tier", personal=False),),
)

counts = st.integers(0, 3)
asked = handoffs.map(
    lambda one: one.model_copy(update=dict.fromkeys(("queue", "skill", "priority", "timeout_s")))
)
logged = st.fixed_dictionaries(
    {
        "handoff": asked,
        "minute": st.integers(0, 2 * 365 * 24 * 60),
        "second": st.integers(0, 59),
        "states": st.dictionaries(
            st.sampled_from([*NAMES]),
            st.tuples(counts, counts, st.integers(0, 25), st.sampled_from([None, True, False])),
        ),
        "age_s": st.sampled_from([0, 60, 299, 300, 301]),
        "version": st.sampled_from([None, OLDER, BASE, BASE]),
        "decided_by": st.sampled_from(["rule", "rule", "rule", "rule", "override", "emergency"]),
    }
)
scheduled = st.tuples(policies, st.sampled_from([None, "Office", "Office", "Branches"])).map(
    lambda pair: pair[0].model_copy(update={"schedule": pair[1]})
)
logs = st.lists(logged, max_size=12, unique_by=lambda one: one["minute"] // 20)


unhurried = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
)


@settings(unhurried, max_examples=12)
@given(scheduled, scheduled, logs)
def test_a_preview_counts_what_a_plain_loop_counts(tables, base, draft, attempts):
    counted_alike(tables, base, draft, attempts)


@pytest.mark.full
@settings(unhurried, max_examples=100)
@given(scheduled, scheduled, logs)
def test_a_preview_counts_what_a_plain_loop_counts_whatever_the_policies(
    tables, base, draft, attempts
):
    counted_alike(tables, base, draft, attempts)


@settings(unhurried, max_examples=5)
@given(scheduled, logs)
def test_a_draft_equal_to_its_base_moves_nothing(tables, base, attempts):
    counted_alike(tables, base, base, attempts, moved=0)


def counted_alike(tables, base, draft, attempts, moved=None):
    base = base.model_copy(update={"version": BASE})
    log, counted, matrix = Log(tables), Counter(), Counter()
    log.add("policies", {"version": OLDER, "content": dump_policy(READS_TIER)})
    for number, one in enumerate(attempts):
        one["handoff"] = one["handoff"].model_copy(update={"handoff_id": f"h{number}"})
        write(log, one, recorded_of(one, base))
        ways = [plainly(policy, base, one) for policy in (base, draft)]
        if one["decided_by"] != "rule":
            counted[one["decided_by"]] += 1
        elif None in ways:
            counted["undecided"] += 1
        else:
            before, after = ways
            counted["moved" if before != after else "unmoved"] += 1
            matrix[first_of(before), first_of(after)] += 1

    found = preview(log.con, base, draft, filters=Filters(), book=TENANT)
    log.con.close()

    assert found.attempts == len(attempts) == found.decided + found.undecided + found.overridden
    assert found.moved == counted["moved"]
    assert moved in (None, found.moved)
    assert found.unmoved == counted["unmoved"]
    assert found.undecided == counted["undecided"]
    assert found.overridden == counted["override"] + counted["emergency"]
    assert found.emergency == counted["emergency"]
    assert matrix_of(found.matrix) == matrix
    assert found.redirected == sum(n for (was, will), n in matrix.items() if was != will)
    assert len(found.moved_attempts()) == found.moved
    assert all(found.moved_attempts()["changes"])
    assert len(found.undecided_attempts()) == found.undecided


def plainly(policy, base, one):
    """What the policy does whatever was not recorded; None when that makes a difference."""
    handoff, at = one["handoff"], moment(one)
    known = recorded_of(one, base)
    names = [name for name in policy.condition_variables if name not in read_then(one, base)]
    assignments = [
        {name: value for name, value in zip(names, values, strict=True) if value is not None}
        for values in product([None, *LEVELS], repeat=len(names))
    ]
    found = set()
    for assignment, unknown in product(assignments, (BEST, WORST)):
        given = handoff.model_copy(update={"variables": (known or {}) | assignment})
        decision = decide(drawn(policy), given, book_then(one, unknown, policy, base), at)
        found.add((decision.rule, outcome(decision)))
    return found.pop()[1] if len(found) == 1 else None


def drawn(policy):
    return policy.model_copy(update={"version": BASE})


def outcome(decision):
    steps = tuple((s.queue_id, s.queue, s.timeout_s, bool(s.skipped)) for s in decision.steps)
    failing = (decision.failure_path, decision.failure_target)
    return steps, decision.priority, decision.language, failing


def first_of(way):
    return next(((step[0], step[1]) for step in way[0] if not step[3]), (None, None))


def book_then(one, unknown, policy, base):
    states = []
    for queue_id, name in NAMES.items():
        state = dict(unknown)
        if queue_id in one["states"] and one["age_s"] <= 300:
            available, busy, waiting, is_open = one["states"][queue_id]
            state |= {"available": available, "busy": busy, "waiting": waiting}
            if is_open is not None and policy.schedule == base.schedule:
                state["is_open"] = is_open
        if policy.schedule is None:
            state["is_open"] = None
        states.append(QueueState(queue_id, name, **state))
    return QueueBook.of(states)


def read_then(one, base):
    reads = {OLDER: {"tier"}, BASE: set(base.condition_variables), None: set()}
    return reads[one["version"]]


def recorded_of(one, base):
    if one["version"] is None:
        return None
    given = one["handoff"].variables
    return {name: given[name] for name in read_then(one, base) if name in given}


def moment(one):
    return datetime(2026, 1, 1) + timedelta(minutes=one["minute"], seconds=one["second"])


def write(log, one, inputs):
    handoff: Handoff = one["handoff"]
    log.attempt(
        at=moment(one),
        **handoff.model_dump(
            include={"handoff_id", "intent", "category", "confidence", "channel", "language"}
        ),
        inputs=None if inputs is None else json.dumps(inputs),
        policy_version=one["version"],
        decided_by=one["decided_by"],
    )
    for queue_id, (available, busy, waiting, is_open) in one["states"].items():
        log.state(
            queue_id,
            at=moment(one) - timedelta(seconds=one["age_s"]),
            available=available,
            busy=busy,
            waiting=waiting,
            is_open=is_open,
        )


def matrix_of(frame: pd.DataFrame):
    rows = frame.astype(object).where(frame.notna(), None).itertuples(index=False)
    return {((a, b), (c, d)): n for a, b, c, d, n in rows}
