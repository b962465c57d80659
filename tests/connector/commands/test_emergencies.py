"""`handoff emergency`, and a service in another process that follows it."""

import signal
import time
from datetime import datetime

import pytest

import analytics
from tests.connector.commands.test_servers import ended, process

pytestmark = pytest.mark.slow

DOWN = ("--failure-path", "callback", "--text", "We call you back.")
LOST_CARD = ("send", "--intent", "reportlostcard", "--wait", "--json")


def declared(handoff, *words):
    return handoff.json("emergency", "declare", *words, "--json")


def outcome_of_one(handoff):
    found = handoff.json(*LOST_CARD)
    return found["outcome"], found["reason"], found["failure_text"]


def test_one_is_declared_listed_explained_ended_and_audited(handoff, sandbox):
    made = declared(handoff, "--queue", "General", "--minutes", "600", "--note", "fire alarm")
    assert made["instead"].startswith("queue General (")
    assert made["in_force"]
    [listed] = handoff.json("emergency", "list", "--json")
    assert listed == made
    asked = ("explain", "--intent", "reportlostcard", "--json")
    assert handoff.json(*asked)["decided_by"] == "emergency"

    said = handoff.run("emergency", "end", made["emergency_id"]).stdout
    assert said == f"Emergency {made['emergency_id']} is over.\n"
    assert handoff.json("emergency", "list", "--json") == []
    [over] = handoff.json("emergency", "list", "--all", "--json")
    assert (over["in_force"], over["ended_by"]) == (False, over["declared_by"])
    assert handoff.json(*asked)["decided_by"] == "rule"
    actions = [entry["action"] for entry in handoff.json("audit", "--json")]
    assert actions == ["end emergency", "declare emergency"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*DOWN,), "Say until when"),
        ((*DOWN, "--until", "2026-11-24T18:00", "--minutes", "5"), "Say until when"),
        ((*DOWN, "--until", "2020-01-01"), "over already"),
        ((*DOWN, "--minutes", "1e300"), "no length of time"),
        (("--queue", "General", *DOWN, "--minutes", "5"), "one queue, or to a failure path"),
        (("--failure-path", "callback", "--minutes", "5"), "needs a text"),
        (("--failure-path", "fax", "--text", "a", "--minutes", "5"), "--failure-path fax cannot"),
        (("--queue", "General", "--text", "a", "--minutes", "5"), "belongs to a failure path"),
    ],
)
def test_what_cannot_be_declared_is_one_message(handoff, words, said):
    done = handoff.run("emergency", "declare", *words, code=1)
    assert done.stdout == ""
    assert said in done.stderr.splitlines()[-1]


def test_a_time_without_an_offset_is_in_the_centers_zone(handoff):
    handoff.home.mkdir()
    (handoff.home / "policy.yaml").write_text(
        "default_queue: General\nzone: Asia/Tokyo\ndefault: {steps: [{queue: General}]}\n"
    )
    soon = datetime.now().astimezone().year + 1
    done = handoff.run("emergency", "declare", *DOWN, "--until", f"{soon}-12-01T09:00", code=1)
    assert "7 days at most" in done.stderr


@pytest.mark.full
def test_a_service_in_another_process_follows_within_two_seconds_and_returns(handoff, sandbox):
    with process(handoff, "service.json", "serve", "--port", "0") as service:
        assert outcome_of_one(handoff)[0] == "accepted"
        # Sixty times as fast as the world: twenty minutes are twenty seconds.
        made = declared(handoff, *DOWN, "--minutes", "20", "--for-intent", "reportlostcard")
        until = datetime.fromisoformat(made["until"]).replace(tzinfo=None)
        time.sleep(2)
        assert outcome_of_one(handoff) == ("no_agents", "closed", "We call you back.")
        assert handoff.json("send", "--wait", "--json")["outcome"] == "accepted"
        while sandbox.clock.now() < until:
            time.sleep(0.1)
        assert outcome_of_one(handoff)[0] == "accepted"
        made = declared(handoff, *DOWN, "--minutes", "600")
        time.sleep(2)
        assert outcome_of_one(handoff)[0] == "no_agents"
        handoff.run("emergency", "end", made["emergency_id"])
        time.sleep(2)
        assert outcome_of_one(handoff)[0] == "accepted"
        ended(service, signal.SIGTERM)
    with analytics.connect(handoff.home) as con:
        found = con.execute("SELECT decided_by, outcome FROM attempts ORDER BY started_at")
        assert found.fetchall() == [
            ("rule", "accepted"),
            ("emergency", "no_agents"),
            ("rule", "accepted"),
            ("rule", "accepted"),
            ("emergency", "no_agents"),
            ("rule", "accepted"),
        ]
