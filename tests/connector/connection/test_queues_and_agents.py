"""The connection test: queues, and agents who could take a handoff."""

import asyncio

import pytest
from pydantic import SecretStr

from connector.connection import (
    check_connection,
)
from connector.connection.targets import Targets
from connector.policy import parse_policy
from connector.queues import QueueState
from connector.settings import Settings
from tests.connector.connection.tenancy import POLICY, SHIPPED, judged, play, tenant
from tests.connector.eight.answering import Script


def test_a_key_that_may_not_see_queues_is_told_which_product_it_lacks(tmp_path):
    async def scene(on):
        await on.set_up()
        await on.fault(kind="product", on="queues")
        return await on.check()

    found = play(scene, tmp_path)
    assert found["key"].status == "ok"
    assert found["queues"].status == "failed"
    assert "Queues do not load" in found["queues"].detail
    assert "Analytics for Contact Center" in found["queues"].fix
    assert "contact-center permission" in found["queues"].fix
    assert found["agents"].detail == "Not checked, because `queues` failed."
    assert found["channel"].status == "ok"


def test_a_tenant_without_chat_queues_is_told(tmp_path):
    channels = (200, {})
    found = judged(tmp_path, channels, (200, {"queue": [{"queue-id": 1, "media-type": "phone"}]}))
    assert "lists no chat queue" in found["queues"].detail


def test_a_fault_while_reading_queues_is_not_called_a_permission(tmp_path):
    found = judged(tmp_path, (200, {}), (500, b""))
    assert "answered 500" in found["queues"].detail
    assert "permission" not in found["queues"].fix


@pytest.mark.parametrize(("told", "said"), [("offline", "nobody logged in"), ("break", "on break")])
def test_a_target_queue_without_an_available_agent_is_named(tmp_path, told, said):
    async def scene(on):
        await on.set_up()
        await on.agents(told)
        return await on.check()

    found = play(scene, tmp_path)
    assert found["agents"].status == "failed"
    assert "Escalations do not arrive" in found["agents"].detail
    for queue in ("General", "Cards"):
        assert queue in found["agents"].detail
    assert said in found["agents"].detail


def test_one_queue_of_several_without_agents_is_a_warning(tmp_path):
    async def scene(on):
        await on.set_up(SHIPPED)
        await on.agents("offline", "107")
        return await on.check(SHIPPED)

    found = play(scene, tmp_path)
    assert found["agents"].status == "warning"
    assert "Spanish (nobody logged in)" in found["agents"].detail


def test_outside_opening_hours_nobody_has_to_be_there(tmp_path):
    async def scene(on):
        await on.set_up(SHIPPED)
        await on.agents("offline")
        return await on.check(SHIPPED)

    async def closed():
        async with tenant(tmp_path) as on:
            closed_world = on.sandbox.tenant.world
            object.__setattr__(closed_world, "is_open", lambda schedule, at: False)
            return await scene(on)

    found = asyncio.run(closed())
    assert found["agents"].status == "warning"
    assert "outside their opening hours" in found["agents"].detail


def test_the_schedule_of_a_mapped_queue_is_that_of_the_policys_name():
    policy = POLICY.model_copy(update={"schedules": {"Cards": "Day"}})
    settings = Settings(queue_map={"Cards": "7"})
    states = [QueueState("7", "Karten"), QueueState("101", "General")]
    targets = Targets.of(settings, policy, states, frozenset({"Day"}))
    assert [targets.is_closed(state) for state in states] == [True, False]


def test_agents_who_are_busy_are_a_warning(tmp_path):
    busy = {
        "queue-id": 101,
        "queue-name": "General",
        "media-type": "chat",
        "agent-count-busy": 4,
        "agent-count-waitTransact": 0,
    }
    policy = parse_policy("default_queue: General\ndefault: {steps: [{queue: General}]}")
    settings = Settings(
        home=tmp_path, api_key=SecretStr("k"), tenant_url="https://api.8x8.com", tenant_id="t"
    )
    script = Script((200, {}), (200, {"queue": [busy]}), (200, {}))
    found = asyncio.run(check_connection(settings, policy, transport=script))
    agents = next(check for check in found if check.name == "agents")
    assert (agents.status, agents.detail) == ("warning", "No agent is available: General (4 busy).")


def test_default_queue_troubles_are_told(tmp_path):
    async def scene(on):
        missing = POLICY.model_copy(update={"default_queue": "Nowhere"})
        odd = await on.check(missing)
        gone = await on.check(default_queue="999")
        ghost = POLICY.rules[0].model_copy(
            update={"steps": (POLICY.rules[0].steps[0].model_copy(update={"queue": "Ghost"}),)}
        )
        unmapped = await on.check(POLICY.model_copy(update={"rules": (ghost,)}))
        mapped = await on.check(
            POLICY.model_copy(update={"rules": (ghost,)}), queue_map={"Ghost": "102"}
        )
        return odd, gone, unmapped, mapped

    odd, gone, unmapped, mapped = play(scene, tmp_path)
    assert (odd["default_queue"].status, "Nowhere" in odd["default_queue"].detail) == (
        "failed",
        True,
    )
    assert "Accounts, Cards, Cards priority" in odd["default_queue"].fix
    assert gone["default_queue"].status == "warning"
    assert "`999` is gone; General (101)" in gone["default_queue"].detail
    assert unmapped["default_queue"].status == "warning"
    assert "sends to Ghost" in unmapped["default_queue"].detail
    assert "chat queues: Accounts, Cards, Cards priority" in unmapped["default_queue"].fix
    assert mapped["default_queue"].status == "ok"
