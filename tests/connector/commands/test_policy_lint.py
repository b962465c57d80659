"""`handoff policy lint`, and what publishing makes of its findings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics.history.demo import write_history
from connector.publishing import SHIPPED
from connector.settings import Settings

pytestmark = pytest.mark.slow

PUBLISH = ("--base", "1", "--note", "as told")


@pytest.fixture
def draft(tmp_path):
    """A file with the shipped policy, one text of it replaced."""

    def written(old, new):
        text = SHIPPED.read_text()
        assert old in text
        file = tmp_path / "draft.yaml"
        file.write_text(text.replace(old, new, 1))
        return str(file)

    return written


def test_nothing_speaks_against_the_shipped_policy_in_the_demonstration(handoff, sandbox, full):
    days = 28 if full else 2
    settings = Settings(home=handoff.home)
    # The sandbox's world has its own time: the history ends where it goes on.
    until = sandbox.clock.now() - timedelta(minutes=1)
    assert write_history(settings, days=days, until=until) > 1_000

    assert handoff.json("policy", "lint", str(SHIPPED), "--strict", "--json") == []
    assert handoff.json("policy", "lint", "1", "--strict", "--json") == []
    # Version 2 tries another way on every rule.
    done = handoff.run("policy", "lint", "--strict")
    assert done.stdout == "Nothing speaks against this policy.\n"


def test_without_a_tenant_its_checks_are_told_as_not_made(handoff, draft):
    told = handoff.json("policy", "lint", draft("Cards, timeout", "Kards, timeout"), "--json")
    assert {(one["severity"], one["check"]) for one in told} == {("warning", "not_checked")}
    handoff.run("policy", "lint", "--strict", code=1)


def test_errors_of_the_sandboxs_tenant_are_printed_and_end_with_1(handoff, sandbox, draft):
    file = draft("Cards, timeout", "Kards, timeout")
    done = handoff.run("policy", "lint", file, code=1)
    assert done.stdout == (
        "error: rule `lost card`, step 1: `Kards` is no chat queue of this tenant. "
        "Did you mean `Cards (102)`?\n"
    )
    [told] = handoff.json("policy", "lint", file, "--json", code=1)
    assert told == {
        "severity": "error",
        "check": "unknown_queue",
        "place": ["rules", 1, "steps", 0, "queue"],
        "rule": "lost card",
        "text": "`Kards` is no chat queue of this tenant. Did you mean `Cards (102)`?",
        "fix": "Write `Cards (102)`",
    }
    broken = handoff.run("policy", "lint", draft("default_queue: General", "x: 1"), code=1)
    assert "field `default_queue`: Field required" in broken.stderr


def test_an_error_blocks_publishing_and_a_warning_passes_unless_strict(handoff, sandbox, draft):
    refused = handoff.run(
        "policy", "publish", draft("Cards, timeout", "Kards, timeout"), *PUBLISH, code=1
    )
    assert "This is in the way:\nerror: rule `lost card`, step 1: `Kards`" in refused.stderr
    assert refused.stdout == ""

    renamed = draft("{queue: Cards, timeout", "{queue: Karten (102), timeout")
    warned = handoff.run("policy", "publish", renamed, *PUBLISH, "--strict", code=1)
    assert "warning: rule `lost card`, step 1: The tenant calls queue 102 `Cards`" in warned.stderr
    published = handoff.run("policy", "publish", renamed, *PUBLISH)
    assert published.stdout == "Version 2 is in force.\n"
    assert "warning: rule `lost card`, step 1" in published.stderr
    # Going back is looked at as well: version 1 has nothing against it.
    assert "warning" not in handoff.run("policy", "rollback", "1", "--strict").stderr


def test_a_tenant_that_does_not_answer_is_told_and_publishing_goes_on(handoff, draft, monkeypatch):
    monkeypatch.setenv("HANDOFF_API_KEY", "any")
    monkeypatch.setenv("HANDOFF_TENANT_URL", "http://127.0.0.1:9")
    done = handoff.run("policy", "publish", draft("timeout_s: 60", "timeout_s: 61"), *PUBLISH)
    assert "The tenant cannot be asked:" in done.stderr
    assert "warning: Queues were not checked: the tenant cannot be reached." in done.stderr
    assert done.stdout == "Version 2 is in force.\n"
