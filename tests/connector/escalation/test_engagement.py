"""After acceptance the conversation goes on through the connector."""

import asyncio

import pytest

import analytics
from connector.errors import BadHandoff
from connector.escalation import Connector

from .floor import floor, lost_card, run


async def accepted(f, handoff_id="h1"):
    """A handoff an agent has just taken; returns its conversation on the desk."""
    await f.connector.begin(lost_card(handoff_id=handoff_id))
    conversation = await f.act(await f.waiting_in("Cards"), "accept")
    await f.connector.wait(handoff_id)
    return conversation


def engagement(f):
    """The one engagement row of the home."""
    f.connector.flusher.flush_now()
    connection = analytics.connect(f.connector.home.path)
    try:
        found = connection.execute("SELECT * FROM engagements").df().to_dict("records")
    finally:
        connection.close()
    assert len(found) == 1
    return found[0]


async def heard(f, kind, handoff_id="h1"):
    async for event in f.connector.events(handoff_id):
        if event.kind == kind:
            return event
    raise AssertionError(f"no {kind} was heard")


def test_words_go_both_ways_and_echoes_are_dropped(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            conversation = await accepted(f)
            await f.connector.say("h1", "are you there?")
            await f.act(conversation, "write", text="yes, hello")
            message = await heard(f, "message")
            desk = await f.seen(
                lambda one: any(line["text"] == "are you there?" for line in one["case_notes"])
            )
            await f.act(conversation, "end")
            told = [event async for event in f.connector.events("h1")]
            return message, desk, told, await asyncio.to_thread(engagement, f)

    message, _, told, row = run(scene())

    assert message.data["text"] == "yes, hello"
    assert [event.data["text"] for event in told if event.kind == "message"] == ["yes, hello"]
    assert row["customer_wrote"]
    assert row["ended_by"] == "agent"
    assert row["handle_s"] > 0


def test_typing_is_shown_to_both(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            conversation = await accepted(f)
            await f.connector.typing("h1")
            await f.act(conversation, "typing")
            return await heard(f, "typing")

    assert run(scene()).data["on"] is True


def test_a_transfer_to_another_queue_is_not_the_end(tmp_path):
    async def scene():
        async with floor(tmp_path, speed=10) as f:
            conversation = await accepted(f)
            await f.act(conversation, "transfer", queue="105")
            await heard(f, "transferred")
            moved = await f.waiting_in("Disputes")
            await asyncio.sleep(0.5)
            await f.act(moved, "accept")
            await f.act(moved, "write", text="disputes here")
            await heard(f, "message")
            await f.act(moved, "end")
            await heard(f, "ended")
            return await asyncio.to_thread(engagement, f)

    row = run(scene())

    assert (row["transfers"], bool(row["requeued"]), row["queue"]) == (1, True, "Disputes")
    assert not row["customer_wrote"]


@pytest.mark.parametrize(("who", "ended_by"), [("end", "bot"), ("abandon", "customer")])
def test_who_ended_it_is_recorded(tmp_path, who, ended_by):
    async def scene():
        async with floor(tmp_path) as f:
            await accepted(f)
            await getattr(f.connector, who)("h1")
            await heard(f, "ended")
            states = [one["state"] for one in await f.desk()]
            return states, await asyncio.to_thread(engagement, f)

    states, row = run(scene())

    assert states == ["idle"]
    assert row["ended_by"] == ended_by


def test_nobody_writes_to_a_conversation_that_is_over(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.connector.begin(lost_card(handoff_id="h1"))
            await f.waiting_in("Cards")
            await f.connector.abandon("h1")
            with pytest.raises(BadHandoff):
                await f.connector.say("h1", "hello?")
            return await f.desk()

    assert [one["state"] for one in run(scene())] == ["idle"]


def test_feedback_is_kept_in_the_timeline(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            conversation = await accepted(f)
            await f.act(conversation, "end")
            await heard(f, "ended")
            await f.connector.feedback("h1", True)
            await asyncio.to_thread(f.connector.flusher.flush_now)

    run(scene())

    connection = analytics.connect(tmp_path)
    found = connection.execute(
        "SELECT detail FROM attempt_events WHERE event = 'feedback'"
    ).fetchall()
    connection.close()
    assert [("true" in row[0]) for row in found] == [True]


def test_without_any_receiver_it_polls_and_still_hears_the_agent(tmp_path):
    async def scene():
        async with floor(tmp_path, speed=10, listen=False) as f:
            settings, clock = f.connector.settings, f.connector.clock
            async with Connector(settings, clock=clock, listen=("127.0.0.1", 0)):
                pass  # sets webhook and channel up, and goes
            task = asyncio.create_task(f.connector.hand_off(lost_card(handoff_id="h1")))
            conversation = await f.act(await f.waiting_in("Cards"), "accept")
            result = await task
            await f.act(conversation, "write", text="hello from the agent")
            message = await heard(f, "message")
            await f.act(conversation, "end")
            await heard(f, "ended")
            return result, message

    result, message = run(scene())

    assert result.accepted
    assert message.data["text"] == "hello from the agent"
