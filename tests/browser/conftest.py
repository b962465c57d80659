"""The dashboard as a server of its own, and Debian's chromium to look at it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.analytics.pages.conftest import answers, fill
from tests.conftest import PROJECT

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_S, SEE_MS = 60, 60_000
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def chromium():
    """Closed before the next file: while it is open no other test can run an event loop."""
    if not os.path.exists(CHROMIUM):
        pytest.skip(f"chromium is not here: expected at {CHROMIUM} (apt-get install chromium)")
    expect.set_options(timeout=SEE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def look(chromium):
    """Opens pages; `look(address, viewport, theme)` gives one that waits long enough."""
    contexts = []

    def opened(viewport=WIDE, theme="light"):
        context = chromium.new_context(viewport=viewport, color_scheme=theme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(SEE_MS)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def answering():
    with answers() as address:
        yield address


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A home with 1,200 live attempts of two weeks."""
    path = tmp_path_factory.mktemp("dashboard") / "home"
    fill(path)
    return path


@pytest.fixture(scope="session")
def dashboard(home):
    """The address of a dashboard on that home."""
    with serving(home, free_port()) as address:
        yield address
    shutil.rmtree(home)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def serving(home, port, *options, run=("streamlit", "run")):
    """A dashboard on a home, with further options of `streamlit run`; gives its address."""
    settings = {name: value for name, value in os.environ.items() if "HANDOFF_" not in name}
    command = [sys.executable, "-m", *run, "app.py", f"--server.port={port}"]
    command += options
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=settings | {"HANDOFF_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/_stcore/health", process)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(address, process):
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        assert process.poll() is None, "the dashboard ended by itself"
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the dashboard did not answer")
