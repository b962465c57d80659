from datetime import datetime

import pytest
from playwright.sync_api import expect

from tests.analytics.pages.conftest import played_by_hand
from tests.browser.conftest import PHONE, WIDE

pytestmark = pytest.mark.browser
MORNING = datetime(2026, 11, 24, 10)


@pytest.fixture
def sandbox(home):
    with played_by_hand(home) as running:
        yield running


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_test_is_sent_and_taken_in_the_workspace_by_keyboard(look, dashboard, sandbox, viewport):
    page, errors = look(viewport), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{dashboard}/test")
    expect(page.get_by_text("Rule lost card takes it to")).to_be_visible()
    press(page, "Send test escalation")
    expect(page.get_by_text("Waiting in Cards priority")).to_be_visible()
    expect(page.get_by_role("cell", name="Nora Lindqvist")).to_be_visible()
    expect(page.get_by_text("TEST: this is a test sent by")).to_be_visible()
    press(page, "Accept")
    expect(page.get_by_text("An agent took it")).to_be_visible()
    answer = page.get_by_role("textbox", name="Answer")
    answer.press_sequentially("Hello Nora, I block it now", delay=60)  # it is redrawn meanwhile
    answer.press("Enter")
    expect(page.get_by_text("Agent: Hello Nora, I block it now")).to_be_visible()
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    press(page, "End")
    expect(page.get_by_text("Ended by the agent")).to_be_visible()
    assert errors == []


def press(page, name):
    """Reach a button and press it without a mouse."""
    button = page.get_by_role("button", name=name, exact=True)
    button.focus()
    button.press("Enter")
