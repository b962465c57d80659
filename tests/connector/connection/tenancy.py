"""A sandbox tenant to test a connection to and to set up, over HTTP."""

import asyncio
import contextlib

import httpx
from pydantic import SecretStr

from connector.access import local_actor
from connector.connection import (
    STEPS,
    apply_setup,
    check_connection,
)
from connector.eight import Eight
from connector.policy import load_policy, parse_policy
from connector.sandbox import Sandbox, load_world
from connector.settings import Settings
from tests.conftest import PROJECT
from tests.connector.eight.answering import Script
from tests.contract.receiving import receiver

SHIPPED = load_policy(PROJECT / "data" / "policy.yaml")
POLICY = parse_policy("""
default_queue: General
required: [transcript, customer_name]
rules:
  - {name: card, intents: [card], steps: [{queue: Cards}], required: [card_number]}
default: {steps: [{queue: General}]}
context_fields: [{name: card_number}]
""")


class Tenant:
    """A sandbox, a receiver, and settings that fit both."""

    def __init__(self, sandbox, inbox, home, control):
        self.sandbox, self.inbox, self.control = sandbox, inbox, control
        self.settings = Settings(
            home=home,
            api_key=SecretStr(sandbox.api_key),
            tenant_url=sandbox.base_url,
            tenant_id=sandbox.tenant_id,
            public_url=inbox.url,
        )

    def eight(self):
        settings = self.settings
        return Eight(settings.api_base, settings.api_key, settings.tenant_id)

    async def set_up(self, policy=POLICY):
        async with self.eight() as eight:
            saved = await apply_setup(eight, self.settings, policy, actor=local_actor())
        self.settings = self.settings.model_copy(update=saved)
        return saved

    async def check(self, policy=POLICY, *, missing=(), **changed):
        settings = self.settings.model_copy(update=changed)
        found = await check_connection(settings, policy, recent_missing=missing)
        assert tuple(check.name for check in found) == STEPS
        assert all(check.fix for check in found if check.status != "ok")
        return {check.name: check for check in found}

    async def agents(self, status, queue_id=None):
        for agent in self.sandbox.world.agents:
            if queue_id is None or queue_id in agent.queues:
                path = f"/sandbox/agents/{agent.id}"
                assert (await self.control.put(path, json={"status": status})).is_success

    async def fault(self, **fault):
        assert (await self.control.post("/sandbox/faults", json=fault)).is_success


@contextlib.asynccontextmanager
async def tenant(home):
    world = load_world().around_the_clock()
    async with (
        receiver() as inbox,
        Sandbox(world, auto_agents=False) as sandbox,
        httpx.AsyncClient(base_url=sandbox.base_url) as control,
    ):
        yield Tenant(sandbox, inbox, home, control)


def play(scene, home):
    async def playing():
        async with tenant(home) as on:
            return await scene(on)

    return asyncio.run(playing())


def statuses(found):
    return {name: check.status for name, check in found.items()}


def judged(tmp_path, *answers, url="https://api.8x8.com"):
    settings = Settings(home=tmp_path, api_key=SecretStr("k"), tenant_url=url, tenant_id="t")
    found = asyncio.run(check_connection(settings, POLICY, transport=Script(*answers)))
    return {check.name: check for check in found}
