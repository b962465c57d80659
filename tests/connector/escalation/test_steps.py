"""Which step an agent took a customer from."""

from datetime import datetime, timedelta

import pytest

from connector.escalation.steps import Steps
from connector.handoff import Handoff
from connector.queues import QueueBook, QueueState
from connector.routing import decide

from ..conftest import NOON


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def steps(policy, book):
    return Steps(decide(policy, Handoff(intent="reportlostcard"), book, NOON))


def results(steps):
    return [(step.planned.queue, step.result) for step in steps]


def test_the_step_that_got_the_agent_is_the_serving_one(steps, book):
    steps.next(book, at(0)).close("step_timeout", at(60))
    steps.next(book, at(60))

    steps.accept(at(70), at(70))

    assert results(steps) == [("Cards priority", "step_timeout"), ("General", "accepted")]
    assert steps.serving.planned.queue == "General"


def test_an_agent_who_joined_just_before_we_moved_on_took_the_earlier_step(steps, book):
    steps.next(book, at(0)).close("step_timeout", at(60))
    steps.next(book, at(60))

    steps.accept(at(59.9), at(61))

    assert results(steps) == [("Cards priority", "accepted"), ("General", "superseded")]


def test_8x8s_own_stamp_of_entering_the_queue_decides_where_known(steps, book):
    steps.next(book, at(0)).close("step_timeout", at(60))
    steps.next(book, at(60))
    steps.queued("101", "General", at(60.5))

    steps.accept(at(60.2), at(61))

    assert results(steps)[0] == ("Cards priority", "accepted")


def test_a_move_8x8_never_confirmed_did_not_come_before_the_agent(steps, book):
    steps.next(book, at(0)).close("step_timeout", at(60))
    steps.queued("103", "Cards priority", at(0.1))
    steps.next(book, at(60))

    steps.accept(at(61), at(62))

    assert results(steps) == [("Cards priority", "accepted"), ("General", "superseded")]


def test_a_clock_that_runs_behind_ours_still_finds_the_first_step(steps, book):
    steps.next(book, at(0))

    steps.accept(at(-5), at(1))

    assert results(steps) == [("Cards priority", "accepted")]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({"is_open": False}, {"is_open": False}, "closed"),
        ({"is_open": False}, {"available": 0, "busy": 0}, "nobody_logged_in"),
    ],
)
def test_of_all_reasons_to_skip_the_most_hopeful_is_told(policy, first, second, told):
    fine = {"available": 1, "enabled": 1}
    book = QueueBook.of(
        [
            QueueState("103", "Cards priority", **(fine | first)),
            QueueState("101", "General", **(fine | second)),
        ],
        mapping={"Cards": "103"},
    )
    steps = Steps(decide(policy, Handoff(intent="reportlostcard"), book, NOON))
    while steps.more:
        steps.next(book, NOON)

    assert steps.why_skipped == told
    assert steps.offered == []


def test_people_ahead_are_those_who_wait_in_the_queue(steps):
    crowded = QueueBook.of([QueueState("103", "Cards priority", busy=1, waiting=4)])

    assert steps.next(crowded, NOON).people_ahead == 4
