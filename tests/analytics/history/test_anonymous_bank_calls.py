"""Calls as arrivals, patience and handle times for a replay."""

from datetime import datetime

import numpy as np
import pytest

from analytics.history.anonymous_bank import calls
from connector.errors import DataFileError
from tests.analytics.history.conftest import call, left


def test_calls_that_asked_for_an_agent_come_in_the_order_they_asked(file):
    found = calls(
        file(
            call(call_id=1, vru_exit="12:00:00"),
            call(call_id=2, outcome="PHANTOM"),
            left(call_id=3, type="NW", vru_exit="9:00:00"),
            left(call_id=4, q_start="0:00:00", q_time=0),
            "cut off",
            call(call_id=5, type="IN", date="990104"),
        )
    )
    assert [(arrival.asked_local, arrival.type) for arrival in found.arrivals] == [
        (datetime(1999, 1, 4, 10, 0, 10), "IN"),
        (datetime(1999, 1, 5, 9, 0), "NW"),
        (datetime(1999, 1, 5, 12, 0), "PS"),
    ]
    assert found.arrivals[1].asked_at == datetime(1999, 1, 5, 7, 0)
    assert found.malformed == 1


def test_leaving_is_the_event_and_being_served_cuts_the_observation_short(file):
    found = calls(
        file(
            left(call_id=1, q_time=10),
            call(call_id=2, q_time=20),
            left(call_id=3, q_time=30),
            call(call_id=4, q_time=40),
            left(call_id=5, q_time=5, type="NW"),
        )
    )
    curve = found.patience["PS"]
    # 4 at risk at 10 s, one leaves: 3/4. 2 at risk at 30 s, one leaves: 3/4 x 1/2.
    assert curve["time"].tolist() == [10, 20, 30, 40]
    assert curve["survival"].tolist() == [0.75, 0.75, 0.375, 0.375]
    assert found.patience["NW"]["survival"].tolist() == [0.0]


def test_draws_come_from_the_type_and_repeat_with_the_seed(file):
    found = calls(
        file(
            left(call_id=1, q_time=10),
            call(call_id=2, ser_time=60),
            call(call_id=3, ser_time=90),
            call(call_id=4, ser_time=0),
            left(call_id=5, q_time=5, type="NW", ser_time=7),
        )
    )
    rng = np.random.default_rng(5)
    patience = [found.draw_patience_s("PS", rng) for _ in range(200)]
    assert set(patience) == {10.0, np.inf}
    assert 30 <= patience.count(10.0) <= 70  # one in four leaves
    assert {found.draw_handle_s("PS", rng) for _ in range(50)} == {60.0, 90.0}
    assert found.draw_patience_s("NW", rng) == 5.0
    assert found.draw_handle_s("NW", rng) is None
    again = np.random.default_rng(5)
    assert [found.draw_patience_s("PS", again) for _ in range(200)] == patience


def test_a_file_in_which_nobody_asked_for_an_agent_cannot_be_replayed(file):
    with pytest.raises(DataFileError, match="asked for an agent"):
        calls(file(call(outcome="PHANTOM")))


def test_january_is_read_as_it_is_described(shared_data):
    found = calls(shared_data / "anonymous-bank-1999-01.txt")
    assert (len(found.arrivals), found.malformed) == (30_161, 0)
    first, last = found.arrivals[0], found.arrivals[-1]
    assert first.asked_local == datetime(1999, 1, 1, 0, 0, 8)
    assert last.asked_local == datetime(1999, 1, 31, 23, 51, 44)
    described = {"IN": 269.38, "NE": 323.81, "NW": 106.70, "PE": 236.43, "PS": 192.34, "TT": 98.15}
    means = {name: round(float(times.mean()), 2) for name, times in found.handle_s.items()}
    assert means == described
    assert set(found.patience) == set(described)
