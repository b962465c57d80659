import asyncio
from datetime import datetime, timedelta

import pytest

from connector.clock import Clock
from tests.connector.sandbox.tenancy import MORNING, live, played, tenancy, until

NIGHT = datetime(2026, 11, 24, 3)
SPANISH = {"agent-17", "agent-18", "agent-19", "agent-27"}


async def all_but(t, *agents):
    """Send everybody away but the named agents."""
    for agent_id in t.sandbox.tenant.center.seats:
        if agent_id not in agents:
            await t.tell(agent_id, "offline")


@live
async def test_of_two_waiting_in_cards_and_its_twin_the_high_one_is_taken_first():
    async with tenancy(speed=500) as t:
        await all_but(t)
        normal = await t.create("102")
        await t.told(normal, "queued 102")
        high = await t.create("103")
        await t.told(high, "queued 103")
        await t.tell("agent-01", "available")
        assert await t.taken(high) == "agent-01"
        assert (await t.read(normal))["assignment"]["type"] == "queue"
        await t.play(high, "end")
        assert await t.taken(normal) == "agent-01"


@pytest.mark.parametrize("queue", ["107", "101"])
def test_spanish_is_taken_by_a_spanish_speaker_and_never_by_another(queue):
    @live
    async def check():
        async with tenancy(speed=1000) as t:
            made = [await t.create(queue, language="es") for _ in range(8)]
            agents = [await t.taken(conversation) for conversation in made]
            assert set(agents) <= SPANISH

    check()


@live
async def test_spanish_waits_when_only_others_are_free():
    async with tenancy(speed=1000) as t:
        await all_but(t, "agent-20", "agent-21", "agent-01")
        made = await t.create("101", language="es")
        english = await t.create("101", language="en")
        assert await t.taken(english) == "agent-20"
        assert (await t.desk())[made]["state"] == "waiting"
        await t.tell("agent-17", "available")
        assert await t.taken(made) == "agent-17"


@live
async def test_an_agent_who_rejects_goes_on_break_and_the_customer_back_to_the_line():
    async with tenancy(speed=20) as t:
        await all_but(t, "agent-07", "agent-09")
        first = await t.create("104")
        await until(lambda: _offered(t, first) == "agent-07")
        assert (await t.play(first, "reject")).status_code == 200
        assert t.sandbox.tenant.center.seats["agent-07"].status == "on_break"
        # The roster has agent-09 at work from 15:00 only, so nobody is left.
        assert (await t.desk())[first]["state"] == "waiting"
        assert [word for word in t.story(first) if word.startswith("agent")] == []
        await t.tell("agent-09", "available")
        assert await t.taken(first) == "agent-09"


def _offered(t, made):
    return t.sandbox.tenant.conversations[made].offered_to


@live
async def test_an_agent_who_rejected_comes_back_after_a_break():
    async with tenancy(speed=10) as t:
        await all_but(t, "agent-07")
        made = await t.create("104")
        await until(lambda: _offered(t, made) == "agent-07")
        await t.play(made, "reject")
        clock, seat = t.sandbox.clock, t.sandbox.tenant.center.seats["agent-07"]
        clock.jump(clock.now() + timedelta(seconds=100))
        await asyncio.sleep(0.05)
        assert seat.status == "on_break"
        clock.jump(clock.now() + timedelta(seconds=20))
        assert await t.taken(made) == "agent-07"


@live
async def test_an_agent_has_one_chat_at_a_time_and_wraps_up_after_it():
    async with tenancy(speed=100) as t:
        await all_but(t, "agent-13")
        await t.tell("agent-13", "available")
        first, second = await t.create("105"), await t.create("105")
        assert await t.taken(first) == "agent-13"
        queue = await t.queue("105")
        assert (queue["agent-count-busy"], queue["queue-size"]) == (1, 1)
        await t.play(first, "end")
        assert (await t.queue("105"))["agent-count-postProcess"] == 1
        assert await t.taken(second) == "agent-13"
        ended = t.sandbox.tenant.conversations[first].interactions[0].ended_at
        begun = t.sandbox.tenant.conversations[second].accepted_at
        assert (begun - ended).total_seconds() >= 20 + 3  # wrap-up, then the offer's answer


@live
async def test_an_agent_played_into_another_chat_lets_go_of_the_offer():
    async with tenancy(speed=20) as t:
        await all_but(t, "agent-07")
        first = await t.create("104")
        await until(lambda: _offered(t, first) == "agent-07")
        second = await t.create("104")
        await t.told(second, "queued 104")
        assert (await t.play(second, "accept", agent="agent-07")).status_code == 200
        assert (_offered(t, first), (await t.desk())[first]["state"]) == (None, "waiting")
        await asyncio.sleep(t.sandbox.world.answer_s[1] / 20)
        assert (await t.read(first))["assignment"]["type"] == "queue"
        assert _agent(t, second) == "agent-07"


@live
async def test_agents_keep_their_shifts_and_breaks():
    async with tenancy(t0=datetime(2026, 11, 24, 6, 59), speed=1) as t:
        clock, seats = t.sandbox.clock, t.sandbox.tenant.center.seats

        async def at(hour, minute=0):
            clock.jump(datetime(2026, 11, 24, hour, minute, 1))
            await asyncio.sleep(0.05)
            return seats["agent-01"].status  # early: 07:00 to 15:30, a break at 11:00

        assert seats["agent-01"].status == "logged_out"
        assert await at(7) == "available"
        assert await at(11) == "on_break"
        assert await at(11, 30) == "available"
        assert await at(15, 30) == "logged_out"


@live
async def test_a_chat_begun_before_the_end_of_the_shift_is_finished():
    async with tenancy(t0=datetime(2026, 11, 24, 15, 25), speed=100) as t:
        await all_but(t, "agent-14")
        made = await t.create("106")
        assert await t.taken(made) == "agent-14"
        await t.http.put(f"/sandbox/conversations/{made}/handle", json={"handle_s": 2000})
        t.sandbox.clock.jump(datetime(2026, 11, 24, 15, 31))
        await asyncio.sleep(0.05)
        assert t.sandbox.tenant.center.seats["agent-14"].status == "busy"
        await t.play(made, "end")
        await until(lambda: t.sandbox.tenant.center.seats["agent-14"].status == "logged_out")


@live
async def test_at_night_only_the_night_shift_answers():
    async with tenancy(t0=NIGHT, speed=1000) as t:
        made = await t.create("102")
        assert await t.taken(made) in {"agent-26", "agent-27", "agent-28"}
        queue = await t.queue("102")
        assert queue["agent-count-loggedOut"] == 6


@live
async def test_the_given_handle_time_replaces_the_drawn_one():
    async with tenancy(speed=1000) as t:
        made = await t.create("102")
        await t.taken(made)
        await t.http.put(f"/sandbox/conversations/{made}/handle", json={"handle_s": 40})
        await until(lambda: t.sandbox.tenant.conversations[made].state == "idle")
        found = t.sandbox.tenant.conversations[made]
        assert 40 <= (found.interactions[0].ended_at - found.accepted_at).total_seconds() < 140


@live
async def test_a_transfer_is_told_and_another_agent_joins():
    async with tenancy(speed=500) as t:
        made = await t.create("102")
        first = await t.taken(made)
        assert (await t.play(made, "transfer", queue="108")).status_code == 200
        story = await t.told(made, "queued 108")
        assert {"transfer", f"agent left {first}"} <= set(story)
        await until(lambda: _agent(t, made) == "agent-24")
        summary = {
            item["id"]: item for item in (await t.http.get("/sandbox/summary")).json()["queues"]
        }
        assert (summary["102"]["accepted"], summary["102"]["transferred"]) == (1, 1)
        assert (summary["108"]["accepted"], summary["108"]["accepted_transfers"]) == (0, 1)


def _agent(t, made):
    return t.sandbox.tenant.conversations[made].agent_id


@live
async def test_either_order_of_transfer_and_left_occurs():
    async with played() as t:
        orders = set()
        for _ in range(12):
            made = await t.create("102")
            await t.told(made, "queued 102")
            await t.play(made, "accept", agent="agent-01")
            await t.play(made, "transfer", queue="101")
            story = await t.told(made, "queued 101")
            orders.add(story.index("transfer") < story.index("agent left agent-01"))
            await t.remove(made)
        assert orders == {True, False}


@live
async def test_removal_and_acceptance_race_and_only_one_of_them_wins():
    async with tenancy(speed=100) as t:
        ended = []
        for number in range(12):
            made = await t.create("102")
            await until(lambda made=made: _offered(t, made) or _agent(t, made))
            answer_s = t.sandbox.world.answer_s[1] if number % 2 else 0
            await asyncio.sleep(answer_s / 100)
            assert await t.remove(made) == 204
            story = await t.ended(made)
            joined = any(word.startswith("agent joined") for word in story)
            left = any(word.startswith("agent left") for word in story)
            assert joined is left
            ended.append(joined)
        summary = (await t.http.get("/sandbox/summary")).json()["queues"][1]
        assert (summary["accepted"], summary["ended_waiting"]) == (sum(ended), 12 - sum(ended))
        assert set(ended) == {True, False}
        assert not any(seat.status == "offered" for seat in t.sandbox.tenant.center.seats.values())


def test_the_same_seed_draws_the_same_and_another_does_not():
    async def draws(seed):
        async with tenancy(speed=500, seed=seed) as t:
            agents = []
            for queue in ("102", "104", "105", "101", "102"):
                made = await t.create(queue)
                agents.append(await t.taken(made))
            found = t.sandbox.tenant.conversations.values()
            return agents, [t.sandbox.tenant.center.drawn_handle_s(item) for item in found]

    first, again, other = (asyncio.run(draws(seed)) for seed in (5, 5, 6))
    assert first == again
    assert first[1] != other[1]


@live
async def test_many_may_wait_and_all_of_them_leave():
    async with played(speed=100) as t:
        made = await asyncio.gather(*(t.create("105") for _ in range(80)))
        await until(lambda: len(t.sandbox.tenant.center.lines.in_queue("105")) == 80)
        assert (await t.queue("105"))["queue-size"] == 80
        assert set(await asyncio.gather(*(t.remove(one) for one in made))) == {204}
        assert (await t.queue("105"))["queue-size"] == 0


@live
async def test_a_jump_over_the_night_begins_a_new_day():
    async with played(clock=Clock.at_speed(100, MORNING)) as t:
        made = await t.create("102")
        await t.told(made, "queued 102")
        assert (await t.queue("102"))["day-queued"] == 1
        answer = await t.http.post("/sandbox/clock", json={"to": "2026-11-25T08:00:00"})
        assert answer.json()["now"] >= "2026-11-25T08:00:00"
        queue = await t.queue("102")
        assert (queue["day-queued"], queue["queue-size"]) == (0, 1)
        assert queue["longest-wait-time"] > 22 * 3600
