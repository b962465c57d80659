"""Notifications through apprise, to a real server on loopback."""

import http.server
import json
import threading
import time

import pytest
from pydantic import SecretStr

from connector.follow_ups.check import check_follow_ups, notified
from connector.follow_ups.notifying import Notifier, message
from connector.policy import parse_policy
from connector.settings import Settings

from .conftest import follow_up_row

pytestmark = pytest.mark.slow

POLICY = parse_policy("""
default_queue: General
default: {steps: [{queue: General}], failure_path: {kind: email}}
""")


class Place(http.server.ThreadingHTTPServer):
    """Takes notifications and answers with `status`."""

    def __init__(self):
        self.bodies, self.status = [], 200
        place = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                place.bodies.append(json.loads(body))
                self.send_response(place.status)
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Answer)

    @property
    def address(self):
        return SecretStr(f"json://127.0.0.1:{self.server_port}/secret-path")


@pytest.fixture
def place():
    server = Place()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def soon(test, seconds=60):
    deadline = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def of(home, place, **given):
    settings = home.settings.model_copy(update={"notify": (place.address,)})
    return settings, Notifier(settings.notify, home.ledger_path, **given)


def test_a_follow_up_is_told_with_what_and_by_when_and_never_whom(home, place):
    settings, notifier = of(home, place)

    notifier.tell(follow_up_row(1, link="https://bot.example/chat-1"))
    soon(lambda: notified(settings))

    assert [body["title"] for body in place.bodies] == ["A callback is owed"]
    assert place.bodies[0]["message"] == (
        "A callback (reportlostcard, Cards), due 24 Nov 2026 16:01 UTC, follow-up a1. "
        "https://bot.example/chat-1"
    )
    assert [(one.sent, one.failed) for one in notified(settings)] == [(1, 0)]
    assert check_follow_ups(settings, POLICY)[-1].status == "ok"


def test_what_comes_together_is_told_together(home, place):
    settings, notifier = of(home, place, pause_s=3.0)
    notifier.tell(follow_up_row(0))
    soon(lambda: notified(settings))

    for number in range(1, 20):
        notifier.tell(follow_up_row(number))
    soon(lambda: sum(one.sent for one in notified(settings)) >= 2)

    assert [body["title"] for body in place.bodies] == [
        "A callback is owed",
        "19 follow-ups owed",
    ]
    assert place.bodies[1]["message"].endswith("and 9 more")


def test_a_test_is_told_to_nobody(home, place):
    settings, notifier = of(home, place)

    notifier.tell(follow_up_row(1, source="test"))
    notifier.tell(follow_up_row(2))
    soon(lambda: notified(settings))

    assert ["a2" in body["message"] for body in place.bodies] == [True]


def test_a_place_that_refuses_is_counted_told_in_the_check_and_mends(home, place, caplog):
    settings, notifier = of(home, place, pause_s=0.0)
    place.status = 500

    notifier.tell(follow_up_row(1))
    soon(lambda: notified(settings))
    failed = check_follow_ups(settings, POLICY)[-1]
    place.status = 200
    notifier.tell(follow_up_row(2))
    soon(lambda: notified(settings)[0].sent)

    assert (failed.name, failed.status) == ("notifications", "warning")
    assert "Number 1 of HANDOFF_NOTIFY" in failed.detail
    assert "0 sent, 1 failed" in failed.detail
    assert check_follow_ups(settings, POLICY)[-1].status == "ok"
    assert "secret-path" not in caplog.text + failed.detail


def test_a_place_that_hangs_delays_nobody_and_counts_as_failed(home, place):
    hangs = threading.Event()
    settings, notifier = of(home, place, limit_s=0.1, send=lambda *_: hangs.wait(60))

    began = time.monotonic()
    notifier.tell(follow_up_row(1))
    took = time.monotonic() - began
    soon(lambda: notified(settings))
    hangs.set()

    assert took < 1.0
    assert [(one.sent, one.failed) for one in notified(settings)] == [(0, 1)]


def test_many_at_once_are_one_message_of_ten_lines():
    title, text = message([follow_up_row(number) for number in range(12)])

    assert title == "12 follow-ups owed"
    assert text.splitlines()[-1] == "and 2 more"
    assert len(text.splitlines()) == 11


def test_without_a_key_the_check_says_what_to_do(tmp_path):
    bare = check_follow_ups(Settings(home=tmp_path), POLICY)

    assert [(one.name, one.status) for one in bare] == [("contacts", "warning")]
    assert "handoff follow-ups key" in bare[0].fix
