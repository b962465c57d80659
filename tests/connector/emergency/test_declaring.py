"""Declaring emergencies and ending them, in a real lake."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connector import audit
from connector.access import Actor, Role, local_actor
from connector.clock import Anchor, Clock
from connector.emergency import Emergency, declare, emergencies, end, in_force, known_intents
from connector.errors import BadEmergency, NotAllowed
from connector.log import append_rows
from connector.policy import FailurePath
from connector.publishing import current
from connector.queues import QueueBook, QueueState
from tests.connector.log.writing import attempt_row

T0 = datetime(2026, 11, 24, 12)
HOUR = timedelta(hours=1)
ANN, EVE = Actor("Ann", Role.MANAGER), Actor("Eve", Role.VIEWER)
BOOK = QueueBook.of(
    [QueueState("101", "General"), QueueState("102", "Cards"), QueueState("205", "Karten")],
    mapping={"Cards": "205"},
)
TO_GENERAL = Emergency(until=T0 + HOUR, queue="General")
PATH = FailurePath(kind="message", text="Our lines are down.")


class Hands(Clock):
    """A clock that stands until it is moved."""

    def __init__(self):
        super().__init__(Anchor(T0, 0.0, 1.0), wall=lambda: 0.0)


@pytest.fixture
def home(shared_home):
    return shared_home


@pytest.fixture
def lake(home):
    yield home.lake
    for table in ("emergencies", "audit", "attempts"):
        home.lake.alone(f"DELETE FROM {table}")


@pytest.fixture
def clock():
    return Hands()


def test_an_emergency_is_in_force_until_its_time_and_then_over_by_itself(lake, clock):
    declared = declare(lake, TO_GENERAL, actor=ANN, clock=clock, book=BOOK)
    assert declared.emergency.queue == "General (101)"
    assert in_force(lake, clock.now()) == [declared]
    assert in_force(lake, T0 + HOUR - timedelta(seconds=1)) == [declared]
    assert in_force(lake, T0 + HOUR) == []
    assert emergencies(lake) == [declared]


def test_all_of_it_comes_back_as_it_was_declared(lake, clock):
    wish = Emergency(
        until=T0 + HOUR,
        failure_path=FailurePath(kind="external", text="Call 'us'.", target="+49 30 1234"),
        queues=("Cards (102)", "General"),
        intents=(" lost card ", "it's odd", "lost card"),
        note=" fire alarm ",
    )
    declare(lake, wish, actor=ANN, clock=clock, book=BOOK)
    [read] = in_force(lake, T0)
    assert read.emergency == replace(
        wish,
        queues=("Cards (102)", "General (101)"),
        intents=("lost card", "it's odd"),
        note="fire alarm",
    )
    assert (read.declared_at, read.declared_by) == (T0, "Ann")


def test_an_id_means_the_tenants_queue_and_a_name_what_it_is_mapped_to(lake, clock):
    for given, meant in (("Cards (102)", "Cards (102)"), ("Cards", "Karten (205)")):
        wish = replace(TO_GENERAL, queue=given)
        declared = declare(lake, wish, actor=ANN, clock=clock, book=BOOK)
        assert declared.emergency.queue == meant


def test_names_stay_as_they_are_written_when_the_tenant_cannot_be_asked(lake, clock):
    wish = replace(TO_GENERAL, queue="Nowhere", queues=("Cards",))
    for book in (None, QueueBook(known=False)):
        declared = declare(lake, wish, actor=ANN, clock=clock, book=book)
        assert (declared.emergency.queue, declared.emergency.queues) == ("Nowhere", ("Cards",))


def test_one_may_be_ended_early_once(lake, clock):
    declared = declare(lake, TO_GENERAL, actor=ANN, clock=clock)
    clock.jump(T0 + timedelta(minutes=5))
    ended = end(lake, declared.emergency_id, actor=Actor("Bob", Role.MANAGER), clock=clock)
    assert (ended.ended_at, ended.ended_by) == (T0 + timedelta(minutes=5), "Bob")
    assert in_force(lake, clock.now()) == []
    assert emergencies(lake) == [ended]
    with pytest.raises(BadEmergency, match="over already"):
        end(lake, declared.emergency_id, actor=ANN, clock=clock)


def test_one_that_ran_out_or_never_was_cannot_be_ended(lake, clock):
    declared = declare(lake, TO_GENERAL, actor=ANN, clock=clock)
    clock.jump(T0 + HOUR)
    with pytest.raises(BadEmergency, match="over already"):
        end(lake, declared.emergency_id, actor=ANN, clock=clock)
    with pytest.raises(BadEmergency, match="no emergency `it's`"):
        end(lake, "it's", actor=ANN, clock=clock)


def test_the_newest_comes_first(lake, clock):
    first = declare(lake, TO_GENERAL, actor=ANN, clock=clock)
    clock.jump(T0 + timedelta(minutes=1))
    second = declare(lake, replace(TO_GENERAL, queue="Cards"), actor=ANN, clock=clock)
    assert in_force(lake, clock.now()) == [second, first]


def test_what_a_fast_sandbox_declared_days_ahead_concerns_nobody_now(lake, clock):
    ahead = Clock(Anchor(T0 + timedelta(days=2), 0.0, 1.0), wall=lambda: 0.0)
    declare(lake, replace(TO_GENERAL, until=T0 + timedelta(days=3)), actor=ANN, clock=ahead)
    assert in_force(lake, T0) == []


def test_both_are_audited_with_what_was_and_what_is(lake, clock):
    wish = replace(TO_GENERAL, note="fire alarm", intents=("lost card",))
    declared = declare(lake, wish, actor=ANN, clock=clock, book=BOOK)
    end(lake, declared.emergency_id, actor=ANN, clock=clock)
    ended, began = audit.read(lake, local_actor())
    assert (began.actor, began.action, began.note) == ("Ann", "declare emergency", "fire alarm")
    assert began.before == {}
    assert (
        began.after
        == ended.before
        == {
            "concerns": "handoffs with intent lost card",
            "instead": "queue General (101) for 120 s",
            "until": "2026-11-24 13:00:00 UTC",
        }
    )
    assert (ended.action, ended.after) == ("end emergency", {"ended": "2026-11-24 12:00:00 UTC"})
    assert began.subject == ended.subject == declared.emergency_id


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"until": T0}, "over already"),
        ({"until": T0 + timedelta(days=7, seconds=1)}, "7 days at most"),
        ({"queue": None}, "one queue, or to a failure path"),
        ({"failure_path": PATH}, "one queue, or to a failure path"),
        ({"queue": None, "failure_path": FailurePath(text="  ")}, "needs a text"),
        ({"queue": None, "failure_path": FailurePath(text="x" * 2001)}, "longer than 2,000"),
        ({"timeout_s": 0.0}, "timeout must be between"),
        ({"timeout_s": float("nan")}, "timeout must be between"),
        ({"queue": "Ghosts"}, r"no queue `Ghosts`. It has Cards \(102\), General \(101\)"),
        ({"queue": "Ghosts (999)"}, r"no queue `Ghosts \(999\)`"),
        ({"queues": ("Ghosts",)}, "no queue `Ghosts`"),
    ],
)
def test_what_cannot_be_declared_is_refused_with_a_reason_and_leaves_nothing(
    lake, clock, wrong, said
):
    with pytest.raises(BadEmergency, match=said):
        declare(lake, replace(TO_GENERAL, **wrong), actor=ANN, clock=clock, book=BOOK)
    assert emergencies(lake) == []
    assert audit.read(lake, local_actor()) == []


def test_a_viewer_may_neither_declare_nor_end_one(lake, clock):
    with pytest.raises(NotAllowed, match="declare an emergency"):
        declare(lake, TO_GENERAL, actor=EVE, clock=clock)
    declared = declare(lake, TO_GENERAL, actor=ANN, clock=clock)
    with pytest.raises(NotAllowed, match="end an emergency"):
        end(lake, declared.emergency_id, actor=EVE, clock=clock)
    assert in_force(lake, T0) == [declared]


def test_an_intent_that_no_rule_names_and_no_bot_sends_is_refused(home, lake, clock):
    append_rows(
        lake, home.path, {"attempts": [attempt_row(1, intent="loan", started_at=T0 - HOUR)]}
    )
    known = known_intents(lake, current(lake), T0)
    assert {"loan", "reportlostcard"} <= known
    assert "loan" not in known_intents(lake, current(lake), T0 + timedelta(days=30))
    for wrong, meant in (("reportlostcrad", " Did you mean `reportlostcard`?"), ("weather", "")):
        wish = replace(TO_GENERAL, intents=("loan", wrong))
        with pytest.raises(BadEmergency, match=f"the intent `{wrong}`") as refused:
            declare(lake, wish, actor=ANN, clock=clock, intents=known)
        assert str(refused.value).endswith(f"`{wrong}`.{meant}")
    assert emergencies(lake) == []
    declare(lake, replace(TO_GENERAL, intents=("loan",)), actor=ANN, clock=clock, intents=known)
