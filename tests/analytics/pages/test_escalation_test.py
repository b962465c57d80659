import time
from datetime import datetime

import pytest
from streamlit.testing.v1 import AppTest

from analytics.pages.escalating import asking, sending
from connector import audit
from connector.access import Actor, Role
from connector.log import open_home
from connector.queues import QueueBook, QueueState
from connector.settings import Settings, save_connection
from tests.analytics.pages.conftest import WAIT_S, button, played_by_hand, texts
from tests.conftest import PROJECT

pytestmark = pytest.mark.slow

PAGE = "analytics/pages/escalation_test.py"
MORNING = datetime(2026, 11, 24, 10)
REAL = {"api_key": "key", "tenant_url": "https://na1.8x8.com", "tenant_id": "bank"}


@pytest.fixture
def sandbox(home):
    with played_by_hand(home) as running:
        yield running


def opened(**query):
    page = AppTest.from_file(str(PROJECT / PAGE), default_timeout=WAIT_S)
    for name, value in query.items():
        page.query_params[name.replace("_", "-")] = value
    return page.run()


@pytest.fixture
def page(sandbox):
    """The page alone, without what surrounds it."""
    return opened()


@pytest.fixture
def real(home, monkeypatch):
    """The page of a home whose saved tenant is a real one, that nobody asks anything."""
    save_connection(home, REAL)
    book = QueueBook.of(
        [QueueState("102", "Cards", available=1), QueueState("101", "General", available=1)]
    )
    monkeypatch.setattr(asking, "_known", lambda settings, policy: book)
    return opened()


def labels(page):
    return [each.label for each in page.button]


def choice(page, label):
    return next(each for each in page.selectbox if each.label == label)


def shows(page, text, seconds=15.0):
    """The page once it shows `text`, drawn again as it is each second."""
    end = time.monotonic() + seconds
    while text not in texts(page):
        assert not page.exception
        assert time.monotonic() < end, f"`{text}` does not come: {texts(page)}"
        time.sleep(0.1)
        page.run()
    return page


def test_the_decision_shows_before_anything_is_sent(page):
    assert not page.exception
    assert "Rule **lost card** takes it to **Cards priority** then **General**" in texts(page)
    assert "priority high, language en" in texts(page)
    assert "**1.** Cards priority (103): up to 60 s" in texts(page)
    assert "If nobody takes it, the bot offers a callback" in texts(page)
    said = [each.value for each in page.expander[1].markdown]
    assert any("lost card" in line for line in said)
    assert "Timeline" not in [each.value for each in page.subheader]


def test_a_sample_fills_the_fields_and_the_decision_follows(page):
    choice(page, "Sample conversation").select("Una tarjeta que no llega").run()
    assert choice(page, "Language").value == "es"
    assert choice(page, "Channel").value == "whatsapp"
    assert "Rule **spanish support** takes it to **Spanish**" in texts(page)
    choice(page, "Intent").select("none").run()
    assert "The **default rule** takes it to **General**" in texts(page)


def test_what_is_missing_or_marked_by_nobody_is_said(page):
    page.text_area[0].set_value("last_seen = tram").run()
    page.checkbox[0].uncheck().run()
    assert "Required and missing: **card\\_number**" in texts(page)
    unseen = "Sent and marked by nobody, so the agent never sees it: **last\\_seen**"
    assert unseen in texts(page)


def test_a_line_that_is_no_variable_is_told_by_its_number(page):
    page.text_area[0].set_value("card_number = 1\nnonsense").run()
    assert "Line 2 of the variables is not name = value." in page.error[0].value
    assert "Send test escalation" not in labels(page)


def test_the_address_chooses_what_is_tested(sandbox):
    page = opened(test_intent="disputecharge", test_channel="sms")
    assert choice(page, "Intent").value == "disputecharge"
    assert choice(page, "Channel").value == "sms"
    assert "Rule **disputed charge**" in texts(page)


def test_a_test_is_sent_taken_answered_passed_on_and_ended(page, home):
    button(page, "Send test escalation").click().run()
    shows(page, "**Waiting in Cards priority**")
    shows(page, "| Card number | 0000 1111 2222 3333 |")
    for row in ("| Contact name | Nora Lindqvist |", "| Case category | Lost card |"):
        assert row in texts(page)
    assert "| Media type | web |" in texts(page)
    assert ":gray[Bot] TEST\\: this is a test sent by" in texts(page)
    button(page, "Accept").click().run()
    shows(page, "**An agent took it**")
    assert "Context delivered: transcript, customer\\_name" in texts(page)
    next(each for each in page.text_input if each.label == "Answer").set_value("Hello Nora")
    button(page, "Send answer").click().run()
    shows(page, "Agent: Hello Nora")
    choice(page, "Transfer to").select("105")
    button(page, "Transfer").click().run()
    shows(page, "**Nora Lindqvist** · Waiting · Disputes")
    button(page, "Accept").click().run()
    shows(page, "The agent transferred it to another queue")
    button(page, "End").click().run()
    shows(page, "Ended by the agent")
    assert not {"Hang up", "Accept", "End"} & set(labels(page))
    lake = open_home(Settings(home=home)).lake
    [entry] = [
        each
        for each in audit.read(lake, Actor("ada", Role.ADMIN))
        if each.action == "test escalation"
    ]
    lake.close()
    assert entry.note == "A card is lost on the way home"
    assert "Nora" not in str(entry)
    assert "0000" not in str(entry)


def test_a_rejected_customer_waits_on_and_leaves_when_cancelled(page):
    button(page, "Send test escalation").click().run()
    shows(page, "| Contact name | Nora Lindqvist |")
    free = _free(page)
    button(page, "Reject").click().run()
    shows(page, f"{free - 1} of {_members(page)} members of Cards priority free.")
    assert "**Waiting in Cards priority**" in texts(page)
    button(page, "Cancel: the customer leaves").click().run()
    shows(page, "**Abandoned: the customer left**")
    assert "Callback: “Nobody is free this minute." in texts(page)


def _free(page):
    return int(_said(page).split(" of ")[0])


def _members(page):
    return int(_said(page).split(" of ")[1].split()[0])


def _said(page):
    shows(page, "priority free.")
    return next(each.value for each in page.caption if each.value.endswith("priority free."))


def test_what_the_sandbox_refuses_is_told(page):
    button(page, "Send test escalation").click().run()
    shows(page, "| Contact name | Nora Lindqvist |")
    for _ in range(_members(page)):
        button(page, "Reject").click().run()
    button(page, "Accept").click().run()
    assert "No such member of this conversation's queue is free." in page.error[0].value


def test_a_real_tenant_is_named_and_must_be_confirmed(real):
    assert "This goes to the real tenant **bank**, queue **Cards**" in texts(real)
    assert button(real, "Send test escalation").disabled
    confirm = next(each for each in real.checkbox if each.label == "Yes, send a test to bank")
    confirm.check().run()
    assert not button(real, "Send test escalation").disabled
    assert "I play the agent" not in [each.label for each in real.checkbox]
    choice(real, "Intent").select("none").run()
    assert "queue **General**" in texts(real)
    assert button(real, "Send test escalation").disabled


def test_without_a_tenant_the_decision_shows_and_the_way_to_connect(home):
    page = opened()
    assert not page.exception
    assert "Rule **lost card**" in texts(page)
    assert "**No tenant is connected**" in texts(page)
    assert labels(page) == ["Connect a tenant"]


def test_a_viewer_sees_the_decision_and_cannot_send(sandbox, monkeypatch):
    monkeypatch.setattr(sending, "actor", lambda: Actor("vic", Role.VIEWER))
    page = opened()
    assert "Rule **lost card**" in texts(page)
    assert "Only managers and admins send test escalations." in texts(page)
    assert labels(page) == []
