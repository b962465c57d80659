"""What each fault of 8x8 becomes: outcome, reason, and what 8x8 is left with."""

import asyncio

import pytest

from connector.handoff import Outcome

from .floor import floor, lost_card, run, waits

pytestmark = pytest.mark.slow

REFUSALS = {
    "a wrong key": ({"kind": "key"}, Outcome.REJECTED, "key"),
    "a wrong tenant": ({"kind": "tenant"}, Outcome.REJECTED, "tenant"),
    "a missing product": ({"kind": "product"}, Outcome.REJECTED, "key"),
    "not found": ({"kind": "not_found"}, Outcome.REJECTED, "bug"),
    "rate limited for good": ({"kind": "rate_limited", "retry_after": 0.1}, Outcome.FAILED, None),
    "a server error": ({"kind": "server_error"}, Outcome.FAILED, "server_error"),
    "unavailable": ({"kind": "unavailable"}, Outcome.FAILED, "server_error"),
    "dropped before the work": ({"kind": "dropped"}, Outcome.FAILED, "lost"),
    "an invalid queue for good": ({"kind": "invalid_queue"}, Outcome.REJECTED, "invalid_queue"),
}


@pytest.mark.parametrize(("fault", "outcome", "reason"), REFUSALS.values(), ids=REFUSALS)
def test_a_create_that_fails_for_good_has_a_named_outcome(tmp_path, fault, outcome, reason):
    async def scene():
        async with floor(tmp_path) as f:
            await f.post("faults", on="create", **fault)
            result = await f.connector.hand_off(lost_card())
            return result, await f.desk()

    result, desk = run(scene())

    assert result.outcome is outcome
    assert reason is None or result.reason == reason
    assert result.failure_text == "We call you back."
    assert desk == []


PASSING = {
    "an invalid queue once": {"kind": "invalid_queue", "times": 1},
    "rate limited once": {"kind": "rate_limited", "times": 1, "retry_after": 0.1},
    "a slow answer": {"kind": "slow", "times": 1, "seconds": 0.5},
}


@pytest.mark.full
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_create_that_fails_once_still_reaches_an_agent(tmp_path, fault):
    async def scene():
        async with floor(tmp_path) as f:
            await f.post("faults", on="create", **fault)
            task = asyncio.create_task(f.connector.hand_off(lost_card()))
            await f.act(await f.seen(waits), "accept")
            return await task, await f.desk()

    result, desk = run(scene())

    assert result.accepted
    assert len(desk) == 1


def test_an_invalid_queue_goes_once_more_to_the_default_queue(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.post("faults", on="create", kind="invalid_queue", times=1)
            task = asyncio.create_task(f.connector.hand_off(lost_card()))
            await f.act(await f.waiting_in("General"), "accept")
            return await task

    assert run(scene()).queue == "General"


@pytest.mark.parametrize("webhooks", ["come", "never come"])
def test_an_answer_lost_after_the_work_is_found_again_not_repeated(tmp_path, webhooks):
    async def scene():
        async with floor(tmp_path) as f:
            if webhooks == "never come":
                await f.post("webhook-faults", kind="never")
            await f.post("faults", on="create", kind="answer_lost", times=1)
            task = asyncio.create_task(f.connector.hand_off(lost_card(timeout_s=600)))
            await f.act(await f.waiting_in("Cards"), "accept")
            return await task, await f.desk()

    result, desk = run(scene())

    assert result.accepted
    assert [one["id"] for one in desk] == [result.conversation_id]


@pytest.mark.full
def test_a_conversation_given_up_on_is_cancelled_when_it_turns_up_later(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.post("webhook-faults", kind="late", seconds=60)
            await f.post("faults", on="conversation", kind="server_error")
            await f.post("faults", on="create", kind="answer_lost", times=1)
            result = await f.connector.hand_off(lost_card())
            assert result.outcome is Outcome.FAILED
            await f.clear_faults()
            return await f.seen(lambda one: one["state"] == "idle")

    assert run(scene())["agent"] is None


@pytest.mark.full
@pytest.mark.parametrize("kind", ["late", "twice", "out_of_order", "unsigned", "wrongly_signed"])
def test_webhooks_gone_wrong_do_not_change_who_took_the_customer(tmp_path, kind):
    async def scene():
        async with floor(tmp_path) as f:
            await f.post("webhook-faults", kind=kind, seconds=10)
            task = asyncio.create_task(f.connector.hand_off(lost_card(timeout_s=600)))
            await f.act(await f.waiting_in("Cards"), "accept")
            return await task, f.connector.bad_signatures

    result, bad = run(scene())

    assert (result.outcome, result.queue) == (Outcome.ACCEPTED, "Cards")
    assert (bad > 0) is (kind in {"unsigned", "wrongly_signed"})


def test_webhooks_that_never_come_are_made_up_for_by_polling(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.post("webhook-faults", kind="never")
            task = asyncio.create_task(f.connector.hand_off(lost_card(timeout_s=600)))
            await f.act(await f.waiting_in("Cards"), "accept")
            return await task

    assert run(scene()).accepted


@pytest.mark.parametrize(
    ("fault", "on"),
    [
        ({"kind": "server_error"}, "reassign"),
        ({"kind": "not_found"}, "reassign"),
        ({"kind": "server_error"}, "queues"),
        ({"kind": "product"}, "queues"),
        ({"kind": "server_error"}, "end"),
    ],
    ids=lambda value: value if isinstance(value, str) else value["kind"],
)
@pytest.mark.full
def test_a_fault_after_creation_costs_the_step_not_the_outcome(tmp_path, fault, on):
    async def scene():
        async with floor(tmp_path) as f:
            await f.post("faults", on=on, **fault)
            return await f.connector.hand_off(lost_card())

    result = run(scene())

    assert result.outcome is Outcome.TIMED_OUT


def test_an_agent_who_joins_after_a_failed_cancel_is_not_left_with_a_ghost(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.post("faults", on="end", kind="server_error")
            result = await f.connector.hand_off(lost_card())
            await f.clear_faults()
            conversation = (await f.desk())[0]
            assert conversation["state"] == "waiting"
            await f.act(conversation, "accept")
            return result, await f.seen(lambda one: one["state"] == "idle")

    result, _ = run(scene())

    assert result.outcome is Outcome.TIMED_OUT


def test_an_unreachable_host_is_told_at_once(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            elsewhere = f.connector.settings.model_copy(
                update={"tenant_url": "http://127.0.0.1:9", "channel_id": "1"}
            )
            f.connector.follow(elsewhere)
            return await f.connector.hand_off(lost_card())

    result = run(scene())

    assert (result.outcome, result.reason) == (Outcome.FAILED, "unreachable")
