"""An emergency, on and off, as a manager does it."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from connector import audit
from connector.access import local_actor
from connector.clock import Clock
from connector.emergency import Emergency, declare, emergencies
from connector.log import open_home
from connector.policy import FailurePath
from connector.settings import Settings
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser
TEXT = "Our lines are down."


@pytest.fixture
def lake(home):
    opened = open_home(Settings(home=home))
    yield opened.lake
    opened.close()


def banner(page, text=TEXT):
    shown = page.locator("[data-testid=stMarkdown]").filter(has_text="Emergency until ")
    return shown.filter(has_text=text)


def test_one_is_declared_in_the_dialog_seen_elsewhere_and_ended(look, dashboard, lake):
    page, other = look(), look(PHONE)
    other.goto(f"{dashboard}/connection")
    page.goto(f"{dashboard}/audit")
    page.get_by_role("button", name="Emergency…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Failure path").click()
    dialog.get_by_role("textbox", name="What customers are told").fill(TEXT)
    dialog.get_by_role("textbox", name="Why").fill("fire alarm")
    page.keyboard.press("Tab")
    expect(
        dialog.get_by_text(re.compile(f"All handoffs get a message at once: “{TEXT}”"))
    ).to_be_visible()
    dialog.get_by_role("button", name="Declare").click()
    expect(dialog).to_have_count(0)
    expect(banner(page)).to_be_visible()
    expect(banner(other)).to_be_visible()
    [made] = emergencies(lake)
    assert made.emergency.failure_path == FailurePath(kind="message", text=TEXT)
    assert made.emergency.until - made.declared_at < timedelta(hours=1, seconds=1)
    assert (made.emergency.note, made.ended_at) == ("fire alarm", None)

    page.get_by_role("button", name="End", exact=True).click()
    expect(banner(page)).to_have_count(0)
    expect(banner(other)).to_have_count(0)
    [made] = emergencies(lake)
    assert made.ended_by == local_actor().name
    actions = [entry.action for entry in audit.read(lake, local_actor())][:2]
    assert actions == ["end emergency", "declare emergency"]


def test_the_dialog_stays_open_while_the_page_refreshes_and_says_what_is_missing(
    look, dashboard, lake
):
    page = look()
    page.goto(dashboard)
    page.get_by_role("button", name="Emergency…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Some intents").click()
    page.wait_for_timeout(12_000)  # longer than the page takes to look for new attempts
    dialog.get_by_role("button", name="Declare").click()
    expect(dialog.get_by_text("Choose the intents it concerns.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_one_that_runs_out_leaves_the_page_by_itself(look, dashboard, lake):
    page = look()
    page.goto(f"{dashboard}/audit")
    expect(page.get_by_text("Who may do what")).to_be_visible()
    clock = Clock()
    wish = Emergency(until=clock.now() + timedelta(seconds=30), queue="General (101)")
    declare(lake, wish, actor=local_actor(), clock=clock)
    expect(banner(page, "General (101) for 120 s")).to_be_visible()
    expect(banner(page, "General (101) for 120 s")).to_have_count(0)
