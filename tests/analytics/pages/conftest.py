"""Homes for the pages: a real lake with attempts in it, and the app run on it."""

import http.server
import random
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from connector.clock import Clock, utc_now
from connector.log import append_rows, open_home
from connector.sandbox import Sandbox, load_world
from connector.settings import Settings
from tests.conftest import PROJECT

WAIT_S = 90
MORNING = datetime(2026, 11, 24, 10)


@pytest.fixture(autouse=True)
def no_settings_of_the_environment(monkeypatch):
    for name in ("API_KEY", "TENANT_URL", "TENANT_ID", "PUBLIC_URL", "DEFAULT_QUEUE"):
        monkeypatch.delenv(f"HANDOFF_{name}", raising=False)


@pytest.fixture(autouse=True)
def nothing_kept_from_other_tests():
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home that the pages take for theirs."""
    monkeypatch.setenv("HANDOFF_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def fill(home, attempts=1200, *, source="live", days=14, seed=7, names=None, ago=0):
    """Attempts of the last days: Cards loses half of its offers, General one of ten."""
    draw, now = random.Random(seed), utc_now() - timedelta(days=ago)
    rows, steps = [], []
    for number in range(attempts):
        queue_id, queue, lost = draw.choice((("101", "General", 0.1), ("102", "Cards", 0.5)))
        at = now - timedelta(days=days * draw.random())
        outcome = "timed_out" if draw.random() < lost else "accepted"
        required = ["transcript", "card_number"]
        present = required if draw.random() < 0.7 else required[:1]
        attempt = {
            "attempt_id": f"{source}{seed}-{number}",
            "started_at": at,
            "queue_id": queue_id,
            "queue": (names or {}).get(queue_id, queue),
        }
        rows.append(
            attempt
            | {
                "handoff_id": f"h-{source}{seed}-{number}",
                "source": source,
                "ended_at": at + timedelta(seconds=30),
                "channel": draw.choice(("web", "whatsapp")),
                "intent": "reportlostcard" if queue_id == "102" else None,
                "outcome": outcome,
                "wait_s": 60.0 if outcome == "timed_out" else 20 * draw.random(),
                "context_required": required,
                "context_present": present,
                "completeness": len(present) / 2,
            }
        )
        result = "step_timeout" if outcome == "timed_out" else "accepted"
        steps.append(attempt | {"step": 1, "offered_at": at, "timeout_s": 60.0, "result": result})
    opened = open_home(Settings(home=home))
    try:
        append_rows(opened.lake, home, {"attempts": rows, "attempt_steps": steps})
    finally:
        opened.lake.close()
    return rows


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory):
    """A home with 1,200 live attempts, and their rows; for reading only."""
    home = tmp_path_factory.mktemp("filled")
    return home, fill(home)


@pytest.fixture
def filled(filled_home, home, monkeypatch):
    """Makes the filled home that of the pages; gives its rows."""
    filled_home, rows = filled_home
    monkeypatch.setenv("HANDOFF_HOME", str(filled_home))
    return rows


def dashboard():
    """The dashboard at its first page."""
    return AppTest.from_file(str(PROJECT / "app.py"), default_timeout=WAIT_S)


@pytest.fixture
def app(home):
    """The dashboard on this home, not yet run."""
    return dashboard()


def texts(app):
    """All Markdown and captions of a page, one per line."""
    return "\n".join(each.value for each in (*app.markdown, *app.caption))


def button(app, label):
    return next(each for each in app.button if each.label == label)


@contextmanager
def answers():
    """An address that answers 200 to everything, as a receiver of events does."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def answering():
    with answers() as address:
        yield address


@contextmanager
def played_by_hand(home):
    """A sandbox of a home, on a morning, whose agents nobody but a page plays."""
    world = load_world().around_the_clock()
    with Sandbox(world, clock=Clock.at_speed(1, MORNING), auto_agents=False) as running:
        running.write_marker(home)
        yield running
        running.remove_marker(home)
