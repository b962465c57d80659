from datetime import datetime

import pytest
from playwright.sync_api import expect

from connector.clock import Clock
from connector.sandbox import Sandbox
from connector.settings import save_connection, saved_connection

pytestmark = pytest.mark.browser
MORNING = datetime(2026, 11, 24, 10)


def test_a_key_is_typed_tested_and_saved_and_never_comes_back(look, dashboard, home):
    page, received = look(), []

    def keep(frame):
        received.append(frame if isinstance(frame, bytes) else frame.encode())

    page.on("websocket", lambda socket: socket.on("framereceived", keep))
    page.goto(f"{dashboard}/connection")
    with Sandbox(clock=Clock.at_speed(1, MORNING), auto_agents=False) as sandbox:
        for label, value in (
            ("API Key", sandbox.api_key),
            ("Tenant URL", sandbox.base_url),
            ("Tenant ID", sandbox.tenant_id),
        ):
            page.get_by_role("textbox", name=label).fill(value)
        page.get_by_role("button", name="Test Connection").click()
        expect(page.get_by_text("9 chat queues.")).to_be_visible()
        assert saved_connection(home) == {}
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("textbox", name="API Key")).to_have_value("")
        expect(page.get_by_placeholder("Saved. Type to replace it")).to_be_visible()
        assert saved_connection(home) == sandbox.connection
        page.reload()
        expect(page.get_by_placeholder("Saved. Type to replace it")).to_be_visible()
    assert len(received) > 10
    assert not any(sandbox.api_key.encode() in frame for frame in received)
    (home / "connection.toml").unlink()


def test_a_key_one_leaves_with_tab_is_the_one_that_is_tested(look, dashboard, home):
    page = look()
    page.goto(f"{dashboard}/connection")
    with Sandbox(clock=Clock.at_speed(1, MORNING), auto_agents=False) as sandbox:
        page.get_by_role("textbox", name="Tenant URL").fill(sandbox.base_url)
        page.get_by_role("textbox", name="Tenant ID").fill(sandbox.tenant_id)
        page.get_by_role("textbox", name="API Key").press_sequentially(sandbox.api_key)
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Test Connection").click()
        expect(page.get_by_text("9 chat queues.")).to_be_visible()


def test_setting_up_in_the_dialog_leaves_the_page_whole(look, dashboard, home, answering):
    page, errors = look(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with Sandbox(clock=Clock.at_speed(1, MORNING), auto_agents=False) as sandbox:
        save_connection(home, sandbox.connection | {"public_url": answering})
        page.goto(f"{dashboard}/connection")
        page.get_by_role("button", name="Set up in 8x8…").click()
        page.get_by_role("button", name="Set up", exact=True).click()
        expect(page.get_by_text("Webhook and channel are set up and saved.")).to_be_visible()
        expect(page.get_by_text("Set up: webhook")).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
    assert errors == []
    (home / "connection.toml").unlink()
