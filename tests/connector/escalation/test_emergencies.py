"""Emergencies declared while a connector is at work."""

import asyncio
import time
from datetime import timedelta
from statistics import median

import pytest

from connector.access import Actor, Role
from connector.emergency import Emergency, declare, end
from connector.handoff import Handoff
from connector.policy import FailurePath

from .floor import floor, lost_card, rows, run

pytestmark = pytest.mark.slow

ANN = Actor("Ann", Role.MANAGER)
WITHIN_S = 2.0
DOWN = FailurePath(kind="callback", text="Our lines are down. We call you back.")


async def declared(f, *, world_s=3600, **given):
    """Declared as another process would do it; gives it once the connector knows of it."""
    clock, lake = f.connector.clock, f.connector.home.lake
    wish = Emergency(until=clock.now() + timedelta(seconds=world_s), **given)
    made = await asyncio.to_thread(declare, lake, wish, actor=ANN, clock=clock)
    await followed(f, made, there=True)
    return made


async def over(f, made):
    """Ended as another process would do it, and the connector knows."""
    clock, lake = f.connector.clock, f.connector.home.lake
    await asyncio.to_thread(end, lake, made.emergency_id, actor=ANN, clock=clock)
    await followed(f, made, there=False)


async def followed(f, made, *, there):
    """Wall seconds until the connector knows that one is there, or is not any more."""
    begun = time.monotonic()
    while (made in f.connector.station.emergencies) != there:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return time.monotonic() - begun


def test_with_a_failure_path_the_bot_hears_it_at_once_and_8x8_nothing(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await declared(f, failure_path=DOWN)
            result = await f.connector.hand_off(lost_card())
            assert await f.desk() == []
            return result

    result = run(scene())
    assert (result.outcome, result.reason) == ("no_agents", "closed")
    assert (result.failure_path, result.failure_text) == (DOWN.kind, DOWN.text)
    assert result.wait_s == 0
    assert "emergency declared by Ann" in result.trace[-1]
    assert rows(tmp_path, "SELECT outcome, failure_reason, decided_by, queue FROM attempts") == [
        ("no_agents", "closed", "emergency", "Cards")
    ]
    steps = "SELECT queue, result FROM attempt_steps ORDER BY step"
    assert rows(tmp_path, steps) == [("Cards", "skipped_closed"), ("General", "skipped_closed")]


def test_with_a_queue_the_customer_waits_there_and_who_waited_before_stays(tmp_path):
    async def scene():
        async with floor(tmp_path, speed=1) as f:
            before = asyncio.create_task(f.connector.hand_off(lost_card()))
            held = await f.waiting_in("Cards")
            await declared(f, queue="Payments", queues=("Cards",))
            after = asyncio.create_task(f.connector.hand_off(lost_card()))
            moved = await f.waiting_in("Payments")
            other = asyncio.create_task(f.connector.hand_off(Handoff(intent="weather")))
            left_alone = await f.waiting_in("General")
            for conversation in (held, moved, left_alone):
                await f.act(conversation, "accept")
            results = [await task for task in (before, after, other)]
            return [(one.outcome, one.queue) for one in results]

    assert run(scene()) == [
        ("accepted", "Cards"),
        ("accepted", "Payments"),
        ("accepted", "General"),
    ]
    by_queue = "SELECT queue, decided_by, rule FROM attempts ORDER BY queue"
    assert rows(tmp_path, by_queue) == [
        ("Cards", "rule", "lost card"),
        ("General", "rule", "default"),
        ("Payments", "emergency", "lost card"),
    ]


def test_it_is_over_by_itself_at_its_time_and_at_once_when_ended(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            connector = f.connector
            deciders = []

            async def decider():
                deciders.append((await connector.explain(lost_card())).decided_by)

            made = await declared(f, failure_path=DOWN, world_s=300)
            await decider()
            await connector.clock.sleep_until(made.emergency.until)
            await decider()
            made = await declared(f, queue="Payments")
            await decider()
            await over(f, made)
            await decider()
            return deciders

    assert run(scene()) == ["emergency", "rule", "emergency", "rule"]


@pytest.mark.full
@pytest.mark.alone
def test_a_connector_follows_within_two_seconds(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            lake, clock, seconds = f.connector.home.lake, f.connector.clock, []
            for _ in range(10):
                wish = Emergency(until=clock.now() + timedelta(hours=1), failure_path=DOWN)
                made = await asyncio.to_thread(declare, lake, wish, actor=ANN, clock=clock)
                seconds.append(await followed(f, made, there=True))
                await asyncio.to_thread(end, lake, made.emergency_id, actor=ANN, clock=clock)
                seconds.append(await followed(f, made, there=False))
            return seconds

    seconds = run(scene())
    # The usual one: this machine may be busy with something else for a moment.
    assert median(seconds) < WITHIN_S, seconds


def test_a_connector_that_starts_meanwhile_is_under_it_from_the_first_handoff(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await declared(f, failure_path=DOWN)
            connector = f.connector
            again = type(connector)(connector.settings, clock=connector.clock)
            async with again:
                return await again.hand_off(lost_card())

    assert run(scene()).outcome == "no_agents"
