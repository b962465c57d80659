"""A small log, counted by hand."""

import json
from datetime import datetime, timedelta

import pytest

from analytics.metrics import Filters, records
from analytics.preview import preview, recorded_book
from connector.policy import Canary, parse_policy
from connector.queues import QueueBook, QueueState

NOON = datetime(2026, 11, 2, 12)  # a Monday, 13:00 in Berlin
BASE = parse_policy("""
zone: Europe/Berlin
default_queue: General
rules:
  - name: lost card
    intents: [lost_card]
    steps: [{queue: Cards, timeout_s: 60}, {queue: General, timeout_s: 60}]
  - name: gold
    variables: {tier: [gold]}
    steps: [{queue: Cards, timeout_s: 60}]
default:
  steps: [{queue: General, timeout_s: 60}]
context_fields: [{name: tier, personal: false}, {name: area, personal: false}]
""").model_copy(update={"version": 3})
TENANT = QueueBook.of([QueueState("1", "General"), QueueState("2", "Cards")])


def changed(**parts):
    """The base as a draft, with its first rule changed."""
    first, *others = BASE.rules
    made = first.model_copy(update=parts)
    return BASE.model_copy(update={"version": 0, "rules": (made, *others)})


def replaced(part, **fields):
    return part.model_copy(update=fields)


def general_first():
    return changed(steps=BASE.rules[0].steps[::-1])


def recorded(log, *moments, **queues):
    """Both queues as they were recorded then; free unless told otherwise."""
    for at in moments:
        for queue_id, queue in (("1", "General"), ("2", "Cards")):
            log.state(queue_id, at=at, queue=queue, **queues.get(queue, {"available": 2}))


def attempt(log, intent, *, at=NOON, tier=None, version=3, decided_by="rule", **columns):
    inputs = json.dumps({"tier": tier} if tier else {})
    return log.attempt(
        at=at, intent=intent, language="en", inputs=inputs, policy_version=version,
        decided_by=decided_by, **columns
    )  # fmt: skip


def counted(log, draft, **filters):
    return preview(log.con, BASE, draft, filters=Filters(**filters), book=TENANT)


def four(found):
    return found.moved, found.unmoved, found.undecided, found.overridden


def test_attempts_move_where_the_draft_tries_another_queue_first(log):
    recorded(log, NOON)
    attempt(log, "lost_card")
    attempt(log, "lost_card")
    attempt(log, "balance")
    attempt(log, "balance", tier="gold")

    found = counted(log, general_first())

    assert (found.attempts, four(found), found.redirected) == (4, (2, 2, 0, 0), 2)
    assert records(found.matrix) == [
        led("Cards", "General", 2),
        led("Cards", "Cards", 1),
        led("General", "General", 1),
    ]
    assert records(found.intents) == [
        {"intent": "lost_card", "attempts": 2, "moved": 2, "redirected": 2},
        {"intent": "balance", "attempts": 2, "moved": 0, "redirected": 0},
    ]


def led(before, after, attempts):
    ids = {"General": "1", "Cards": "2", None: None}
    return {
        "from_queue_id": ids[before],
        "from_queue": before,
        "to_queue_id": ids[after],
        "to_queue": after,
        "attempts": attempts,
    }


@pytest.mark.parametrize(
    ("draft", "change"),
    [
        (
            changed(steps=tuple(replaced(step, timeout_s=90) for step in BASE.rules[0].steps)),
            "queues Cards 60 s, General 60 s → Cards 90 s, General 90 s",
        ),
        (changed(steps=BASE.rules[0].steps[:1]), "queues Cards 60 s, General 60 s → Cards 60 s"),
        (changed(priority="high"), "priority normal → high"),
        (
            changed(failure_path=replaced(BASE.default.failure_path, kind="callback")),
            "failure path message → callback",
        ),
    ],
)
def test_other_timeouts_steps_priority_and_failure_path_move_without_another_queue(
    log, draft, change
):
    recorded(log, NOON)
    attempt(log, "lost_card")

    found = counted(log, draft)

    assert (four(found), found.redirected) == ((1, 0, 0, 0), 0)
    assert records(found.matrix) == [led("Cards", "Cards", 1)]
    (row,) = records(found.moved_attempts())
    assert row["changes"] == [change]


def test_another_text_for_the_customer_routes_no_differently(log):
    recorded(log, NOON)
    attempt(log, "lost_card")
    path = replaced(BASE.default.failure_path, text="Sorry.")

    assert four(counted(log, changed(failure_path=path))) == (0, 1, 0, 0)


def test_the_list_tells_both_traces_with_availability_as_it_was_recorded(log):
    recorded(log, NOON, Cards={"busy": 3})
    attempt_id = attempt(log, "lost_card", at=NOON + timedelta(seconds=30))

    (row,) = records(counted(log, general_first()).moved_attempts())

    assert row["attempt_id"] == attempt_id
    assert row["started_at"] == "2026-11-02T12:00:30"
    assert (row["intent"], row["from_queue"], row["to_queue"]) == ("lost_card", "Cards", "General")
    assert (row["from_rule"], row["to_rule"]) == ("lost card", "lost card")
    assert row["trace_before"] == [
        "rule 1 `lost card` matched intent=lost_card",
        "step 1 Cards, 60 s, 0 available",
        "step 2 General, 60 s, 2 available",
    ]
    assert row["trace_after"] == [
        "rule 1 `lost card` matched intent=lost_card",
        "step 1 General, 60 s, 2 available",
        "step 2 Cards, 60 s, 0 available",
    ]


def test_a_queue_that_was_empty_then_is_not_where_an_attempt_is_led(log):
    recorded(log, NOON, Cards={})
    recorded(log, NOON + timedelta(minutes=1), General={}, Cards={})
    attempt(log, "lost_card", at=NOON + timedelta(seconds=59))
    attempt(log, "lost_card", at=NOON + timedelta(seconds=60))

    found = counted(log, changed(steps=BASE.rules[0].steps[:1]))

    assert records(found.matrix) == [led("General", None, 1), led(None, None, 1)]
    assert four(found) == (2, 0, 0, 0)


def test_availability_older_than_five_minutes_decides_nothing(log):
    recorded(log, NOON)
    attempt(log, "lost_card", at=NOON + timedelta(minutes=5))
    late = attempt(log, "lost_card", at=NOON + timedelta(minutes=5, seconds=1))
    attempt(log, "lost_card", at=NOON - timedelta(seconds=1))

    found = counted(log, general_first())

    assert four(found) == (1, 0, 2, 0)
    assert records(found.undecided_reasons) == [
        {"reason": "not recorded: availability of Cards", "attempts": 2}
    ]
    assert records(found.undecided_attempts(1)) == [
        {
            "attempt_id": late,
            "started_at": "2026-11-02T12:05:01",
            "intent": "lost_card",
            "reason": "not recorded: availability of Cards",
        }
    ]


def test_nobody_needs_to_know_whether_a_queue_has_agents_that_no_step_asks_about(log):
    attempt(log, "lost_card")
    steps = [{"queue": queue, "timeout_s": 60, "skip_if": []} for queue in ("Cards", "General")]
    base, draft = (
        BASE.model_validate({"version": 3, "default_queue": "General", "default": {"steps": some}})
        for some in (steps, steps[::-1])
    )

    found = preview(log.con, base, draft, filters=Filters(), book=TENANT)

    assert four(found) == (1, 0, 0, 0)


def test_a_variable_nobody_recorded_matters_only_where_no_earlier_rule_decides(log):
    recorded(log, NOON)
    attempt(log, "lost_card")
    attempt(log, "balance", tier="gold")
    attempt(log, "balance")
    vip = BASE.rules[1].model_copy(update={"name": "area", "variables": {"area": ("north",)}})
    draft = BASE.model_copy(update={"version": 0, "rules": (*BASE.rules, vip)})

    found = counted(log, draft)

    assert four(found) == (0, 2, 1, 0)
    assert records(found.undecided_reasons) == [
        {"reason": "not recorded: the variable area", "attempts": 1}
    ]


def test_what_an_older_version_did_not_read_was_not_recorded(log):
    recorded(log, NOON)
    content = "default_queue: General\ndefault: {steps: [{queue: General}]}"
    log.add("policies", {"version": 2, "content": content})
    attempt(log, "balance", version=2)
    attempt(log, "balance", version=3)

    found = counted(log, BASE)

    assert four(found) == (0, 1, 1, 0)
    assert found.undecided_attempts()["reason"].tolist() == ["not recorded: the variable tier"]


def test_8x8s_schedule_closes_a_queue_as_it_was_recorded(log):
    base = BASE.model_copy(update={"schedule": "Office"})
    other = base.model_copy(update={"schedule": "Branches"})
    recorded(
        log,
        NOON,
        Cards={"available": 2, "is_open": False},
        General={"available": 2, "is_open": True},
    )
    attempt(log, "lost_card")

    found = preview(log.con, base, base, filters=Filters(), book=TENANT)
    # Whether another schedule had it open then, nobody knows.
    unknown = preview(log.con, base, other, filters=Filters(), book=TENANT)
    without = preview(log.con, base, BASE, filters=Filters(), book=TENANT)

    assert (four(found), records(found.matrix)) == (
        (0, 1, 0, 0),
        [led("General", "General", 1)],
    )
    assert four(unknown) == (0, 0, 1, 0)
    assert records(without.matrix) == [led("General", "Cards", 1)]


def test_the_expected_wait_is_never_recorded_and_a_schedule_was_not_always(log):
    recorded(log, NOON)
    attempt(log, "lost_card")
    step = BASE.rules[0].steps[0]
    waiting = replaced(step, skip_if=replaced(step.skip_if, expected_wait_over_s=60.0))

    by_wait = counted(log, changed(steps=(waiting,)))
    by_schedule = counted(log, BASE.model_copy(update={"schedules": {"Cards": "Office"}}))

    assert by_wait.undecided_attempts()["reason"].tolist() == [
        "not recorded: the expected wait of Cards"
    ]
    assert by_schedule.undecided_attempts()["reason"].tolist() == [
        "not recorded: whether Cards was open by 8x8's schedule"
    ]


def test_overridden_and_emergency_attempts_are_counted_apart(log):
    recorded(log, NOON)
    attempt(log, "lost_card", decided_by="override")
    attempt(log, "lost_card", decided_by="emergency")
    attempt(log, "lost_card")

    found = counted(log, general_first())

    assert (found.attempts, four(found), found.emergency) == (3, (1, 0, 0, 2), 1)
    assert found.matrix["attempts"].sum() == 1


def test_a_canary_nobody_changed_moves_nothing(log):
    recorded(log, NOON)
    for _ in range(200):
        attempt(log, "lost_card")
    canary = Canary(share=0.3, steps=BASE.rules[0].steps[::-1])
    base = changed(canary=canary).model_copy(update={"version": 3})
    draft = changed(canary=canary)
    wider = changed(canary=canary.model_copy(update={"share": 0.5}))

    same = preview(log.con, base, draft, filters=Filters(), book=TENANT)
    more = preview(log.con, base, wider, filters=Filters(), book=TENANT)

    led_by_canary = {row["from_queue"]: row["attempts"] for row in records(same.matrix)}
    assert four(same) == (0, 200, 0, 0)
    assert 40 <= led_by_canary["General"] <= 80
    # Whoever the smaller canary takes, the wider one takes too.
    assert more.redirected == more.moved
    assert set(more.moved_attempts()["to_queue"]) == {"General"}


def test_the_load_is_a_mean_per_hour_in_the_centers_zone(log):
    moments = [NOON, NOON + timedelta(days=1), NOON + timedelta(days=1, hours=1)]
    recorded(log, *moments)
    for at in moments:
        attempt(log, "lost_card", at=at)

    found = counted(
        log,
        general_first(),
        since=NOON - timedelta(hours=12),
        until=NOON + timedelta(days=1, hours=12),
    )

    loaded = found.load[(found.load["before"] > 0) | (found.load["after"] > 0)]
    assert len(found.load) == 2 * 24
    assert records(loaded) == [
        {"queue_id": "2", "queue": "Cards", "hour": 13, "before": 1.0, "after": 0.0},
        {"queue_id": "2", "queue": "Cards", "hour": 14, "before": 0.5, "after": 0.0},
        {"queue_id": "1", "queue": "General", "hour": 13, "before": 0.0, "after": 1.0},
        {"queue_id": "1", "queue": "General", "hour": 14, "before": 0.0, "after": 0.5},
    ]


def test_agreement_compares_where_attempts_went_with_where_the_base_leads_here(log):
    recorded(log, NOON)
    attempt(log, "lost_card", steps=[("2", "step_timeout"), ("1", "accepted")])
    attempt(log, "lost_card", steps=[("2", "skipped_empty"), ("1", "accepted")])
    attempt(log, "lost_card", steps=[("2", "accepted")], version=2)
    attempt(log, "lost_card", outcome="rejected")

    found = counted(log, BASE)

    assert (found.agreeing, found.checked, found.agreement) == (1, 2, 0.5)


def test_one_source_is_counted_and_only_its_availability(log):
    recorded(log, NOON)
    attempt(log, "lost_card", source="demo")
    attempt(log, "lost_card", source="demo")
    attempt(log, "lost_card", source="sandbox")

    found = counted(log, general_first())

    assert (found.source, found.attempts, four(found)) == ("demo", 2, (0, 0, 2, 0))


def test_imported_calls_recorded_nothing_that_a_policy_needs(log):
    log.attempt(source="import", intent="PS", channel="phone", decided_by="rule", queue="PS")

    found = counted(log, general_first())

    assert (found.source, four(found), found.agreement) == ("import", (0, 0, 1, 0), None)


def test_without_attempts_everything_is_empty(log):
    found = counted(log, general_first(), since=NOON, until=NOON)

    assert (found.attempts, four(found), found.agreement) == (0, (0, 0, 0, 0), None)
    frames = (found.matrix, found.intents, found.load, found.undecided_reasons)
    assert [len(frame) for frame in frames] == [0, 0, 0, 0]
    assert len(found.moved_attempts()) == len(found.undecided_attempts()) == 0


def test_the_log_names_the_queues_of_a_tenant_that_cannot_be_asked(log):
    recorded(log, NOON)
    log.state("2", at=NOON + timedelta(minutes=1), queue="Bank cards")
    attempt(log, "lost_card")

    book = recorded_book(log.con, Filters(), mapping={"Cards": "2"})

    assert {state.id: state.name for state in book} == {"1": "General", "2": "Bank cards"}
    assert book.resolve("Cards").id == "2"
    assert recorded_book(log.con, Filters(source=("test",))).known is False
