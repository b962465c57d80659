"""`sandbox` and `serve` as processes of their own, and `send` through the service that runs."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import analytics
from connector.sandbox import Sandbox
from tests.connector.commands.conftest import Command

pytestmark = pytest.mark.slow

SCRIPT = Path(sys.executable).parent / "handoff"


@contextlib.contextmanager
def process(handoff: Command, marker: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A server that has written its marker; it must end by itself when told to."""
    command = [str(SCRIPT), "--home", str(handoff.home), *words]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(600):
            if (handoff.home / marker).exists() or started.poll() is not None:
                break
            time.sleep(0.05)
        assert (handoff.home / marker).exists(), started.communicate(timeout=10)
        yield started
    finally:
        started.kill()
        started.communicate()


def ended(started: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str]:
    started.send_signal(number)
    out, errors = started.communicate(timeout=30)
    assert "Traceback" not in errors, errors
    return started.returncode, out


def test_a_handoff_through_sandbox_service_and_command(handoff: Command):
    sandbox_words = ["sandbox", "--speed", "60", "--live", "--json"]
    with (
        process(handoff, "sandbox.json", *sandbox_words) as sandbox,
        process(handoff, "service.json", "serve", "--port", "0") as service,
    ):
        begun = handoff.json("send", "--id", "a/b", "--intent", "reportlostcard", "--json")
        assert begun["outcome"] is None
        done = handoff.json("send", "--id", "a/b", "--intent", "reportlostcard", "--wait", "--json")
        assert (done["outcome"], done["attempt_id"]) == ("accepted", begun["attempt_id"])
        checks = {check["name"]: check for check in handoff.json("check", "--json")}
        assert checks["webhook"]["status"] == "ok"
        assert all(check["ok"] for check in checks.values())
        code, out = ended(service, signal.SIGTERM)
        assert code == 0
        assert out.startswith("The handoff service listens on http://127.0.0.1:")
        code, out = ended(sandbox, signal.SIGINT)
        assert code == 0
        assert json.loads(out)["tenant_id"] == "sandbox"
    assert not (handoff.home / "service.json").exists()
    assert not (handoff.home / "sandbox.json").exists()
    with analytics.connect(handoff.home) as con:
        logged = con.execute("SELECT handoff_id, outcome FROM attempts").fetchall()
    assert logged == [("a/b", "accepted")]


@pytest.mark.parametrize("words", [["serve", "--host", "0.0.0.0"], ["serve", "--host", "nowhere"]])
def test_a_service_that_cannot_be_is_one_message(handoff: Command, words: list[str]):
    done = handoff.run(*words, "--port", "0", code=1)
    assert done.stderr.splitlines()[-1].startswith("handoff: ")


@pytest.mark.full
def test_a_marker_of_a_process_that_is_gone_is_no_service(handoff: Command):
    handoff.home.mkdir()
    gone = subprocess.Popen(["true"])
    gone.wait()
    marker = {"pid": gone.pid, "address": "http://127.0.0.1:1"}
    (handoff.home / "service.json").write_text(json.dumps(marker))
    result = handoff.json("send", "--wait", "--json")
    assert result["outcome"] == "accepted"


@pytest.mark.full
def test_send_uses_a_sandbox_of_its_own_when_the_service_has_no_tenant(handoff: Command):
    with process(handoff, "service.json", "serve", "--port", "0") as service:
        done = handoff.run("send", "--id", "one", "--wait", "--json")
        assert json.loads(done.stdout)["outcome"] == "accepted"
        assert "The service that runs on this home has no tenant." in done.stderr
        ended(service, signal.SIGTERM)
    with analytics.connect(handoff.home) as con:
        assert con.execute("SELECT source FROM attempts").fetchall() == [("sandbox",)]


@pytest.mark.parametrize(
    ("host", "told"),
    [("0.0.0.0", "http://0.0.0.0:"), ("::1", "http://[::1]:")],
)
@pytest.mark.full
def test_serve_tells_where_it_listens_and_is_found_there(
    handoff: Command, sandbox: Sandbox, host: str, told: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HANDOFF_TOKENS", "a long random text")
    with process(handoff, "service.json", "serve", "--host", host, "--port", "0") as service:
        result = handoff.json("send", "--wait", "--json")
        code, out = ended(service, signal.SIGTERM)
    assert (code, result["outcome"]) == (0, "accepted")
    assert out.startswith(f"The handoff service listens on {told}")


def test_a_second_sandbox_on_the_home_says_so_and_leaves_the_first_alone(handoff: Command):
    with process(handoff, "sandbox.json", "sandbox"):
        before = (handoff.home / "sandbox.json").read_text()
        second = handoff.run("sandbox", code=1)
        assert "already, at http://127.0.0.1:" in second.stderr
        assert (handoff.home / "sandbox.json").read_text() == before


@pytest.mark.parametrize("words", [["sandbox"], ["serve"]])
def test_a_port_that_cannot_be_is_refused(handoff: Command, words: list[str]):
    done = handoff.run(*words, "--port", "99999", code=2)
    assert "'--port'" in done.stderr
    assert "65535" in done.stderr
