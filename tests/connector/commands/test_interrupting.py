"""Ctrl-C on commands that perform handoffs: the customers they brought leave."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import analytics
from connector.clock import Clock
from connector.loopback import call
from connector.sandbox import Sandbox, load_world
from tests.connector.commands.conftest import T0, Command
from tests.connector.commands.test_replay import _conversations
from tests.connector.commands.test_servers import SCRIPT, process

pytestmark = pytest.mark.full


@pytest.fixture
def nobody(handoff: Command) -> Iterator[Sandbox]:
    """A sandbox on the home, whose agents accept nobody."""
    world, clock = load_world().around_the_clock(), Clock.at_speed(1.0, T0)
    with Sandbox(world, clock=clock, auto_agents=False) as running:
        running.write_marker(handoff.home)
        yield running
        running.remove_marker(handoff.home)


def interrupted(handoff: Command, sandbox: Sandbox, *words: str, waiting: int = 1) -> dict:
    """What a command prints whose Ctrl-C comes once so many customers wait."""
    command = [str(SCRIPT), "--home", str(handoff.home), *words, "--json"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(600):
            if len(_desk(sandbox)) >= waiting or running.poll() is not None:
                break
            time.sleep(0.05)
        time.sleep(0.2)
        running.send_signal(signal.SIGINT)
        out, errors = running.communicate(timeout=30)
    finally:
        running.kill()
    assert (running.returncode, "Traceback" in errors) == (130, False), errors
    return json.loads(out)


def _desk(sandbox: Sandbox) -> list[dict]:
    return call(sandbox.base_url, "GET", "/sandbox/agent/conversations?state=waiting")[
        "conversations"
    ]


def _logged(handoff: Command) -> list[tuple]:
    with analytics.connect(handoff.home) as con:
        return con.execute("SELECT outcome, failure_reason FROM attempts").fetchall()


def test_the_customer_of_send_leaves(handoff: Command, nobody: Sandbox):
    result = interrupted(handoff, nobody, "send", "--timeout", "600")
    assert (result["outcome"], result["reason"]) == ("abandoned", None)
    assert _logged(handoff) == [("abandoned", None)]
    assert _desk(nobody) == []


def test_the_customer_of_send_leaves_the_service_too(handoff: Command, nobody: Sandbox):
    with process(handoff, "service.json", "serve", "--port", "0"):
        result = interrupted(handoff, nobody, "send", "--timeout", "600", "--wait")
    assert result["outcome"] == "abandoned"
    assert _desk(nobody) == []


def test_the_customers_of_replay_leave_and_no_more_come(
    handoff: Command, nobody: Sandbox, tmp_path: Path
):
    file = str(_conversations(tmp_path))
    summary = interrupted(handoff, nobody, "replay", file)
    assert summary["interrupted"]
    assert 1 <= summary["outcomes"]["abandoned"] == summary["attempts"] < 4
    assert set(_logged(handoff)) == {("abandoned", None)}
    assert _desk(nobody) == []
