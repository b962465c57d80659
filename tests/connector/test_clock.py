"""World time runs at its speed and may jump."""

import asyncio
from datetime import datetime, timedelta

from connector.clock import Anchor, Clock

T0 = datetime(2026, 1, 1)


def test_world_time_runs_at_its_speed():
    wall = [100.0]
    clock = Clock(Anchor(T0, 100.0, 300.0), wall=lambda: wall[0])
    wall[0] += 2

    assert clock.now() == T0 + timedelta(seconds=600)
    assert clock.wall_seconds(600) == 2


def test_a_sleeper_wakes_when_time_jumps_past_it():
    async def nap() -> datetime:
        clock = Clock.at_speed(1.0, T0)
        asyncio.get_running_loop().call_later(0.05, clock.jump, T0 + timedelta(hours=2))
        await asyncio.wait_for(clock.sleep(3600), 5)
        return clock.now()

    assert asyncio.run(nap()) >= T0 + timedelta(hours=2)


def test_time_never_jumps_back():
    clock = Clock.at_speed(1.0, T0)
    clock.jump(T0 - timedelta(days=1))

    assert clock.now() >= T0
