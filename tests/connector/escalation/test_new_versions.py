"""Policies published while a connector is at work."""

import asyncio
import time
from statistics import median

import pytest

import analytics
from connector.access import local_actor
from connector.escalation import background
from connector.handoff import Handoff
from connector.publishing import publish

from .floor import floor

WITHIN_S = 2.0
FIRST_TIMEOUT_S = 1000


def timeout_of(version):
    """What the default rule's step lasts under a version: it tells who decided an attempt."""
    return float(FIRST_TIMEOUT_S + version)


def next_policy(policy):
    steps = ({"queue": "General", "timeout_s": timeout_of(policy.version + 1)},)
    default = type(policy.default).model_validate({"steps": steps})
    return policy.model_copy(update={"default": default})


async def publish_next(connector):
    """One more version; returns the seconds until the connector decides by it."""
    policy, lake = connector.policy, connector.home.lake
    published = await asyncio.to_thread(
        publish,
        lake,
        next_policy(policy),
        actor=local_actor(),
        note="one more",
        base=policy.version,
    )
    begun = time.monotonic()
    while connector.policy.version != published.version:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return time.monotonic() - begun


async def hand_off_until(connector, stop):
    """Handoffs one after the other, ended by the bot as soon as somebody took them."""
    outcomes = []
    while not stop.is_set():
        handoff = Handoff(intent="weather")
        outcomes.append((await connector.hand_off(handoff)).outcome)
        await connector.end(handoff.handoff_id)
    return outcomes


@pytest.mark.alone
def test_under_load_every_attempt_carries_the_version_that_decided_it(tmp_path, full):
    publishes = 50 if full else 5

    async def scene():
        async with floor(tmp_path, auto_agents=True) as f:
            connector, stop = f.connector, asyncio.Event()
            await publish_next(connector)
            load = [asyncio.create_task(hand_off_until(connector, stop)) for _ in range(6)]
            delays = [await publish_next(connector) for _ in range(publishes)]
            stop.set()
            outcomes = [one for told in await asyncio.gather(*load) for one in told]
            await connector.drain()
            return delays, outcomes

    delays, outcomes = asyncio.run(asyncio.wait_for(scene(), 240))

    # The usual one: this machine may be busy with something else for a moment.
    assert median(delays) < WITHIN_S, delays
    assert set(outcomes) == {"accepted"}
    with analytics.connect(tmp_path) as con:
        rows = con.execute("SELECT policy_version, timeout_s FROM attempts").fetchall()
    assert len(rows) == len(outcomes)
    assert [seconds for _, seconds in rows] == [timeout_of(number) for number, _ in rows]
    seen = {number for number, _ in rows}
    assert len(seen) > publishes // 2, seen


def test_looking_for_a_new_version_leaves_a_second_to_spare():
    assert background.FOLLOW_S <= WITHIN_S / 2
