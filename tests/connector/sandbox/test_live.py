import asyncio
from dataclasses import replace

import pytest

import analytics
from connector.clock import Clock
from connector.sandbox import Sandbox
from connector.sandbox.live import Live, stream
from connector.sandbox.parts import Weibull
from connector.sandbox.world import load_world
from connector.service.server import running
from connector.settings import Settings

OUTCOMES = ("accepted", "timed_out", "no_agents", "abandoned", "rejected", "failed", "unknown")
SPEED = 20.0
SHORT = Weibull(10.0, 5.0)


@pytest.fixture(scope="module")
def world():
    live = load_world().for_live()
    return replace(live, afterwards=replace(live.afterwards, retry=0.0))


@pytest.mark.full
def test_customers_go_through_the_service_and_each_ends_once(tmp_path, world):
    async def run():
        clock = Clock.at_speed(SPEED)
        async with Sandbox(world, clock=clock) as sandbox:
            settings = Settings(home=tmp_path, **sandbox.connection)
            async with running(settings, clock=clock) as address:
                counts = await stream(address, world, per_minute=120, seed=1, clock=clock, limit=25)
        return counts, settings

    counts, settings = asyncio.run(run())
    assert counts["sent"] == 25
    assert sum(counts[outcome] for outcome in OUTCOMES) == 25
    assert counts["accepted"] >= 15
    assert counts["wrote"] > 0
    lake = analytics.connect(settings.home)
    logged = dict(lake.sql("SELECT outcome, count(*) FROM attempts GROUP BY outcome").fetchall())
    assert logged == {outcome: counts[outcome] for outcome in OUTCOMES if counts[outcome]}
    wrote = lake.sql("SELECT count(*) FROM engagements WHERE customer_wrote").fetchall()[0][0]
    assert 0 < wrote <= counts["wrote"]
    lake.close()


@pytest.mark.full
def test_a_customer_whose_patience_ends_leaves(tmp_path, world):
    """Nobody plays the agents here, so everyone waits until they have had enough."""

    async def run():
        clock = Clock.at_speed(SPEED)
        async with Sandbox(world, clock=clock, auto_agents=False) as sandbox:
            settings = Settings(home=tmp_path, **sandbox.connection)
            async with running(settings, clock=clock) as address:
                impatient = replace(
                    world, patience=replace(world.patience, default=SHORT, intents={})
                )
                return await stream(
                    address, impatient, per_minute=120, seed=1, clock=clock, limit=5
                )

    counts = asyncio.run(run())
    assert counts["abandoned"] == counts["sent"] == 5


def test_the_stream_stops_when_it_is_cancelled_and_leaves_nothing_behind(tmp_path, world):
    async def run():
        clock = Clock.at_speed(SPEED)
        async with Sandbox(world, clock=clock) as sandbox:
            settings = Settings(home=tmp_path, **sandbox.connection)
            async with running(settings, clock=clock) as address:
                live = Live(address, world, clock=clock)
                streaming = asyncio.create_task(live.run(120))
                while not live.counts["sent"]:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
                streaming.cancel()
                await asyncio.gather(streaming, return_exceptions=True)
                assert streaming.cancelled()
                assert live.open == 0

    asyncio.run(run())


def test_a_service_that_is_gone_is_counted_and_the_stream_goes_on(world):
    async def run():
        clock = Clock.at_speed(200.0)
        return await stream(
            "http://127.0.0.1:9", world, per_minute=600, seed=1, clock=clock, limit=4
        )

    counts = asyncio.run(run())
    assert counts["failed"] == 4
    assert counts["sent"] == 0


def test_no_more_customers_than_allowed_are_under_way_at_once(world):
    async def run():
        async with asyncio.timeout(20):
            server = await asyncio.start_server(_silent, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            clock = Clock.at_speed(200.0)
            live = Live(f"http://127.0.0.1:{port}", world, clock=clock, most_at_once=3)
            streaming = asyncio.create_task(live.run(600))
            while live.counts["left_out"] < 5:
                await asyncio.sleep(0.01)
                assert live.open <= 3
            streaming.cancel()
            await asyncio.gather(streaming, return_exceptions=True)
            server.close()

    asyncio.run(run())


async def _silent(reader, writer):
    """Takes a request and never answers."""
    await reader.read()
    writer.close()
