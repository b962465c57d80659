"""A service over a sandbox, both real servers on loopback, with the test as bot and as agents."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.clock import Clock
from connector.sandbox import Sandbox, load_world
from connector.service.server import running
from connector.settings import Settings

T0 = datetime(2026, 11, 24, 12)
SPEED = 60.0
_numbers = itertools.count(1)


class Bot:
    """Calls the service as a bot does, and the sandbox as its agents do."""

    def __init__(self, address: str, sandbox: str, settings: Settings) -> None:
        self.address, self.settings = address, settings
        self.http = httpx.Client(base_url=address, timeout=30)
        self.sandbox = httpx.Client(base_url=sandbox, timeout=30)

    def close(self) -> None:
        self.http.close()
        self.sandbox.close()

    def create(self, **given: Any) -> httpx.Response:
        given.setdefault("handoff_id", f"bot-{next(_numbers)}")
        given.setdefault("intent", "getroutingnumber")
        return self.http.post("/v1/handoffs", json=given)

    def begin(self, **given: Any) -> str:
        """Start a handoff and return its id once 8x8 has the conversation."""
        handoff_id = self.create(**given).json()["handoff_id"]
        self.until(lambda: self.read(handoff_id)["conversation_id"] is not None)
        return handoff_id

    def read(self, handoff_id: str) -> dict[str, Any]:
        return self.http.get(f"/v1/handoffs/{handoff_id}").json()

    def ended(self, handoff_id: str) -> dict[str, Any]:
        found = self.http.get(f"/v1/handoffs/{handoff_id}/wait", params={"timeout_s": 20}).json()
        assert found["outcome"] is not None
        return found

    def desk(self) -> dict[str, dict[str, Any]]:
        found = self.sandbox.get("/sandbox/agent/conversations", params={"state": "all"}).json()
        return {one["id"]: one for one in found["conversations"]}

    def act(self, handoff_id: str, wish: str, **body: Any) -> None:
        conversation_id = self.read(handoff_id)["conversation_id"]
        path = f"/sandbox/agent/conversations/{conversation_id}/{wish}"
        answer = self.sandbox.post(path, json=body)
        assert answer.is_success, answer.text

    def until(self, test: Callable[[], bool]) -> None:
        for _ in range(500):
            if test():
                return
            time.sleep(0.01)
        raise AssertionError("it did not come true within 5 s")


@contextlib.contextmanager
def serving(home: Path, **given: Any) -> Iterator[Bot]:
    """Sandbox and service in a thread of their own; world time runs at SPEED."""
    started, stop = threading.Event(), threading.Event()
    found: list[Any] = []

    async def run() -> None:
        clock = Clock.at_speed(SPEED, T0)
        world = load_world().around_the_clock()
        async with Sandbox(world, clock=clock, auto_agents=False) as sandbox:
            settings = Settings.load(home, **sandbox.connection, **given)
            async with running(settings, clock=clock) as address:
                found.extend([address, sandbox.base_url, settings])
                started.set()
                await asyncio.to_thread(stop.wait)

    def guarded() -> None:
        try:
            asyncio.run(run())
        finally:
            started.set()

    thread = threading.Thread(target=guarded)
    thread.start()
    started.wait(60)
    bot = Bot(*found)
    try:
        yield bot
    finally:
        bot.close()
        stop.set()
        thread.join(30)


@pytest.fixture(scope="package")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with serving(tmp_path_factory.mktemp("home")) as bot:
        yield bot
