from datetime import datetime

import pytest
from streamlit.testing.v1 import AppTest

from analytics.history.demo import is_hidden
from connector.clock import Clock
from connector.sandbox import Sandbox
from connector.settings import save_connection, saved_connection
from tests.analytics.pages.conftest import WAIT_S, button, fill, texts
from tests.conftest import PROJECT

pytestmark = pytest.mark.slow

PAGE = "analytics/pages/connection.py"
MORNING = datetime(2026, 11, 24, 10)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(clock=Clock.at_speed(1, MORNING), auto_agents=False) as running:
        yield running


@pytest.fixture
def page(home):
    """The page alone, without what surrounds it."""
    return AppTest.from_file(str(PROJECT / PAGE), default_timeout=WAIT_S).run()


@pytest.fixture
def connected(home, sandbox, page):
    """The page of a home whose saved tenant is the sandbox."""
    save_connection(home, sandbox.connection)
    return page.run()


def field(page, label):
    return next(each for each in page.text_input if each.label == label)


def type_in(page, sandbox, *, api_key="sandbox-key", tenant_id="sandbox"):
    field(page, "API Key").set_value(api_key)
    field(page, "Tenant URL").set_value(sandbox.base_url)
    field(page, "Tenant ID").set_value(tenant_id)


def choice(page, label):
    return next(each for each in page.selectbox if each.label == label)


def test_without_a_tenant_the_page_asks_for_the_three_values(page):
    assert not page.exception
    assert "No tenant is connected yet. Enter the three values" in texts(page)
    assert [each.label for each in page.text_input] == [
        "API Key",
        "Tenant URL",
        "Tenant ID",
        "Public webhook address",
    ]


def test_what_is_typed_is_tested_before_it_is_saved(page, sandbox, home):
    type_in(page, sandbox)
    button(page, "Test Connection").click().run()
    assert "8x8 knows this API key" in texts(page)
    assert "9 chat queues." in texts(page)
    assert saved_connection(home) == {}


def test_a_failed_step_says_what_to_do_and_the_rest_is_not_checked(page, sandbox):
    type_in(page, sandbox, api_key="wrong")
    button(page, "Test Connection").click().run()
    assert "8x8 does not know this API key (401)." in texts(page)
    assert "copy the key of your app once more" in texts(page)
    assert "Not checked yet, because a step before failed: tenant, queues," in texts(page)


def test_a_wrong_tenant_id_points_at_the_tenant(page, sandbox):
    type_in(page, sandbox, tenant_id="other")
    button(page, "Test Connection").click().run()
    assert "8x8 refuses tenant **other** for this key (403)." in texts(page)


@pytest.mark.full
def test_an_unreachable_host_points_at_the_tenant_url(page):
    field(page, "API Key").set_value("key")
    field(page, "Tenant URL").set_value("http://127.0.0.1:9")
    button(page, "Test Connection").click().run()
    assert not page.exception
    assert "http\\://127.0.0.1\\:9 cannot be reached\\: All connection attempts failed." in texts(
        page
    )


@pytest.mark.full
def test_a_cluster_address_shows_the_api_host_that_follows(page):
    field(page, "Tenant URL").set_value("https://na1.8x8.com")
    button(page, "Save").click().run()
    assert "API host that follows: **api.8x8.com**" in texts(page)


@pytest.mark.full
@pytest.mark.parametrize("address", ["http://8x8.example.com", "ftp://x", "::"])
def test_an_address_that_cannot_be_used_is_refused_and_not_saved(page, home, address):
    field(page, "API Key").set_value("key")
    field(page, "Tenant URL").set_value(address)
    button(page, "Save").click().run()
    assert not page.exception
    assert "Not saved" in page.error[0].value
    assert saved_connection(home) == {}


def test_saving_writes_the_connection_and_forgets_what_was_typed(page, sandbox, home):
    type_in(page, sandbox)
    button(page, "Save").click().run()
    assert saved_connection(home) == sandbox.connection
    assert (home / "connection.toml").stat().st_mode & 0o777 == 0o600
    assert field(page, "API Key").value == ""
    assert field(page, "API Key").placeholder == "Saved. Type to replace it"
    assert "Handoffs go to a **sandbox**" in texts(page)


def test_the_saved_key_is_never_part_of_the_page(connected):
    assert "sandbox-key" not in str(connected.main)
    assert "sandbox-key" not in str(connected.session_state)


def test_an_empty_key_keeps_the_saved_one(connected, home, sandbox):
    field(connected, "Public webhook address").set_value("https://bots.example.com/")
    button(connected, "Save").click().run()
    assert saved_connection(home) == sandbox.connection | {"public_url": "https://bots.example.com"}


def test_the_saved_key_is_not_sent_to_a_host_typed_later(connected, answering, home, sandbox):
    field(connected, "Tenant URL").set_value(answering)
    button(connected, "Test Connection").click().run()
    assert "Type the API Key again" in connected.error[0].value
    button(connected, "Save").click().run()
    assert saved_connection(home) == sandbox.connection


@pytest.mark.full
def test_another_tenant_takes_nothing_of_the_old_one_along(connected, home, sandbox):
    save_connection(home, {"channel_id": "c1", "default_queue": "101", "queue_map": {"A": "102"}})
    field(connected, "Tenant ID").set_value("another")
    button(connected, "Save").click().run()
    assert saved_connection(home) == sandbox.connection | {"tenant_id": "another"}


def test_the_environment_wins_and_is_shown_as_such(page, sandbox, home, monkeypatch):
    monkeypatch.setenv("HANDOFF_TENANT_ID", "sandbox")
    monkeypatch.setenv("HANDOFF_API_KEY", "sandbox-key")
    page.run()
    assert field(page, "API Key").disabled
    assert field(page, "Tenant ID").disabled
    for name in (r"HANDOFF\_API\_KEY", r"HANDOFF\_TENANT\_ID"):
        assert f"Set by {name} in the environment, which wins." in texts(page)
    field(page, "Tenant URL").set_value(sandbox.base_url)
    button(page, "Save").click().run()
    assert r"Set HANDOFF\_TENANT\_URL beside HANDOFF\_API\_KEY" in page.error[0].value


def test_without_a_public_address_the_page_says_what_polling_costs(page):
    assert "at most 5 requests a second" in texts(page)
    assert "up to some seconds later" in texts(page)
    field(page, "Public webhook address").set_value("https://bots.example.com")
    button(page, "Save").click().run()
    assert "at most 5 requests a second" not in texts(page)


def test_a_sandbox_that_runs_here_stands_in(page, sandbox, home):
    sandbox.write_marker(home)
    page.run()
    assert "The **sandbox** on this machine stands in" in texts(page)
    assert "Nothing to set up" in texts(page)
    sandbox.remove_marker(home)


def test_the_default_queue_is_chosen_from_the_fetched_ones(connected, home):
    default = choice(connected, "Default queue")
    assert default.value == "101"
    assert "Payments (104)" in default.options
    default.set_value("104")
    button(connected, "Save queues").click().run()
    assert saved_connection(home)["default_queue"] == "104"
    assert connected.toast[0].value.startswith("Queues are saved.")


@pytest.mark.full
def test_names_of_the_policy_are_mapped_and_what_lacks_falls_to_the_default(home, sandbox):
    home.mkdir()
    (home / "policy.yaml").write_text(
        "default_queue: General\n"
        "rules:\n"
        "  - {name: loans, intents: [loan], steps: [{queue: Loans}]}\n"
        "  - {name: cards, intents: [card], steps: [{queue: Cards}]}\n"
        "default: {steps: [{queue: General}]}\n"
        "priority_twins: {Cards: {high: Gold}}\n"
    )
    save_connection(home, sandbox.connection)
    page = AppTest.from_file(str(PROJECT / PAGE), default_timeout=WAIT_S).run()
    assert "**Loans** finds no queue here: until then those customers go to **General**" in (
        texts(page)
    )
    assert "**Gold** finds no queue here: high priority waits in the normal queue." in texts(page)
    assert choice(page, "Cards").options[0] == "By name: Cards (102)"
    choice(page, "Loans").set_value("106")
    choice(page, "Gold").set_value("103")
    button(page, "Save queues").click().run()
    assert saved_connection(home)["queue_map"] == {"Loans": "106", "Gold": "103"}
    assert "All 3 queue names of the policy find a queue here." in texts(page)


@pytest.mark.full
def test_queues_that_do_not_load_say_why(page, home):
    save_connection(home, {"api_key": "k", "tenant_url": "http://127.0.0.1:9"})
    page.run()
    assert not page.exception
    assert "Queues do not load\\: 8x8 cannot be reached." in texts(page)
    assert "Test Connection looks at every step." in texts(page)


def test_setting_up_shows_the_plan_and_then_does_it(connected, home, answering):
    with Sandbox(clock=Clock.at_speed(1, MORNING), auto_agents=False) as fresh:
        save_connection(home, fresh.connection | {"public_url": answering})
        _set_up(connected.run(), home)


def _set_up(connected, home):
    assert "Not set up yet." in texts(connected)
    button(connected, "Set up in 8x8…").click().run()
    assert "webhook **Handoff Tuner**" in texts(connected)
    assert "Doing this again changes nothing." in texts(connected)
    assert "channel_id" not in saved_connection(home)
    button(connected, "Set up").click().run()
    assert {"webhook_id", "channel_id"} <= set(saved_connection(home))
    assert connected.toast[0].value == "Webhook and channel are set up and saved."
    connected.run()
    assert "Set up: webhook **" in texts(connected)
    button(connected, "Set up in 8x8…").click().run()
    assert "Nothing to do: webhook and channel are there" in texts(connected)
    assert [each.label for each in connected.button].count("Set up") == 0


@pytest.mark.full
def test_setting_up_without_a_public_address_says_what_lacks(connected):
    button(connected, "Set up in 8x8…").click().run()
    assert "enter a public webhook address first" in texts(connected)
    assert button(connected, "Set up").disabled


def test_the_five_troubles_are_answered(page):
    for trouble in (
        "The connection test fails",
        "Queues do not load",
        "An escalation does not arrive",
        "Agents miss context data",
        "The channel does not match",
    ):
        assert f"**{trouble}.**" in texts(page)


@pytest.mark.full
def test_demo_data_can_be_hidden_shown_and_deleted(connected, home):
    fill(home, 40, source="demo")
    fill(home, 30, source="sandbox")
    connected.run()
    assert "The log holds **40** demo attempts in all" in texts(connected)
    connected.toggle(key="hide demo").set_value(True).run()
    assert is_hidden(home)
    connected.toggle(key="hide demo").set_value(False).run()
    assert not is_hidden(home)
    connected.toggle(key="hide demo").set_value(True).run()
    button(connected, "Delete demo data…").click().run()
    assert "**40** invented attempts are deleted for good." in texts(connected)
    button(connected, "Delete").click().run()
    connected.run()
    assert not connected.exception
    assert "There is no demo data in this home." in texts(connected)
    assert not is_hidden(home)


@pytest.mark.full
def test_demo_data_is_in_reach_before_any_tenant_is_connected(page, home):
    fill(home, 40, source="demo")
    page.run()
    assert "The log holds **40** demo attempts in all" in texts(page)
    page.toggle(key="hide demo").set_value(True).run()
    assert is_hidden(home)


@pytest.mark.full
def test_without_a_tenant_every_section_says_what_it_waits_for(page):
    for text in (
        "Save key and Tenant URL first: then the tenant's queues are listed here.",
        "Save key and Tenant URL first.",
        "There is no demo data in this home.",
    ):
        assert text in texts(page).splitlines()


@pytest.mark.full
def test_results_stay_when_what_was_tested_is_saved_and_go_with_other_values(page, sandbox):
    type_in(page, sandbox)
    button(page, "Test Connection").click().run()
    button(page, "Save").click().run()
    assert "9 chat queues." in texts(page)
    assert "sandbox-key" not in str(page.session_state)
    field(page, "Tenant ID").set_value("another")
    button(page, "Save").click().run()
    assert "Not tested yet" in texts(page)


@pytest.mark.full
@pytest.mark.parametrize("name", ["Tenant URL", "Public webhook address"])
def test_an_address_with_a_space_is_refused(page, home, name):
    field(page, name).set_value("https://bots.example.com/a b")
    button(page, "Save").click().run()
    assert f"{name} must not contain spaces" in page.error[0].value
    assert saved_connection(home) == {}
