"""Several connector processes on one home, and processes that die."""

from __future__ import annotations

import asyncio
import collections
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from connector.clock import Clock
from connector.escalation import Connector
from connector.sandbox import Sandbox, load_world
from connector.service.server import running
from connector.settings import Settings

from .floor import POLICY, T0, floor, lost_card, rows

pytestmark = pytest.mark.alone

PROJECT = Path(__file__).parents[3]


class Worker:
    """A connector process; `heard` holds what it told its bots."""

    def __init__(self, home, *options):
        command = [sys.executable, "-m", "tests.connector.escalation.worker", str(home), *options]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("HANDOFF_")}
        self.process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
        )
        self.heard = []
        self.ready, self.hears = threading.Event(), threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            if not line.endswith("\n"):
                return
            told = json.loads(line)
            if "ready" in told:
                self.ready.set()
            else:
                self.heard.append(told)
                self.hears.set()
        self.ready.set()

    def finish(self, timeout=300):
        code = self.process.wait(timeout)
        self._reader.join()
        self.process.stdout.close()
        return code

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        return self.finish()


def a_sandbox(home, speed):
    home.mkdir(parents=True, exist_ok=True)
    (home / "policy.yaml").write_text(POLICY)
    return Sandbox(load_world().for_live(), clock=Clock.at_speed(speed, T0))


def test_four_processes_given_the_same_ids_make_each_conversation_once(tmp_path, full):
    count = 1000 if full else 50
    with a_sandbox(tmp_path, 60) as sandbox:
        sandbox.write_marker(tmp_path)
        asyncio.run(set_up(tmp_path))
        for _round in range(2):
            workers = [
                Worker(tmp_path, "--count", str(count), *(["--listen"] if first else []))
                for first in (True, False, False, False)
            ]
            assert [worker.finish() for worker in workers] == [0, 0, 0, 0]
            made = len(sandbox.tenant.conversations)
            told = [{one["handoff_id"]: one["attempt_id"] for one in w.heard} for w in workers]

            assert made == count
            assert len(told[0]) == count
            assert told[0] == told[1] == told[2] == told[3]


def test_dashboard_service_and_script_on_one_channel_each_see_their_own_outcome(tmp_path):
    async def scene():
        async with floor(tmp_path, listen=False) as f:
            settings, clock = f.connector.settings, f.connector.clock
            async with (
                running(settings, clock=clock) as _service,
                Connector(settings, clock=clock, kind="dashboard") as dashboard,
            ):
                script = f.connector
                tasks = {
                    name: asyncio.create_task(one.hand_off(lost_card(handoff_id=name)))
                    for name, one in {"script": script, "dashboard": dashboard}.items()
                }
                for _ in tasks:
                    await f.waiting_in("Cards")
                waiting = {}
                while len(waiting) < 2:
                    waiting = {one["attempt_id"]: one for one in await f.desk()}
                mine = (await script.read("script")).attempt_id
                await f.act(waiting[mine], "accept")
                return {name: await task for name, task in tasks.items()}

    results = asyncio.run(asyncio.wait_for(scene(), 120))

    assert results["script"].outcome == "accepted"
    assert results["dashboard"].outcome == "timed_out"
    assert results["script"].conversation_id != results["dashboard"].conversation_id


def test_processes_killed_under_load_lose_and_double_nothing(tmp_path, full):
    kills = 30 if full else 4
    chance = random.Random(7)
    heard = []
    with a_sandbox(tmp_path, 60) as sandbox:
        sandbox.write_marker(tmp_path)
        for number in range(kills):
            first = str(number * 100_000)
            worker = Worker(tmp_path, "--first", first, "--in-flight", "40", "--listen")
            assert worker.ready.wait(120)
            if number % 2:  # the others may be killed before any bot heard of an outcome
                assert worker.hears.wait(120)
            time.sleep(chance.uniform(0.05, 2.0))
            worker.kill()
            heard += worker.heard
        asyncio.run(settle(tmp_path))
        conversations = list(sandbox.tenant.conversations.values())

    attempts = rows(tmp_path, "SELECT handoff_id, attempt_id, outcome FROM attempts")
    outcome = {handoff_id: (attempt_id, found) for handoff_id, attempt_id, found in attempts}

    assert len(heard) > 0
    assert len(outcome) == len(attempts), "an attempt is doubled"
    for told in heard:
        assert outcome[told["handoff_id"]] == (told["attempt_id"], told["outcome"])
    of_8x8 = collections.Counter(one.properties["attempt_id"] for one in conversations)
    assert set(of_8x8.values()) == {1}, "a conversation was made twice"
    assert set(of_8x8) <= {attempt_id for _, attempt_id, _ in attempts}, "an attempt is lost"
    assert all(found for _, _, found in attempts)
    assert (
        rows(
            tmp_path,
            "SELECT attempt_id, seq, event FROM attempt_events GROUP BY ALL HAVING count(*) > 1",
        )
        == []
    )
    owed = rows(
        tmp_path,
        """
        SELECT attempt_id FROM attempts
        WHERE failure_path = 'callback' AND outcome NOT IN ('accepted', 'abandoned')
        """,
    )
    follow_ups = rows(tmp_path, "SELECT attempt_id FROM follow_ups")
    assert sorted(follow_ups) == sorted(owed), "a follow-up is lost or doubled"
    started = rows(
        tmp_path,
        """
        SELECT DISTINCT attempt_id FROM attempt_events
        WHERE event = 'started' AND attempt_id NOT IN (SELECT attempt_id FROM attempts)
        """,
    )
    assert started == [], "an attempt has no outcome"


async def set_up(home):
    """Make the channel, so that those who come need no webhook of their own."""
    async with Connector(Settings.load(home), listen=("127.0.0.1", 0)):
        pass


async def settle(home):
    """What the next start does: resolve what the dead left, and bring all into the lake."""
    async with Connector(Settings.load(home)) as connector:
        for _ in range(50):
            if not await asyncio.to_thread(connector.flusher.open_attempts_of_the_dead):
                break
            await asyncio.sleep(0.2)
    connector.flusher.flush_now()
