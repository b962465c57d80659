"""A connector that meets a tenant which cannot be set up yet."""

import asyncio

import httpx

from connector.clock import Clock
from connector.escalation import Connector, background
from connector.sandbox import Sandbox, load_world
from connector.settings import Settings

from .floor import POLICY, T0, Floor, brisk, eventually, lost_card, run, waits


def test_set_up_that_failed_at_the_start_is_made_up_for(tmp_path, monkeypatch):
    monkeypatch.setattr(background, "REACH_S", 0.1)
    (tmp_path / "policy.yaml").write_text(POLICY)
    clock = Clock.at_speed(20.0, T0)

    async def scene():
        async with Sandbox(load_world().around_the_clock(), clock=clock) as sandbox:
            async with httpx.AsyncClient(base_url=sandbox.base_url) as http:
                await http.post("/sandbox/faults", json={"on": "any", "kind": "server_error"})
            settings = Settings.load(tmp_path, **sandbox.connection)
            listen = ("127.0.0.1", 0)
            async with Connector(settings, clock=clock, listen=listen, client=brisk) as connector:
                f = Floor(sandbox, connector)
                before = connector.station.tenant.settings.webhook_id
                await f.clear_faults()
                assert await eventually(lambda: connector.station.tenant.settings.webhook_id)
                task = asyncio.create_task(connector.hand_off(lost_card()))
                await f.act(await f.seen(waits), "accept")
                result = await task
                await f.close()
                return before, result

    before, result = run(scene())

    assert before is None
    assert result.accepted
