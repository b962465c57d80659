from datetime import datetime
from random import Random
from statistics import fmean, pstdev

import numpy as np
import pytest

from connector.errors import DataFileError
from connector.policy import load_policy
from connector.publishing import SHIPPED
from connector.sandbox.parts import Hours, Lognormal, Weibull
from connector.sandbox.world import load_world

TUESDAY = datetime(2026, 11, 24)
SMALL = """
zone = "UTC"

[[queues]]
id = "1"
name = "First"

[[queues]]
id = "2"
name = "Second"
schedule = "Week"

[schedules]
Week = [{ days = "mon-fri", start = "09:00", end = "17:00" }]

[shifts]
day = [{ days = "mon-fri", start = "09:00", end = "17:00" }]
night = [{ days = "tue", start = "22:00", end = "06:00" }]

[[agents]]
id = "a"
name = "A"
queues = { 1 = 100 }
shifts = ["day"]
breaks = ["12:00"]

[[agents]]
id = "b"
name = "B"
queues = { 2 = 50 }
shifts = ["night"]

[arrivals]
per_day = 100
hours = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
weekdays = [1, 1, 1, 1, 1, 1, 1]
channels = { web = 1 }
languages = { en = 1 }

[[intents]]
name = "ask"
weight = 1
queue = "1"
category = "General"

[handle.default]
mean_s = 300

[handle.queues]
2 = { mean_s = 600 }

[patience.default]
mean_s = 200
"""


@pytest.fixture
def written(tmp_path):
    def write(text=SMALL):
        path = tmp_path / "world.toml"
        path.write_text(text)
        return path

    return write


def line_of(text, part):
    return next(n for n, line in enumerate(text.splitlines(), start=1) if part in line)


def test_the_shipped_world_has_the_queues_of_the_shipped_policy():
    names = {queue.name for queue in load_world().queues}
    policy = load_policy(SHIPPED)
    steps = [step for route in (*policy.rules, policy.default) for step in route.steps]
    wanted = {step.queue for step in steps if step.queue} | {policy.default_queue}
    wanted |= {skill.queue for skill in policy.skills.values() if skill.queue}
    wanted |= {name for twins in policy.priority_twins.values() for name in twins.values()}
    assert wanted <= names
    assert names >= {"General", "Cards", "Cards priority", "Payments", "Disputes", "Accounts"}
    assert names >= {"Spanish", "VIP", "Escalations"}


def test_every_queue_of_the_shipped_world_is_staffed_from_seven_to_midnight():
    world = load_world()
    for queue in world.queues:
        members = [agent for agent in world.agents if queue.id in agent.queues]
        for hour in range(7, 24):
            at = TUESDAY.replace(hour=hour, minute=15)
            assert world.is_open(queue.schedule, at)
            assert any(world.on_shift(agent, at) for agent in members), (queue.name, hour)


def test_spanish_is_staffed_by_spanish_speakers_alone():
    world = load_world()
    spanish = [agent for agent in world.agents if "107" in agent.queues]
    assert spanish
    assert all("es" in agent.languages for agent in spanish)


def test_a_priority_twin_has_the_same_agents_and_a_higher_level():
    world = load_world()
    twins = [queue for queue in world.queues if queue.twin_of]
    assert [queue.name for queue in twins] == ["Cards priority"]
    for twin in twins:
        original = world.queue(twin.twin_of)
        assert twin.level > original.level
        for agent in world.agents:
            assert (twin.id in agent.queues) == (original.id in agent.queues)


@pytest.mark.parametrize(
    ("agent", "at", "duty"),
    [
        ("a", datetime(2026, 11, 24, 8, 59), "offline"),
        ("a", datetime(2026, 11, 24, 9), "available"),
        ("a", datetime(2026, 11, 24, 12, 29), "break"),
        ("a", datetime(2026, 11, 24, 12, 30), "available"),
        ("a", datetime(2026, 11, 24, 17), "offline"),
        ("a", datetime(2026, 11, 22, 10), "offline"),
        ("b", datetime(2026, 11, 24, 22), "available"),
        ("b", datetime(2026, 11, 25, 5, 59), "available"),
        ("b", datetime(2026, 11, 25, 6), "offline"),
        ("b", datetime(2026, 11, 24, 5), "offline"),
        ("b", datetime(2026, 11, 25, 22), "offline"),
    ],
)
def test_the_roster_says_who_is_there(written, agent, at, duty):
    world = load_world(written())
    assert world.duty(world.agent(agent), at) == duty


def test_hours_are_local_to_the_world_and_move_with_its_clock_change(written):
    world = load_world(written(SMALL.replace('zone = "UTC"', 'zone = "Europe/Berlin"')))
    assert world.is_open("Week", datetime(2026, 7, 7, 7))
    assert not world.is_open("Week", datetime(2026, 11, 24, 7))
    assert world.is_open("Week", datetime(2026, 11, 24, 8))


def test_a_span_of_weekdays_may_pass_sunday(written):
    path = written(SMALL.replace('days = "tue"', 'days = "sat-mon"'))
    assert load_world(path).shifts["night"][0].days == {5, 6, 0}


def test_whole_days_hold_every_minute():
    assert Hours().holds(TUESDAY.replace(hour=23, minute=59))


def test_handle_time_is_the_intents_own_else_the_queues_else_the_default(written):
    own = SMALL + "[handle.intents]\nask = { mean_s = 60 }\n"
    world = load_world(written(own))
    assert world.handle_time("2", "ask").mean_s == 60
    assert world.handle_time("2", None).mean_s == 600
    assert world.handle_time("1", "other").mean_s == 300


@pytest.mark.parametrize("random", [Random(5), np.random.default_rng(5)])
def test_draws_have_the_mean_and_spread_they_are_given(random):
    handled = [Lognormal(300, 0.5).draw(random) for _ in range(40_000)]
    assert fmean(handled) == pytest.approx(300, rel=0.02)
    assert pstdev(np.log(handled)) == pytest.approx(0.5, rel=0.02)
    waited = [Weibull(200, 1.0).draw(random) for _ in range(40_000)]
    assert fmean(waited) == pytest.approx(200, rel=0.02)
    # An exponential deviates as much as its mean.
    assert pstdev(waited) == pytest.approx(200, rel=0.03)


def test_the_live_world_is_staffed_at_any_hour_and_its_chats_are_short():
    world = load_world()
    live = world.for_live()
    night = TUESDAY.replace(hour=4)
    assert all(live.duty(agent, night) == "available" for agent in live.agents)
    assert all(live.is_open(queue.schedule, night) for queue in live.queues)
    factor = world.live.handle_factor
    for queue in world.queues:
        before, after = world.handle_time(queue.id, None), live.handle_time(queue.id, None)
        assert after.mean_s == pytest.approx(before.mean_s * factor)


@pytest.mark.parametrize(
    ("wrong", "instead", "field", "part"),
    [
        ('schedule = "Week"', 'schedule = "Weak"', "queues.1.schedule", "Weak"),
        ("queues = { 2 = 50 }", "queues = { 9 = 50 }", "agents.1.queues", "9 = 50"),
        ("queues = { 2 = 50 }", "queues = { 2 = 55 }", "agents.1.queues.2", "2 = 55"),
        ('shifts = ["night"]', 'shifts = ["nite"]', "agents.1.shifts", "nite"),
        ('start = "22:00"', 'start = "22:07"', "shifts.night.0.start", "22:07"),
        ('start = "22:00"', 'start = "late"', "shifts.night.0.start", "late"),
        ('days = "tue"', 'days = "tuesday"', "shifts.night.0.days", "tuesday"),
        ("per_day = 100", "per_day = -1", "arrivals.per_day", "-1"),
        ("weekdays = [1,", "weekdays = [", "arrivals.weekdays", "weekdays"),
        ('id = "b"', 'id = "a"', "agents.1.id", None),
        ('queue = "1"', 'queue = "7"', "intents.0.queue", '"7"'),
        ("2 = { mean_s = 600 }", "3 = { mean_s = 600 }", "handle.queues.3", "3 = {"),
        ('zone = "UTC"', 'zone = "Mars"', "zone", "Mars"),
        ('name = "Second"', 'name = "Second"\ncolour = 1', "queues.1.colour", "colour"),
        ('name = "B"\n', "", "agents.1.name", None),
    ],
)
def test_a_mistake_names_file_line_field_and_what_to_do(written, wrong, instead, field, part):
    text = SMALL.replace(wrong, instead)
    with pytest.raises(DataFileError) as caught:
        load_world(written(text))
    error = caught.value
    assert error.file is not None
    assert error.file.endswith("world.toml")
    assert error.field == field
    assert error.fix
    if part is not None:
        assert error.line == line_of(text, part)


def test_a_missing_field_is_reported_where_it_belongs(written):
    text = SMALL.replace('name = "B"\n', "")
    with pytest.raises(DataFileError) as caught:
        load_world(written(text))
    assert text.splitlines()[caught.value.line - 1] == "[[agents]]"
    assert (
        caught.value.line
        == [n for n, line in enumerate(text.splitlines(), start=1) if line == "[[agents]]"][1]
    )


def test_a_file_that_is_no_toml_is_reported_with_its_line(written):
    with pytest.raises(DataFileError) as caught:
        load_world(written('zone = "UTC"\nqueues = [\n  oops\n'))
    assert caught.value.line == 3


def test_a_file_that_is_not_there_is_reported(tmp_path):
    with pytest.raises(DataFileError, match=r"absent\.toml"):
        load_world(tmp_path / "absent.toml")
