"""Every page of the navigation opens: on a home that was never used, and on one with a log."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.analytics.pages.conftest import WAIT_S, fill
from tests.conftest import PROJECT

PAGES = sorted(path.stem for path in (PROJECT / "analytics/pages").glob("[!_]*.py"))
TITLES = {
    "audit": "Audit",
    "connection": "Connection",
    "context": "Context",
    "escalation_test": "Test escalation",
    "follow_ups": "Follow-ups",
    "mappings": "Mappings",
    "overview": "Overview",
}


@pytest.mark.parametrize("used", [False, True], ids=["never used", "with a log"])
def test_every_page_opens_and_says_its_name(home, used):
    if used:
        fill(home, 60)
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=WAIT_S)
    for page in PAGES:
        app.switch_page(f"analytics/pages/{page}.py").run()
        assert not app.exception, page
        assert [title.value for title in app.title] == [TITLES[page]]
