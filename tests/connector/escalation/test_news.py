"""News of a conversation that comes late, out of order or never: what the bot hears is what was."""

import asyncio

import pytest

from connector.errors import BadHandoff
from connector.handoff import Outcome

from .floor import eventually, floor, lost_card, run, waits
from .test_engagement import accepted, engagement

pytestmark = pytest.mark.full


async def told(f, handoff_id="h1", kinds=("accepted", "transferred", "message", "ended")):
    """What the bot hears until the engagement is over."""
    return [
        (event.kind, event.data.get("agent") or event.data.get("text") or event.data.get("by"))
        async for event in f.connector.events(handoff_id)
        if event.kind in kinds
    ]


async def passed_on(f, conversation, queue="General"):
    """The agent moves it to another queue, where it waits."""
    world = (await f._http.get("/sandbox/world")).json()
    queue_id = next(one["id"] for one in world["queues"] if one["name"] == queue)
    await f.act(conversation, "transfer", queue=queue_id)


async def transferred(f, conversation, queue="General"):
    """Passed on by the agent and taken by another; returns it as the desk shows it then."""
    await passed_on(f, conversation, queue)
    return await f.act(await f.waiting_in(queue), "accept")


def test_the_news_that_the_first_agent_left_may_come_after_the_second_joined(tmp_path):
    async def scene():
        async with floor(tmp_path, speed=5) as f:
            conversation = await accepted(f)
            listening = asyncio.create_task(told(f))
            await f.post(
                "webhook-faults", kind="late", seconds=10, times=1, event_type="MEMBERS_CHANGED"
            )
            conversation = await transferred(f, conversation)
            await asyncio.sleep(4)
            await f.act(conversation, "write", text="hello from the second")
            await f.act(conversation, "end")
            return await listening, await asyncio.to_thread(engagement, f)

    heard, row = run(scene())

    assert [kind for kind, _ in heard] == [
        "accepted",
        "transferred",
        "accepted",
        "message",
        "ended",
    ]
    assert (row["transfers"], row["queue"], row["ended_by"]) == (1, "General", "agent")


@pytest.mark.parametrize("lost", ["TRANSFER", "QUEUED"])
def test_a_transfer_whose_news_is_lost_is_still_no_end(tmp_path, lost):
    async def scene():
        async with floor(tmp_path, speed=2) as f:
            conversation = await accepted(f)
            listening = asyncio.create_task(told(f))
            await f.post("webhook-faults", kind="never", times=1, event_type=lost)
            conversation = await transferred(f, conversation)
            await asyncio.sleep(4)
            await f.act(conversation, "write", text="hello from the second")
            await f.act(conversation, "end")
            return await listening, await asyncio.to_thread(engagement, f)

    heard, row = run(scene())

    assert ("message", "hello from the second") in heard
    assert row["transfers"] == 1


@pytest.mark.full
def test_an_old_report_of_the_first_agent_is_no_takeover(tmp_path):
    async def scene():
        async with floor(tmp_path, speed=5) as f:
            await f.post(
                "webhook-faults", kind="late", seconds=8, times=1, event_type="CONVERSATION_UPDATE"
            )
            conversation = await accepted(f)
            listening = asyncio.create_task(told(f))
            await passed_on(f, conversation)
            await asyncio.sleep(2.5)
            conversation = await f.act(await f.waiting_in("General"), "accept")
            await f.act(conversation, "end")
            return await listening

    assert [kind for kind, _ in run(scene())] == ["accepted", "transferred", "accepted", "ended"]


def test_words_that_come_before_the_news_that_an_agent_joined_are_kept(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.connector.begin(lost_card(handoff_id="h1"))
            conversation = await f.waiting_in("Cards")
            await f.post("webhook-faults", kind="late", seconds=10, times=2)
            await f.act(conversation, "accept")
            await f.act(conversation, "write", text="Hello, I am Bob")
            await f.connector.wait("h1")
            await f.act(conversation, "end")
            return await told(f, kinds=("accepted", "message"))

    heard = run(scene())

    assert [kind for kind, _ in heard] == ["accepted", "message"]
    assert heard[1][1] == "Hello, I am Bob"


def test_words_whose_webhook_never_came_are_found_by_looking_and_none_is_told_twice(tmp_path):
    async def scene():
        async with floor(tmp_path, speed=60) as f:
            conversation = await accepted(f)
            listening = asyncio.create_task(told(f, kinds=("message",)))
            await f.act(conversation, "write", text="yes")
            await f.post("webhook-faults", kind="never", times=1, event_type="MESSAGE")
            await f.act(conversation, "write", text="lost words")
            await asyncio.sleep(3)  # three minutes of silence
            await f.act(conversation, "write", text="yes")
            await f.act(conversation, "end")
            return await listening

    assert [text for _, text in run(scene())] == ["yes", "lost words", "yes"]


def test_nothing_is_said_in_a_conversation_that_is_being_cancelled(tmp_path):
    """8x8 starts a new interaction for a message in an ended conversation: a ghost."""

    async def scene():
        async with floor(tmp_path) as f:
            await f.connector.begin(lost_card(handoff_id="h1"))
            await f.waiting_in("Cards")
            await f.post("faults", on="conversation", kind="slow", seconds=1)
            leaving = asyncio.create_task(f.connector.abandon("h1"))
            await f.seen(lambda one: one["state"] == "idle")
            with pytest.raises(BadHandoff):
                await f.connector.say("h1", "anyone?")
            return (await leaving).outcome, [one["state"] for one in await f.desk()]

    assert run(scene()) == (Outcome.ABANDONED, ["idle"])


def test_a_conversation_8x8_would_not_end_is_ended_as_soon_as_it_answers_again(tmp_path):
    async def scene():
        async with floor(tmp_path, speed=60) as f:
            await f.post("faults", on="end", kind="unavailable")
            result = await f.connector.hand_off(lost_card(timeout_s=5))
            left = [one["state"] for one in await f.desk()]
            await f.clear_faults()
            ghosts = f.connector.station.ghosts
            assert await eventually(lambda: len(ghosts) == 0)
            return result.outcome, left, [one["state"] for one in await f.desk()]

    assert run(scene()) == (Outcome.TIMED_OUT, ["waiting"], ["idle"])


def test_who_left_as_an_agent_joined_ended_it(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.connector.begin(lost_card(handoff_id="h1"))
            conversation = await f.waiting_in("Cards")
            await f.post("webhook-faults", kind="late", seconds=10, times=2)
            await f.act(conversation, "accept")
            result = await f.connector.abandon("h1")
            await told(f)
            return result.outcome, (await asyncio.to_thread(engagement, f))["ended_by"]

    assert run(scene()) == (Outcome.ACCEPTED, "customer")


def test_handle_time_counts_from_the_moment_the_agent_joined_however_late_that_is_told(tmp_path):
    async def scene():
        async with floor(tmp_path, speed=5) as f:
            await f.connector.begin(lost_card(handoff_id="h1"))
            conversation = await f.waiting_in("Cards")
            await f.post("webhook-faults", kind="late", seconds=12, times=2)
            await f.act(conversation, "accept")
            await asyncio.sleep(2)
            await f.act(conversation, "end")
            await f.connector.wait("h1")
            await told(f)
            return await asyncio.to_thread(engagement, f)

    assert run(scene())["handle_s"] > 5


def test_queues_known_before_stay_known_while_8x8_does_not_tell_them(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.connector.hand_off(lost_card(timeout_s=1, queue="Escalations"))
            await f.post("faults", on="queues", kind="unavailable")
            await asyncio.sleep(0.8)  # what was read is too old by now
            await f.connector.begin(lost_card(handoff_id="h1"))
            conversation = await f.seen(waits)
            return conversation["queue"], (await f.connector.read("h1")).queue

    assert run(scene()) == ("Cards", "Cards")


def test_where_no_queue_was_ever_told_the_one_8x8_chose_is_named(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.post("faults", on="queues", kind="unavailable")
            f.connector.follow(f.connector.settings)  # forgets what was read
            await f.connector.begin(lost_card(handoff_id="h1"))
            conversation = await f.seen(waits)
            await f.act(conversation, "accept")
            result = await f.connector.wait("h1")
            return conversation["queue"], result.queue, result.queue_id is not None

    queue, named, has_id = run(scene())

    assert named == queue
    assert has_id


def test_after_an_invalid_queue_the_default_queue_is_tried_once(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.post("faults", on="create", kind="invalid_queue", times=1)
            result = await f.connector.hand_off(lost_card(timeout_s=4))
            await asyncio.to_thread(f.connector.flusher.flush_now)
            steps = f.connector.home.lake.query(
                "SELECT queue, result FROM attempt_steps ORDER BY step"
            )
            return result.outcome, steps

    outcome, steps = run(scene())

    assert outcome is Outcome.TIMED_OUT
    assert steps == [("Cards", "refused"), ("General", "step_timeout")]


def test_a_move_whose_answer_is_lost_has_happened(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.post("faults", on="reassign", kind="answer_lost", times=3)
            task = asyncio.create_task(f.connector.hand_off(lost_card(timeout_s=4)))
            await f.act(await f.waiting_in("General"), "accept")
            return (await task).queue

    assert run(scene()) == "General"


def test_the_queue_that_got_the_agent_is_known_though_the_news_of_entering_it_is_late(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            task = asyncio.create_task(f.connector.hand_off(lost_card(timeout_s=4)))
            await f.waiting_in("Cards")
            await f.post("webhook-faults", kind="late", seconds=10, times=1, event_type="QUEUED")
            await f.act(await f.waiting_in("General"), "accept")
            return (await task).queue

    assert run(scene()) == "General"
