"""A sandbox and a connector that meet over real HTTP, with the test as the agents."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx

import analytics
from connector.clock import Clock
from connector.eight import Eight, Repeating
from connector.escalation import Connector
from connector.handoff import Customer, Handoff, Message
from connector.sandbox import Sandbox, load_world
from connector.settings import Settings

T = TypeVar("T")
T0 = datetime(2026, 11, 24, 12)
PATIENCE_S = 30.0
POLICY = """
default_queue: General
required: [transcript, customer_name, category]
rules:
  - name: lost card
    intents: [reportlostcard]
    steps: [{queue: Cards, timeout_s: 40}, {queue: General, timeout_s: 40}]
    required: [card_number]
    failure_path: {kind: callback, text: We call you back.}
  - name: ghost
    intents: [ghost]
    steps: [{queue: Ghost (999), timeout_s: 60}]
default:
  steps: [{queue: General, timeout_s: 60}]
context_fields: [{name: card_number, field: Card number}]
"""
CUSTOMER = Customer(name="Ana Gil")
WORDS = (Message(author="user", text="my card is gone"), Message(author="bot", text="one moment"))


def lost_card(**given: Any) -> Handoff:
    return Handoff(
        **{
            "intent": "reportlostcard",
            "category": "Lost card",
            "customer": CUSTOMER,
            "transcript": WORDS,
            "variables": {"card_number": "4711"},
        }
        | given
    )


def brisk(settings: Settings) -> Eight:
    """The real client, with short pauses between attempts."""
    repeating = Repeating(first_wait_s=0.02, longest_wait_s=0.1)
    return Eight(settings.api_base, settings.api_key, settings.tenant_id, repeating=repeating)


def waits(conversation: dict[str, Any]) -> bool:
    """Whether 8x8 has put it into a queue and nobody took it yet."""
    return conversation["state"] in {"waiting", "offered"}


class Floor:
    """The agents' side, played over the sandbox's control API."""

    def __init__(self, sandbox: Sandbox, connector: Connector) -> None:
        self.sandbox, self.connector = sandbox, connector
        self._http = httpx.AsyncClient(base_url=sandbox.base_url, timeout=10)

    async def close(self) -> None:
        await self._http.aclose()

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = await self._http.post(f"/sandbox/{path}", json=body)
        assert answer.is_success, (path, answer.text)
        return answer.json() if answer.content else {}

    async def put(self, path: str, **body: Any) -> None:
        assert (await self._http.put(f"/sandbox/{path}", json=body)).is_success

    async def clear_faults(self) -> None:
        await self._http.delete("/sandbox/faults")

    async def desk(self) -> list[dict[str, Any]]:
        found = await self._http.get("/sandbox/agent/conversations", params={"state": "all"})
        return found.json()["conversations"]

    async def agents(self) -> list[dict[str, Any]]:
        return (await self._http.get("/sandbox/world")).json()["agents"]

    async def everyone(self, status: str) -> None:
        for agent in await self.agents():
            await self.put(f"agents/{agent['id']}", status=status)

    async def seen(self, test: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The conversation that passes the test, once there is one."""
        latest = time.monotonic() + PATIENCE_S
        while time.monotonic() < latest:
            for conversation in await self.desk():
                if test(conversation):
                    return conversation
            await asyncio.sleep(0.01)
        raise AssertionError(f"no such conversation on the desk: {await self.desk()}")

    async def waiting_in(self, queue: str) -> dict[str, Any]:
        return await self.seen(lambda one: waits(one) and one["queue"] == queue)

    async def act(self, conversation: dict[str, Any], wish: str, **body: Any) -> dict[str, Any]:
        return await self.post(f"agent/conversations/{conversation['id']}/{wish}", **body)


@contextlib.asynccontextmanager
async def floor(
    home: Path,
    *,
    speed: float = 20.0,
    policy: str = POLICY,
    auto_agents: bool = False,
    listen: bool = True,
) -> AsyncIterator[Floor]:
    """World time runs at `speed`: a step of 40 s lasts two seconds at 20."""
    await asyncio.to_thread((home / "policy.yaml").write_text, policy)
    clock = Clock.at_speed(speed, T0)
    world = load_world().around_the_clock()
    async with Sandbox(world, clock=clock, auto_agents=auto_agents) as sandbox:
        settings = Settings.load(home, **sandbox.connection)
        receiver = ("127.0.0.1", 0) if listen else None
        async with Connector(settings, clock=clock, listen=receiver, client=brisk) as connector:
            playing = Floor(sandbox, connector)
            try:
                yield playing
            finally:
                await playing.close()


def rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """What the log of a home answers."""
    connection = analytics.connect(home)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def run(scene: Coroutine[Any, Any, T]) -> T:
    """A scene on a loop of its own, given up after two minutes."""
    return asyncio.run(asyncio.wait_for(scene, 120))


async def eventually(condition: Callable[[], object], wall_s: float = 10.0) -> bool:
    """Whether it comes to hold within so many seconds of the wall clock."""
    for _ in range(int(wall_s / 0.05)):
        if condition():
            return True
        await asyncio.sleep(0.05)
    return False
