"""The `handoff` command in this process, and a sandbox it finds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connector.cli import app
from connector.clock import Clock
from connector.sandbox import Sandbox, load_world

T0 = datetime(2026, 11, 24, 12)


class Command:
    """Runs `handoff` on one home."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *words: str, code: int = 0) -> Any:
        done = CliRunner().invoke(app, ["--home", str(self.home), *words])
        assert done.exit_code == code, (done.stdout, done.stderr, done.exception)
        return done

    def json(self, *words: str, code: int = 0) -> Any:
        """The one JSON value on stdout."""
        return json.loads(self.run(*words, code=code).stdout)


@pytest.fixture
def handoff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command on an empty home, with no tenant configured."""
    for name in ("API_KEY", "TENANT_URL", "TENANT_ID", "HOME", "TOKENS"):
        monkeypatch.delenv(f"HANDOFF_{name}", raising=False)
    return Command(tmp_path / "home")


@pytest.fixture
def sandbox(handoff: Command) -> Iterator[Sandbox]:
    """A staffed sandbox that runs on the home, sixty times as fast as the world."""
    clock = Clock.at_speed(60.0, T0)
    with Sandbox(load_world().around_the_clock(), clock=clock) as running:
        running.write_marker(handoff.home)
        yield running
        running.remove_marker(handoff.home)
