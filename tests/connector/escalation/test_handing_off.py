"""A handoff from request to outcome, over real HTTP, with the test as the agents."""

import asyncio

import pytest

from connector.handoff import Handoff, Outcome

from .floor import POLICY, floor, lost_card, run


def test_an_agent_takes_the_customer_with_all_context(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            task = asyncio.create_task(f.connector.hand_off(lost_card(channel="whatsapp")))
            waiting = await f.waiting_in("Cards")
            await f.act(waiting, "accept")
            return await task, waiting

    result, desk = run(scene())

    assert result.outcome is Outcome.ACCEPTED
    assert (result.queue, result.conversation_id) == ("Cards", desk["id"])
    assert result.agent
    assert result.wait_s is not None
    assert 0 <= result.wait_s < 60
    assert set(result.context_delivered) >= {
        "transcript",
        "customer_name",
        "category",
        "card_number",
    }
    assert result.context_missing == ()
    # The five context rows as the agent sees them.
    assert desk["contact_name"] == "Ana Gil"
    assert desk["case_category"] == "Lost card"
    assert desk["media_type"] == "whatsapp"
    assert desk["custom_fields"] == {"Card number": "4711"}
    assert [line["text"] for line in desk["case_notes"]] == ["my card is gone", "one moment"]


def test_when_a_step_times_out_the_same_conversation_goes_to_the_next_queue(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            task = asyncio.create_task(f.connector.hand_off(lost_card()))
            first = await f.waiting_in("Cards")
            second = await f.waiting_in("General")
            await f.act(second, "accept")
            return await task, first, second, await f.desk()

    result, first, second, desk = run(scene())

    assert first["id"] == second["id"] == result.conversation_id
    assert len(desk) == 1
    assert (result.outcome, result.queue) == (Outcome.ACCEPTED, "General")
    assert result.wait_s > 40


def test_when_nobody_comes_the_conversation_is_cancelled_and_the_failure_path_told(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            result = await f.connector.hand_off(lost_card())
            return result, await f.desk()

    result, desk = run(scene())

    assert result.outcome is Outcome.TIMED_OUT
    assert (result.failure_path, result.failure_text) == ("callback", "We call you back.")
    assert result.queue == "General"
    assert [one["state"] for one in desk] == ["idle"]
    assert 80 <= result.wait_s < 120


def test_nobody_logged_in_makes_no_conversation(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.everyone("offline")
            result = await f.connector.hand_off(lost_card())
            return result, await f.desk()

    result, desk = run(scene())

    assert (result.outcome, result.reason) == (Outcome.NO_AGENTS, "nobody_logged_in")
    assert result.wait_s == 0
    assert desk == []
    assert "step 1 Cards skipped: nobody logged in" in result.trace


def test_the_customer_leaves_and_the_conversation_ends(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.connector.begin(lost_card(handoff_id="h1"))
            await f.waiting_in("Cards")
            left = await f.connector.abandon("h1")
            return left, await f.desk()

    result, desk = run(scene())

    assert result.outcome is Outcome.ABANDONED
    assert [one["state"] for one in desk] == ["idle"]


def test_an_agent_who_joined_first_wins_over_the_customer_who_leaves(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.post("webhook-faults", kind="never", event_type="MEMBERS_CHANGED")
            await f.post("webhook-faults", kind="never", event_type="CONVERSATION_UPDATE")
            await f.connector.begin(lost_card(handoff_id="h1"))
            await f.act(await f.waiting_in("Cards"), "accept")
            return await f.connector.abandon("h1")

    assert run(scene()).outcome is Outcome.ACCEPTED


def test_while_waiting_the_bot_reads_message_queue_and_people_ahead(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.connector.begin(lost_card(handoff_id="first"))
            await f.waiting_in("Cards")
            await asyncio.sleep(0.7)  # availability is cached for ten seconds of the sandbox
            await f.connector.begin(lost_card(handoff_id="second"))
            while (waiting := f.connector.waiting("second")).queue is None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            await f.connector.abandon("first")
            await f.connector.abandon("second")
            return waiting, f.connector.waiting("second")

    waiting, afterwards = run(scene())

    assert (waiting.queue, waiting.people_ahead) == ("Cards", 1)
    assert waiting.message == "I am connecting you with a colleague."
    assert waiting.waited_s > 0
    assert afterwards is None


def test_the_same_handoff_id_is_the_same_attempt_however_often_it_is_asked(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            tasks = [
                asyncio.create_task(f.connector.hand_off(lost_card(handoff_id="h1")))
                for _ in range(20)
            ]
            await f.act(await f.waiting_in("Cards"), "accept")
            results = await asyncio.gather(*tasks)
            again = await f.connector.hand_off(lost_card(handoff_id="h1"))
            return results, again, await f.desk()

    results, again, desk = run(scene())

    assert len(desk) == 1
    assert {result.attempt_id for result in [*results, again]} == {again.attempt_id}
    assert again.repeated
    assert sum(not result.repeated for result in results) == 1


@pytest.mark.full
def test_the_bot_hears_every_stage_in_order(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.connector.begin(lost_card(handoff_id="h1"))
            conversation = await f.waiting_in("General")
            await f.act(conversation, "accept")
            await f.connector.wait("h1")
            await f.act(conversation, "end")
            return [event.kind async for event in f.connector.events("h1")]

    kinds = run(scene())

    assert kinds == [
        "created",
        "step",
        "waiting",
        "step",
        "waiting",
        "accepted",
        "outcome",
        "ended",
    ]


def test_an_unknown_queue_falls_to_the_default_and_is_noted(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            task = asyncio.create_task(f.connector.hand_off(Handoff(intent="ghost")))
            await f.act(await f.waiting_in("General"), "accept")
            return await task

    result = run(scene())

    assert (result.outcome, result.queue) == (Outcome.ACCEPTED, "General")
    assert "queue Ghost (999) is not in this tenant: default queue General" in result.trace


@pytest.mark.full
@pytest.mark.parametrize("intent", [None, "weather"])
def test_the_default_queue_takes_every_unmapped_intent(tmp_path, intent):
    async def scene():
        async with floor(tmp_path) as f:
            task = asyncio.create_task(f.connector.hand_off(Handoff(intent=intent)))
            await f.act(await f.waiting_in("General"), "accept")
            return await task

    assert run(scene()).queue == "General"


def test_a_closed_center_is_told_as_closed(tmp_path):
    async def scene():
        async with floor(tmp_path, policy=f"schedule: Bank hours\n{POLICY}") as f:
            tenant = f.sandbox.tenant
            closed = dict.fromkeys(tenant.world.schedules, ())
            object.__setattr__(tenant.world, "schedules", closed)
            return await f.connector.hand_off(lost_card())

    result = run(scene())

    assert (result.outcome, result.reason) == (Outcome.NO_AGENTS, "closed")


def test_a_connector_that_closes_tells_those_who_wait_and_cancels(tmp_path):
    async def scene():
        async with floor(tmp_path, speed=1) as f:
            task = asyncio.create_task(f.connector.hand_off(lost_card()))
            await f.waiting_in("Cards")
            await f.connector.__aexit__(None, None, None)
            return await task, await f.desk()

    result, desk = run(scene())

    assert (result.outcome, result.reason) == (Outcome.FAILED, "lost")
    assert [one["state"] for one in desk] == ["idle"]
