import time
from datetime import datetime

import pytest

from connector import audit
from connector.access import Actor, Role
from connector.clock import Clock
from connector.errors import BadHandoff, NoSuchAttempt, NotAllowed
from connector.escalation_tests import EscalationTests
from connector.handoff import Customer, Handoff, Message, Outcome
from connector.log import open_home
from connector.sandbox import Sandbox, load_world
from connector.sandbox.player import player_of
from connector.settings import Settings, save_connection

NOON = datetime(2026, 11, 24, 12)
MANAGER, VIEWER = Actor("maria", Role.MANAGER), Actor("vic", Role.VIEWER)
ADMIN = Actor("ada", Role.ADMIN)
POLICY = """
default_queue: General
rules:
  - name: lost card
    intents: [reportlostcard]
    steps: [{queue: Cards, timeout_s: 40}]
    required: [card_number, pin_hint]
    failure_path: {kind: callback, text: We call you back.}
default:
  steps: [{queue: General, timeout_s: 600}]
context_fields: [{name: card_number, field: Card number}]
"""
LOST_CARD = Handoff(
    intent="reportlostcard",
    category="Lost card",
    customer=Customer(name="Nora Lindqvist"),
    variables={"card_number": "4711", "last_seen": "tram"},
    transcript=(Message(text="my card is gone"),),
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in ("API_KEY", "TENANT_URL", "TENANT_ID", "HOME", "SOURCE"):
        monkeypatch.delenv(f"HANDOFF_{name}", raising=False)
    (tmp_path / "policy.yaml").write_text(POLICY)
    return tmp_path


@pytest.fixture
def sandbox(home):
    """A sandbox of this home, 20 times as fast, whose agents nobody but the test plays."""
    clock, world = Clock.at_speed(20, NOON), load_world().around_the_clock()
    with Sandbox(world, clock=clock, auto_agents=False) as running:
        running.write_marker(home)
        yield running
        running.remove_marker(home)


@pytest.fixture
def tests(home, sandbox):
    found = EscalationTests(home)
    yield found
    found.close()


def until(look, seconds=10.0):
    """What `look` gives as soon as it is something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come in time")


def stands(tests, handoff_id, holds):
    def look():
        test = tests.look(handoff_id)
        return test if holds(test) else None

    return until(look)


def waits(test):
    return test.result.conversation_id and test.waiting and test.waiting.queue


def logged(home, sql):
    lake = open_home(Settings(home=home)).lake
    try:
        return lake.query(sql)
    finally:
        lake.close()


def test_a_test_is_watched_from_the_queue_to_the_end_of_the_talk(home, tests):
    sent = tests.send(MANAGER, LOST_CARD)
    waiting = stands(tests, sent, waits)
    assert waiting.waiting.queue == "Cards"
    player = player_of(Settings.load(home))
    seen = until(lambda: _waiting(player, waiting.result.conversation_id))
    assert seen.contact_name == "Nora Lindqvist"
    assert seen.case_category == "Lost card"
    assert seen.custom_fields == {"Card number": "4711"}
    assert seen.case_notes[0].text.startswith("TEST: this is a test sent by maria")
    assert seen.case_notes[1].text == "my card is gone"
    agent = player.floor().eligible(seen)[0]
    player.accept(seen.id, agent.id)
    player.write(seen.id, "Hello Nora")
    taken = stands(tests, sent, lambda test: test.result.outcome)
    assert (taken.result.outcome, taken.result.agent) == (Outcome.ACCEPTED, agent.id)
    assert taken.result.context_missing == ("pin_hint",)
    player.end(seen.id)
    over = stands(tests, sent, lambda test: test.over)
    kinds = [event.kind for event in over.events]
    assert kinds == ["created", "step", "waiting", "accepted", "outcome", "message", "ended"]


def _waiting(player, conversation_id):
    seen = player.look(conversation_id)
    return seen if seen.waits else None


def test_the_log_marks_it_as_a_test_and_the_audit_names_who_sent_it(home, tests):
    sent = tests.send(MANAGER, LOST_CARD, note="A card is lost")
    stands(tests, sent, waits)
    tests.leave(MANAGER, sent)
    stands(tests, sent, lambda test: test.over)
    tests.close()
    rows = logged(home, "SELECT source, outcome, bot FROM attempts")
    assert rows == [("test", "abandoned", "test escalation")]
    lake = open_home(Settings(home=home)).lake
    [entry] = [each for each in audit.read(lake, ADMIN) if each.action == "test escalation"]
    lake.close()
    assert (entry.actor, entry.subject, entry.note) == ("maria", sent, "A card is lost")
    assert entry.after == {
        "tenant": "sandbox",
        "intent": "reportlostcard",
        "channel": "web",
        "language": "en",
        "variables": ["card_number", "last_seen"],
    }


def test_nobody_taking_it_ends_in_the_failure_path(tests):
    sent = tests.send(MANAGER, LOST_CARD)
    over = stands(tests, sent, lambda test: test.over)
    assert over.result.outcome is Outcome.TIMED_OUT
    assert over.result.failure_text == "We call you back."
    assert over.waiting is None


def test_a_viewer_may_not_send_and_nothing_is_opened(tests):
    with pytest.raises(NotAllowed, match="send a test escalation"):
        tests.send(VIEWER, LOST_CARD)
    assert not tests.is_open


def test_a_real_tenant_asks_to_confirm_before_anything_is_sent(home):
    real = {"api_key": "key", "tenant_url": "https://na1.8x8.com", "tenant_id": "bank"}
    save_connection(home, real)
    tests = EscalationTests(home)
    with pytest.raises(BadHandoff, match="asks a real agent"):
        tests.send(MANAGER, LOST_CARD)
    assert not tests.is_open


def test_without_a_tenant_it_says_what_to_do(home):
    with pytest.raises(BadHandoff, match="No tenant is configured"):
        EscalationTests(home).send(MANAGER, LOST_CARD)


def test_the_connector_is_closed_once_it_is_idle_and_what_was_sent_is_remembered(home, sandbox):
    tests = EscalationTests(home, idle_s=0.2)
    sent = tests.send(MANAGER, LOST_CARD)
    stands(tests, sent, waits)
    tests.leave(MANAGER, sent)
    until(lambda: not tests.is_open)
    assert tests.look(sent).result.outcome is Outcome.ABANDONED
    again = tests.send(MANAGER, LOST_CARD.model_copy(update={"handoff_id": "again"}))
    stands(tests, again, waits)
    tests.close()
    with pytest.raises(NoSuchAttempt):
        tests.look("never sent")
