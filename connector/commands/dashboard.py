"""Runs the dashboard with its libraries imported and its log open before the first viewer comes.

Streamlit imports a page when somebody opens it, which then takes seconds.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
import time

from connector.errors import HandoffError

LIBRARIES = (
    "altair",
    "pandas",
    "scipy.stats",
    "analytics.charts",
    "analytics.findings",
)


def main() -> None:
    """`python -m connector.commands.dashboard app.py`, with options as `streamlit run` has them."""
    for library in LIBRARIES:
        importlib.import_module(library)
    threading.Thread(target=_open_the_log, daemon=True).start()
    streamlit = importlib.import_module("streamlit.web.cli")
    sys.argv = ["streamlit", "run", *sys.argv[1:]]
    streamlit.main()


def _open_the_log() -> None:
    """Pages keep it open for all viewers; one that does not open is told by the page."""
    runtime = importlib.import_module("streamlit.runtime")
    while not runtime.exists():  # what is kept for all viewers is kept by it
        time.sleep(0.05)
    importlib.import_module("analytics.pages.parts.tables")
    reading = importlib.import_module("analytics.pages.parts.reading")
    with contextlib.suppress(HandoffError):
        reading.home()


if __name__ == "__main__":
    main()
