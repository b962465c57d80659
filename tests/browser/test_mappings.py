"""A manager at work on the Mappings page: a real dashboard, a real sandbox, real handoffs."""

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from connector.access import local_actor
from connector.clock import Clock
from connector.drafts import kept_draft
from connector.drafts.store import draft_path
from connector.escalation import BlockingConnector
from connector.handoff import Handoff
from connector.log import open_home
from connector.publishing import newest_number
from connector.sandbox import Sandbox, load_world
from connector.settings import Settings, save_connection
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser
GRID = "[data-testid=stDataFrame]"
BALANCE = 6
QUEUE_AT, HEADER, ROW = 345, 36, 36
"""Pixels in the grid: the middle of the column Queue, and heights."""


@pytest.fixture(autouse=True)
def no_draft(home):
    """Each starts from what is in force, also when the one before it stopped half way."""
    draft_path(home, local_actor()).unlink(missing_ok=True)


@contextmanager
def tenant(home):
    """A sandbox whose agents are always there, connected to the home."""
    world = load_world().around_the_clock()
    with Sandbox(world, clock=Clock(), auto_agents=True) as sandbox:
        save_connection(home, sandbox.connection)
        try:
            yield
        finally:
            (home / "connection.toml").unlink()


def handed_off(home, intent):
    """The queue and the priority that the log has of a handoff performed now."""
    handoff = Handoff(intent=intent)
    with BlockingConnector(Settings.load(home)) as connector:
        connector.hand_off(handoff)
    lake = open_home(Settings(home=home)).lake
    [row] = lake.query(
        "SELECT first_queue, priority FROM attempts WHERE handoff_id = ?", [handoff.handoff_id]
    )
    lake.close()
    return row


def in_force(home):
    lake = open_home(Settings(home=home)).lake
    number = newest_number(lake)
    lake.close()
    return number


def shows_in_force(page, number):
    """The line above the grid; the message after publishing says nearly the same."""
    line = page.get_by_text(f"No unsaved changes · version {number} is in force")
    expect(line).to_be_visible()


def open_mappings(page, address):
    page.goto(f"{address}/mappings")
    expect(page.get_by_role("heading", name="Checks")).to_be_visible()
    expect(page.locator(GRID).first).to_be_visible()
    return page


def set_queue(page, row, queue):
    """Choose a queue in the grid with the keyboard; scripted keys may come before it listens."""
    for _ in range(3):
        box = page.locator(GRID).first.bounding_box()
        page.mouse.click(box["x"] + QUEUE_AT, box["y"] + HEADER + row * ROW + ROW / 2)
        page.wait_for_timeout(500)
        page.keyboard.press("Enter")
        page.wait_for_timeout(1000)
        page.keyboard.type(queue)
        page.wait_for_timeout(500)
        page.keyboard.press("Enter")
        try:
            expect(page.get_by_text(re.compile("unsaved change"))).to_be_visible(timeout=40_000)
        except AssertionError:
            continue
        return


def at_rest(page):
    """Wait until the page has run to its end."""
    page.wait_for_timeout(1500)
    expect(page.get_by_role("img", name="Running...")).to_have_count(0)


def choose(page, name):
    page.get_by_role("combobox", name="Rule").click()
    page.keyboard.type(name)
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Edit…")).to_be_enabled()


def set_priority(page, rule, priority):
    choose(page, rule)
    page.get_by_role("button", name="Edit…").click()
    page.get_by_role("tab", name="Steps").click()
    page.get_by_role("radio", name=priority).click()
    page.get_by_role("button", name="Keep in draft").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def publish(page, note):
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=re.compile("^Publish version"))).to_be_visible()
    at_rest(page)  # a tick that comes while the dialog is still being drawn is lost
    box = dialog.get_by_role("checkbox")
    if box.count():
        dialog.get_by_text(re.compile("^Publish in spite of")).click()
        at_rest(page)
        expect(box).to_be_checked()
    dialog.get_by_role("textbox", name="Note").fill(note)
    page.keyboard.press("Tab")
    at_rest(page)
    dialog.get_by_role("button", name=re.compile("^Publish version")).click()


def test_a_change_is_checked_previewed_published_and_rolled_back(look, dashboard, home):
    with tenant(home):
        page, number = open_mappings(look(), dashboard), in_force(home)
        assert handed_off(home, "checkbalance") == ("Accounts", "normal")

        set_queue(page, BALANCE, "General")
        expect(page.get_by_text("1 unsaved change")).to_be_visible()
        expect(page.get_by_text("was tried in step 1 already")).to_be_visible()
        page.get_by_role("button", name="Leave out this step").click()
        expect(page.get_by_text("was tried in step 1 already")).to_have_count(0)
        set_priority(page, "balance", "Urgent")
        expect(page.get_by_text("2 unsaved changes")).to_be_visible()
        page.get_by_role("button", name="Preview").click()
        preview = page.get_by_role("dialog")
        expect(preview.get_by_text(re.compile("of the last 28 days"))).to_be_visible()
        preview.get_by_role("button", name="Close").click()

        page.reload()
        expect(page.get_by_text("2 unsaved changes")).to_be_visible()
        page.get_by_role("button", name="Publish…").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("Accounts 60 s, then General 45 s")).to_be_visible()
        publish(page, "General has room")
        shows_in_force(page, number + 1)
        assert handed_off(home, "checkbalance") == ("General", "urgent")

        page.get_by_role("button", name="History").click()
        expect(page.get_by_role("dialog").get_by_text(f"From version {number}")).to_be_visible()
        at_rest(page)
        page.get_by_role("textbox", name="Why").fill("it had not")
        page.keyboard.press("Tab")
        at_rest(page)
        page.get_by_role("button", name=f"Roll back to version {number}").click()
        shows_in_force(page, number + 2)
        assert handed_off(home, "checkbalance") == ("Accounts", "normal")


def test_the_second_of_two_tabs_is_refused_and_loses_nothing(look, dashboard, home):
    with tenant(home):
        first, number = open_mappings(look(), dashboard), in_force(home)
        set_priority(first, "accounts", "High")
        first.get_by_role("button", name="Publish…").click()
        expect(first.get_by_role("dialog")).to_be_visible()

        second = open_mappings(look(), dashboard)
        expect(second.get_by_text("1 unsaved change")).to_be_visible()
        set_priority(second, "balance", "Low")
        second.get_by_role("button", name="Publish…").click()
        publish(second, "both")
        shows_in_force(second, number + 1)

        publish(first, "mine")
        expect(
            first.get_by_text(re.compile(f"Not published: version {number + 1} came first"))
        ).to_be_visible()
        draft = kept_draft(home, local_actor()).draft
        assert next(r for r in draft.policy.rules if r.name == "accounts").priority == "high"
        assert in_force(home) == number + 1


def test_on_a_phone_rules_are_edited_in_a_dialog(look, dashboard, home):
    page = open_mappings(look(PHONE), dashboard)
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    choose(page, "replace card")
    page.get_by_role("button", name="Edit…").click()
    page.get_by_role("tab", name="If nobody").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox", name="What the bot says")).to_be_visible()
    assert dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
