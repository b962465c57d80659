"""The shipped policy on the sandbox's own agents: languages, priorities, settings that change."""

import asyncio
from pathlib import Path

import pytest

from connector.access import local_actor
from connector.escalation import BlockingConnector, Connector
from connector.handoff import Customer, Handoff
from connector.log import open_home
from connector.publishing import publish
from connector.sandbox import Sandbox
from connector.settings import Settings, save_connection

from .floor import floor, lost_card, run

pytestmark = pytest.mark.slow

SHIPPED = (Path(__file__).parents[3] / "data" / "policy.yaml").read_text()


def test_spanish_support_is_taken_by_a_speaker_of_spanish_and_never_by_another(tmp_path):
    async def scene():
        async with floor(tmp_path, policy=SHIPPED, auto_agents=True) as f:
            speakers = {one["id"] for one in await f.agents() if "es" in one["languages"]}
            everyone = {one["id"] for one in await f.agents()}
            handoffs = [Handoff(intent="spanish_support") for _ in range(len(speakers) + 6)]
            results = await asyncio.gather(*(f.connector.hand_off(one) for one in handoffs))
            return speakers, everyone, [one.agent for one in results if one.accepted]

    speakers, everyone, took = run(scene())

    assert speakers < everyone
    assert took
    assert set(took) <= speakers


def test_of_two_who_wait_in_cards_and_its_twin_the_high_one_is_taken_first(tmp_path):
    async def scene():
        async with floor(tmp_path, policy=SHIPPED, auto_agents=True) as f:
            both = [one for one in await f.agents() if {"102", "103"} <= set(one["queues"])]
            await f.everyone("offline")
            await f.put(f"agents/{both[0]['id']}", status="break")
            normal = asyncio.create_task(
                f.connector.hand_off(lost_card(intent="replacecard", timeout_s=2000))
            )
            await f.waiting_in("Cards")
            high = asyncio.create_task(f.connector.hand_off(lost_card(timeout_s=2000)))
            await f.waiting_in("Cards priority")
            await f.put(f"agents/{both[0]['id']}", status="available")
            done, _ = await asyncio.wait({normal, high}, return_when=asyncio.FIRST_COMPLETED)
            first = "high" if high in done else "normal"
            return first, (await high).queue

    assert run(scene()) == ("high", "Cards priority")


def test_a_policy_published_meanwhile_is_taken_over_and_those_who_wait_keep_theirs(tmp_path):
    async def scene():
        async with floor(tmp_path, speed=5) as f:
            before = asyncio.create_task(f.connector.hand_off(Handoff(intent="weather")))
            await f.waiting_in("General")
            await asyncio.to_thread(publish_second, f.connector.home.lake, f.connector.policy)
            for _ in range(40):
                if f.connector.policy.version == 2:
                    break
                await asyncio.sleep(0.1)
            after = asyncio.create_task(f.connector.hand_off(Handoff(intent="weather")))
            await f.act(await f.waiting_in("Accounts"), "accept")
            await f.act(await f.waiting_in("General"), "accept")
            return (await before).queue, (await after).queue

    assert run(scene()) == ("General", "Accounts")


def publish_second(lake, policy):
    steps = tuple(step.model_copy(update={"queue": "Accounts"}) for step in policy.default.steps)
    draft = policy.model_copy(
        update={"default": policy.default.model_copy(update={"steps": steps})}
    )
    publish(lake, draft, actor=local_actor(), note="second", base=1)


def test_a_saved_connection_is_taken_over_within_five_seconds(tmp_path):
    async def scene():
        async with Sandbox() as one, Sandbox() as other:
            save_connection(tmp_path, one.connection)
            async with Connector(Settings.load(tmp_path, source="test")) as connector:
                before = connector.settings.tenant_url
                save_connection(tmp_path, other.connection)
                for _ in range(50):
                    if connector.settings.tenant_url == other.base_url:
                        break
                    await asyncio.sleep(0.1)
                urls = (before, connector.settings.tenant_url)
                return urls, (one.base_url, other.base_url), connector.settings.source

    seen, expected, source = run(scene())

    assert seen == expected
    assert source == "test", "what the code gave is not overruled by a file"


def test_what_is_saved_does_not_overrule_a_tenant_given_in_code(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            save_connection(tmp_path, {"default_queue": "104"})
            for _ in range(50):
                if f.connector.settings.default_queue == "104":
                    break
                await asyncio.sleep(0.1)
            return f.connector.settings, f.sandbox.base_url

    settings, sandbox = run(scene())

    assert (settings.default_queue, settings.tenant_url) == ("104", sandbox)


def test_a_script_hands_off_without_awaiting(tmp_path):
    with Sandbox(auto_agents=False) as sandbox:
        for seat in sandbox.tenant.center.seats.values():
            sandbox.tenant.center.tell(seat, "logged_out")
        settings = Settings.load(tmp_path, **sandbox.connection)
        with BlockingConnector(settings, listen=("127.0.0.1", 0)) as connector:
            result = connector.hand_off(Handoff(intent="weather", customer=Customer(name="Ana")))
    home = open_home(settings)

    assert (result.outcome, result.reason) == ("no_agents", "nobody_logged_in")
    assert home.lake.query("SELECT count(*) FROM attempts") == [(1,)]
