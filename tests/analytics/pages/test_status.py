from datetime import datetime, timedelta

import pytest

from analytics.pages.parts.status import Said, markdown, status_line
from connector.clock import Anchor, Clock
from connector.log import HomeStatus

NOW = datetime(2026, 11, 24, 14, 5, 9)


def at(now, speed=1.0):
    return Clock(Anchor(now, 0.0, speed), wall=lambda: 0.0)


def line(clock=None, sandbox=False, zone="UTC", expected=True, opened=True, **changes):
    usual = {
        "data_until": NOW,
        "connectors": 2,
        "eight_ok": True,
        "eight_detail": None,
        "outbox_waiting": 0,
        "checked_at": NOW,
        "receiver_alive": True,
    }
    return status_line(
        HomeStatus(**usual | changes),
        clock or at(NOW),
        zone,
        sandbox=sandbox,
        expected=expected,
        opened=opened,
    )


def test_when_all_is_well_nothing_stands_out():
    assert line() == [
        Said("Data up to 14:05:09 (UTC)"),
        Said("2 connectors alive"),
        Said("8x8 reachable"),
        Said("outbox empty"),
    ]


def test_the_moment_is_in_the_viewers_zone_which_is_named():
    assert line(zone="Asia/Tokyo")[0] == Said("Data up to 23:05:09 (Asia/Tokyo)")


def test_old_data_stands_out_with_its_age():
    said = line(at(NOW + timedelta(minutes=12)), outbox_waiting=7)
    assert said[0] == Said("Data up to 14:05:09 (UTC), 12 min ago", bad=True)
    assert said[3] == Said("7 waiting in the outbox", bad=True)


def test_age_is_judged_by_the_wall_when_the_world_runs_faster():
    later = NOW + timedelta(minutes=12)
    assert not line(at(later, speed=300), outbox_waiting=7)[0].bad


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"connectors": 0}, Said("no connector alive", bad=True)),
        ({"connectors": 1}, Said("1 connector alive")),
        ({"eight_ok": None}, Said("8x8 not asked yet")),
        (
            {"eight_ok": False, "eight_detail": "401 [key]"},
            Said(r"8x8 not reachable: 401 \[key\]", bad=True),
        ),
        ({"outbox_waiting": 12}, Said("12 waiting in the outbox")),
        ({"outbox_waiting": 9000}, Said("9,000 waiting in the outbox", bad=True)),
        ({"data_until": None}, Said("No data yet")),
        ({"connectors": 0, "eight_ok": None}, Said("8x8 unknown, nobody asks it", bad=True)),
    ],
)
def test_each_part_says_its_state(changes, said):
    assert said in line(**changes)


def test_the_sandbox_is_called_by_its_name():
    assert Said("Sandbox reachable") in line(sandbox=True)


def test_bad_parts_are_drawn_in_the_colour_of_loss():
    assert markdown([Said("fine"), Said("late", bad=True)]) == (
        ":small[:gray[fine] :gray[·] :red[**late**]]"
    )


def test_an_import_is_old_but_nothing_is_wrong():
    said = line(at(NOW + timedelta(days=10_159)), connectors=0, eight_ok=None, expected=False)
    assert said[:3] == [
        Said("Data up to 24 Nov 2026 14:05:09 (UTC), 10,159 days ago"),
        Said("no connector alive"),
        Said("8x8 not asked yet"),
    ]


def test_a_log_that_nobody_looked_into_yet_is_not_called_empty():
    assert line(data_until=None, opened=False)[0] == Said("Opening the log")
