import asyncio

import pytest

from connector.errors import HandoffError
from connector.sandbox.player import Player
from tests.connector.sandbox.tenancy import live, played, tenancy


def playing(t):
    return Player(t.sandbox.base_url)


async def aside(call, *given):
    """The player waits for its answers, so it needs a thread of its own."""
    return await asyncio.to_thread(call, *given)


@live
async def test_a_held_customer_is_offered_to_nobody_until_a_person_takes_them():
    async with tenancy(speed=200) as t:
        player = playing(t)
        made = await t.create("102")
        await t.told(made, "queued 102")
        await aside(player.hold, made)
        other = await t.create("102")
        await t.taken(other)
        seen = await aside(player.look, made)
        assert (seen.state, seen.waits, seen.agent) == ("waiting", True, None)
        free = (await aside(player.floor)).eligible(seen)[0]
        assert free.status == "available"
        await aside(player.accept, made, free.id)
        seen = await aside(player.look, made)
        assert (seen.is_served, seen.agent) == (True, free.id)


@live
async def test_an_offer_is_taken_back_from_the_agent_when_the_customer_is_held():
    async with tenancy(speed=1) as t:
        player = playing(t)
        made = await t.create("102")
        await t.told(made, "queued 102")
        before = await aside(player.look, made)
        assert before.state == "offered"
        await aside(player.hold, made)
        assert (await aside(player.look, made)).state == "waiting"
        statuses = {agent.status for agent in (await aside(player.floor)).agents}
        assert "offered" not in statuses


@live
async def test_a_held_customer_stays_so_through_a_transfer():
    async with tenancy(speed=200) as t:
        player = playing(t)
        made = await t.create("102")
        await t.told(made, "queued 102")
        await aside(player.hold, made)
        await aside(player.accept, made)
        await aside(player.write, made, "One moment")
        await aside(player.transfer, made, "101")
        await t.told(made, "queued 101")
        seen = await aside(player.look, made)
        assert (seen.queue, seen.state) == ("General", "waiting")
        assert [note.text for note in seen.case_notes] == ["One moment"]


@live
async def test_only_members_of_the_queue_who_are_logged_in_can_take_it_free_ones_first():
    async with played() as t:
        player = playing(t)
        made = await t.create("107", language="es")
        await t.told(made, "queued 107")
        seen = await aside(player.look, made)
        expected = {
            agent["id"]
            for agent in (await t.http.get("/sandbox/world")).json()["agents"]
            if "107" in agent["queues"]
        }
        one = min(expected)
        await t.tell(one, "break")
        members = (await aside(player.floor)).eligible(seen)
        assert {agent.id for agent in members} == expected
        assert members[-1].id == one
        await t.tell(one, "offline")
        assert one not in {agent.id for agent in (await aside(player.floor)).eligible(seen)}


@live
async def test_a_refusal_is_told_in_the_sandboxs_words():
    async with played() as t:
        player = playing(t)
        made = await t.create("102")
        with pytest.raises(HandoffError, match="No agent has this conversation"):
            await aside(player.write, made, "Hello")
        with pytest.raises(HandoffError, match="was not found"):
            await aside(player.look, "nothing")
