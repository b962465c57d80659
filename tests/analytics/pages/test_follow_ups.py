"""The Follow-ups page on a real lake."""

from datetime import timedelta

import pytest

from analytics.pages.parts import who
from connector import audit
from connector.access import Actor, Role
from connector.clock import utc_now
from connector.follow_up_settings import new_key
from connector.follow_ups import read_follow_up
from connector.log import open_home
from connector.settings import Settings

from ...connector.follow_ups.conftest import follow_up_row, owe
from .conftest import button, fill, texts

pytestmark = pytest.mark.slow

PAGE = "analytics/pages/follow_ups.py"
ADMIN = Actor("Root", Role.ADMIN)


@pytest.fixture(autouse=True)
def a_key(monkeypatch):
    monkeypatch.setenv("HANDOFF_CONTACT_KEY", new_key())


def opened(app):
    app.run()
    app.switch_page(PAGE).run()
    assert not app.exception
    return app


def read(home, work):
    made = open_home(Settings(home=home))
    try:
        return work(made)
    finally:
        made.close()


@pytest.fixture
def owed(home):
    """Two callbacks, the first of them overdue, and attempts of a live tenant."""
    fill(home, 20)
    now = utc_now()
    rows = [
        follow_up_row(1, created_at=now - timedelta(hours=6), due_at=now - timedelta(hours=2)),
        follow_up_row(2, created_at=now, due_at=now + timedelta(hours=4), queue="General"),
    ]
    made = open_home(Settings(home=home))
    owe(made, *rows)
    made.close()
    return home


def test_a_home_that_never_owed_anything_says_when_it_would(app):
    opened(app)

    assert "No follow-up was ever owed" in texts(app)
    assert len(app.dataframe) == 0


def test_the_sentence_counts_what_is_owed_and_what_is_overdue(app, owed):
    opened(app)

    assert "**2** customers are owed a callback or an e-mail; :red[**1 overdue**]" in texts(app)
    assert app.dataframe[0].value["mark"].tolist() == ["●", ""]
    assert app.dataframe[0].value["queue"].tolist() == ["Cards", "General"]
    assert "Contacts are not kept" not in texts(app)


def test_a_contact_is_shown_when_asked_for_and_the_look_is_audited(app, owed):
    opened(app)
    assert "Marisol" not in texts(app)

    button(app, "Show contact").click().run()

    assert "Phone: **+49 30 5550147**" in texts(app)
    entries = read(owed, lambda home: audit.read(home.lake, ADMIN))
    assert [(one.action, one.subject) for one in entries][:1] == [("look at contact", "a1")]


def test_no_answer_and_then_reached_make_it_done(app, owed):
    opened(app)
    app.text_area[0].set_value("nobody home")
    button(app, "No answer").click().run()
    tried = read(owed, lambda home: read_follow_up(home.lake.query, "a1"))
    assert (tried.tries, tried.is_open) == (1, True)
    assert "nobody home" in texts(app)
    assert app.text_area[0].value == ""

    button(app, "Reached").click().run()

    assert not app.exception
    assert "**1** customer is owed a callback or an e-mail; none is overdue" in texts(app)
    assert not read(owed, lambda home: read_follow_up(home.lake.query, "a1")).is_open


def test_a_note_that_names_the_customer_is_refused_and_kept_in_the_form(app, owed):
    opened(app)
    app.text_area[0].set_value("Quint asks for a letter")
    button(app, "No answer").click().run()

    assert "Nothing was written" in texts(app)
    assert app.text_area[0].value == "Quint asks for a letter"
    assert read(owed, lambda home: read_follow_up(home.lake.query, "a1")).events == 0


def test_a_list_without_any_offers_the_others(app, owed):
    opened(app)
    app.session_state["state"] = "Done"
    app.run()
    assert "None is done yet" in texts(app)

    button(app, "Show open ones").click().run()

    assert len(app.dataframe[0].value) == 2


def test_a_viewer_sees_what_is_owed_and_no_contact(app, owed, monkeypatch):
    monkeypatch.setattr(who, "local_actor", lambda: Actor("Eve", Role.VIEWER))
    opened(app)

    assert len(app.dataframe[0].value) == 2
    assert button(app, "Show contact").disabled
    assert button(app, "Reached").disabled
    assert "With contacts for managers only." in texts(app)


def test_without_a_key_the_page_says_what_it_costs_and_how_to_set_one(app, owed, monkeypatch):
    monkeypatch.delenv("HANDOFF_CONTACT_KEY")
    opened(app)
    assert "Contacts are not kept" in texts(app)
    assert "handoff follow-ups key" in texts(app)

    button(app, "Show contact").click().run()

    assert "its seal does not open" in texts(app)


def test_test_attempts_owe_nothing_here(app, home):
    fill(home, 5)
    made = open_home(Settings(home=home))
    owe(made, follow_up_row(1, source="test"))
    made.close()

    opened(app)

    assert "No follow-up was ever owed" in texts(app)
