"""`send`, `queues`, `explain`, `check` and `connect`, on a sandbox that runs and without one."""

from __future__ import annotations

import json
import threading

import pytest

import analytics
from connector.loopback import call
from connector.sandbox import Sandbox
from tests.connector.commands.conftest import Command

STEPS = "host key tenant queues default_queue agents channel webhook context".split()


def _logged(handoff: Command) -> list[tuple]:
    with analytics.connect(handoff.home) as con:
        return con.execute("SELECT handoff_id, outcome, source FROM attempts").fetchall()


def test_send_reaches_an_agent_and_is_in_the_log_when_the_command_ends(
    handoff: Command, sandbox: Sandbox
):
    words = "send --intent reportlostcard --id one --name Ana --text help --wait --json".split()
    result = handoff.json(*words, "--var", "card_number=4711=8", "--var", "other=x")
    assert (result["outcome"], result["queue"]) == ("accepted", "Cards priority")
    assert result["context_missing"] == []
    assert set(result["context_delivered"]) >= {"card_number", "other", "transcript"}
    assert _logged(handoff) == [("one", "accepted", "sandbox")]


@pytest.mark.full
def test_sending_the_same_id_again_gives_the_first_result(handoff: Command, sandbox: Sandbox):
    first = handoff.json("send", "--id", "one", "--wait", "--json")
    again = handoff.json("send", "--id", "one", "--wait", "--json")
    assert again == {**first, "repeated": True}
    assert len(_logged(handoff)) == 1


def test_spanish_support_is_taken_by_somebody_who_speaks_spanish(
    handoff: Command, sandbox: Sandbox
):
    result = handoff.json("send", "--intent", "spanish_support", "--wait", "--json")
    agents = call(sandbox.base_url, "GET", "/sandbox/world")["agents"]
    languages = {agent["id"]: agent["languages"] for agent in agents}
    assert "es" in languages[result["agent"]]


def test_a_refused_handoff_is_shown_and_exit_code_1(
    handoff: Command, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HANDOFF_API_KEY", "wrong")
    monkeypatch.setenv("HANDOFF_TENANT_URL", sandbox.base_url)
    monkeypatch.setenv("HANDOFF_TENANT_ID", "sandbox")
    result = handoff.json("send", "--id", "one", "--wait", "--json", code=1)
    assert (result["outcome"], result["reason"]) == ("rejected", "key")
    assert result["failure_path"] == "message"


def test_an_option_that_cannot_be_used_is_named(handoff: Command):
    done = handoff.run("send", "--priority", "asap", "--json", code=1)
    assert done.stdout == ""
    assert done.stderr.startswith("handoff: `priority` cannot be used")


def test_queues_of_the_running_sandbox(handoff: Command, sandbox: Sandbox):
    queues = handoff.json("queues", "--json")
    assert {queue["id"]: queue["name"] for queue in queues}["103"] == "Cards priority"
    assert all(queue["available"] > 0 for queue in queues)
    assert handoff.run("queues", "--format", "csv").stdout.startswith("id,name,available,")


@pytest.mark.full
def test_explain_says_which_rule_and_steps_and_writes_nothing(handoff: Command, sandbox: Sandbox):
    words = "explain --intent reportlostcard --channel web --json".split()
    decision = handoff.json(*words)
    assert (decision["rule"], decision["policy_version"]) == ("lost card", 1)
    steps = [(step["queue"], step["timeout_s"]) for step in decision["steps"]]
    assert steps == [("Cards priority", 60), ("General", 60)]
    assert "matched intent=reportlostcard" in decision["trace"][0]
    assert decision["trace"][0] in handoff.run(*words[:-1]).stdout
    assert _logged(handoff) == []


@pytest.mark.full
def test_explain_at_a_moment_without_a_tenant_shows_who_would_be_there_then(handoff: Command):
    """In the shipped world more people take disputes at noon than at three in the morning."""
    night = handoff.json(
        "explain", "--intent", "disputecharge", "--at", "2026-11-24T03:00", "--json"
    )
    noon = handoff.json(
        "explain", "--intent", "disputecharge", "--at", "2026-11-24T12:00", "--json"
    )
    assert [step["skipped"] for step in noon["steps"]] == [None, None]
    assert sum(step["agents_available"] for step in night["steps"]) < sum(
        step["agents_available"] for step in noon["steps"]
    )
    wrong = handoff.run("explain", "--at", "tomorrow", code=1)
    assert "is not a time" in wrong.stderr


def test_check_goes_through_every_step_also_in_an_empty_home(handoff: Command):
    checks = handoff.json("check", "--json")
    assert [check["name"] for check in checks] == [*STEPS, "contacts"]
    assert all(check["ok"] for check in checks)
    assert all({"name", "ok", "detail", "fix"} <= check.keys() for check in checks)


def test_check_of_a_wrong_key_names_it_and_exits_with_1(
    handoff: Command, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HANDOFF_API_KEY", "wrong")
    monkeypatch.setenv("HANDOFF_TENANT_URL", sandbox.base_url)
    monkeypatch.setenv("HANDOFF_TENANT_ID", "sandbox")
    checks = {check["name"]: check for check in handoff.json("check", "--json", code=1)}
    assert checks["host"]["ok"]
    assert not checks["key"]["ok"]
    assert "API Key" in checks["key"]["fix"] or "key" in checks["key"]["fix"]
    assert "FAILED" in handoff.run("check", code=1).stdout


def test_connect_shows_the_plan_then_does_it_and_then_has_nothing_to_do(
    handoff: Command, sandbox: Sandbox, events: str
):
    words = ["connect", "--public-url", events, "--json"]
    plan = handoff.json(*words)
    assert [step["action"] for step in plan["steps"]] == ["create", "create"]
    assert not (handoff.home / "connection.toml").exists()
    done = handoff.json(*words, "--apply")
    assert done["applied"]
    assert done["saved"]["channel_id"]
    again = handoff.json(*words)
    assert [step["action"] for step in again["steps"]] == ["reuse", "reuse"]


def test_connect_without_a_tenant_shows_what_it_would_do(handoff: Command):
    done = handoff.json("connect", "--apply", "--json")
    assert {step["thing"] for step in done["steps"]} == {"webhook", "channel"}
    assert done["saved"] == {}
    assert not (handoff.home / "connection.toml").exists()


@pytest.fixture
def events():
    """An address that takes every event."""
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Sink(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Sink) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.full
def test_every_command_that_lists_prints_a_list(handoff: Command, sandbox: Sandbox):
    for words in (["queues"], ["check"], ["report"], ["report", "--by", "queue"]):
        printed = handoff.run(*words, "--json").stdout
        assert isinstance(json.loads(printed), list), words


@pytest.mark.parametrize("at", ["0001-01-01T00:00+14:00", "9999-12-31T23:59", "1969-12-31"])
def test_explain_at_a_moment_out_of_reach_says_so(handoff: Command, at: str):
    assert "is out of reach" in handoff.run("explain", "--at", at, code=1).stderr


@pytest.mark.parametrize(
    "words", [["--since", "0001-01-01T00:00+14:00"], ["--until", "9999-12-31T23:59-10:00"]]
)
def test_report_of_a_moment_out_of_reach_says_so(handoff: Command, words: list[str]):
    assert "is out of reach" in handoff.run("report", *words, code=1).stderr


def test_connect_apply_on_a_sandbox_without_a_service_says_what_to_start(
    handoff: Command, sandbox: Sandbox
):
    done = handoff.run("connect", "--apply", code=1)
    assert done.stderr.count("handoff serve") == 1
    assert "`handoff serve` first" in done.stderr


@pytest.mark.parametrize("name", ["HANDOFF_TOKENS", "HANDOFF_QUEUE_MAP"])
def test_a_malformed_setting_is_one_message_of_every_command(
    handoff: Command, name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(name, "[1,")
    for words in (["report"], ["send"], ["sandbox"], ["serve"]):
        assert f"{name}: is not JSON" in handoff.run(*words, code=1).stderr
