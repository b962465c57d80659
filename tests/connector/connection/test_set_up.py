"""The set-up of webhook and channel in 8x8."""

import json

import httpx
import pytest
from pydantic import SecretStr

from connector.access import local_actor
from connector.connection import (
    CHANNEL_NAME,
    apply_setup,
    plan_setup,
)
from connector.eight import Eight
from connector.errors import KeyRefused, Refused, SettingsError
from tests.connector.connection.tenancy import POLICY, play
from tests.contract.receiving import receiver


async def planned(on, policy=POLICY):
    async with on.eight() as eight:
        return [(step.action, step.thing) for step in await plan_setup(eight, on.settings, policy)]


def test_set_up_says_what_it_would_do_does_it_and_then_does_nothing_more(tmp_path):
    async def scene(on):
        tenant = on.sandbox.tenant
        assert await planned(on) == [("create", "webhook"), ("create", "channel")]
        assert (tenant.webhooks, tenant.channels) == ({}, {})
        first = await on.set_up()
        assert await planned(on) == [("reuse", "webhook"), ("reuse", "channel")]
        assert await on.set_up() == first
        assert set(tenant.webhooks) == {first["webhook_id"]}
        assert set(tenant.channels) == {first["channel_id"]}
        channel = tenant.channels[first["channel_id"]]
        assert (channel.name, channel.queue_id) == (CHANNEL_NAME, "101")
        assert channel.webhook_id == first["webhook_id"]
        return first

    assert set(play(scene, tmp_path)) == {"webhook_id", "channel_id", "webhook_path"}


def test_set_up_finds_its_own_again_when_nothing_was_saved(tmp_path):
    async def scene(on):
        before = on.settings
        first = await on.set_up()
        on.settings = before
        assert await on.set_up() == first

    play(scene, tmp_path)


def test_set_up_changes_what_no_longer_fits(tmp_path):
    async def scene(on):
        first = await on.set_up()
        async with receiver() as moved:
            on.settings = on.settings.model_copy(
                update={"public_url": moved.url, "default_queue": "104"}
            )
            assert await planned(on) == [("update", "webhook"), ("update", "channel")]
            assert await on.set_up() == first
            tenant = on.sandbox.tenant
            assert tenant.webhooks[first["webhook_id"]].uri.startswith(moved.url)
            assert tenant.channels[first["channel_id"]].queue_id == "104"

    play(scene, tmp_path)


def test_on_a_public_address_the_path_is_unguessable_and_stays(tmp_path):
    made = []

    async def scene(on):
        settings = on.settings.model_copy(update={"public_url": "https://bot.example/handoff/"})
        queues = {"queue": {"queue-id": 101, "queue-name": "General"}}
        webhook = {"id": "7", "name": "Handoff Tuner"}
        channel = {"id": "25", "name": "Handoff Tuner", "type": "ChatAPI"}

        def answers(request):
            path, sent = request.url.path, json.loads(request.content or b"{}")
            if path.endswith("/queues"):
                return httpx.Response(200, json=queues)
            if request.method == "GET":
                found = made if path.endswith("/webhooks") else []
                return httpx.Response(200, json={"_embedded": {path.split("/")[-1]: found}})
            if path.endswith("/webhooks"):
                made.append({**webhook, "uri": sent["uri"]})
                return httpx.Response(200, json=made[0])
            return httpx.Response(200, json=channel)

        transport, key = httpx.MockTransport(answers), SecretStr("k")
        async with Eight("https://api.8x8.com", key, "t", transport=transport) as eight:
            steps = await plan_setup(eight, settings, POLICY)
            first = await apply_setup(eight, settings, POLICY, actor=local_actor())
            again = await apply_setup(eight, settings, POLICY, actor=local_actor())
            saved = settings.model_copy(update={"webhook_path": first["webhook_path"]})
            once_more = await apply_setup(eight, saved, POLICY, actor=local_actor())
        return [str(step) for step in steps], first, again, once_more

    steps, first, again, once_more = play(scene, tmp_path)
    assert first == again == once_more
    assert len(made) == 1
    path = first["webhook_path"]
    assert path.startswith("webhook/")
    assert len(path) > 25
    assert made[0]["uri"] == f"https://bot.example/handoff/{path}"
    assert all(path.split("/")[1] not in step for step in steps)


def test_without_a_public_address_nothing_can_be_made_but_what_is_there_is_used(tmp_path):
    async def scene(on):
        bare = on.settings.model_copy(update={"public_url": None})
        on.settings, with_address = bare, on.settings
        assert await planned(on) == [("blocked", "webhook"), ("blocked", "channel")]
        with pytest.raises(SettingsError, match="public webhook address"):
            await on.set_up()
        on.settings = with_address
        saved = await on.set_up()
        on.settings = bare
        assert await planned(on) == [("reuse", "webhook"), ("reuse", "channel")]
        assert await on.set_up() == saved

    play(scene, tmp_path)


def test_without_a_queue_to_fall_to_there_is_no_set_up(tmp_path):
    async def scene(on):
        nowhere = POLICY.model_copy(update={"default_queue": "Nowhere"})
        assert (await planned(on, nowhere))[1] == ("blocked", "channel")
        with pytest.raises(SettingsError, match="default queue"):
            await on.set_up(nowhere)

    play(scene, tmp_path)


def test_what_8x8_refuses_while_setting_up_is_raised(tmp_path):
    async def scene(on):
        on.inbox.status = 500
        with pytest.raises(Refused, match="verification"):
            await on.set_up()
        on.settings = on.settings.model_copy(update={"api_key": SecretStr("wrong")})
        with pytest.raises(KeyRefused):
            await on.set_up()

    play(scene, tmp_path)
