"""The Audit page, and its rows."""

import time
from datetime import datetime, timedelta

import pytest

from analytics.pages.parts import audit_rows
from connector.access import Actor, Role
from connector.audit import AuditEntry, record
from connector.clock import utc_now
from connector.log import open_home
from connector.settings import Settings
from tests.analytics.pages.conftest import button, texts

pytestmark = pytest.mark.slow

PAGE = "analytics/pages/audit.py"
T0 = datetime(2026, 11, 24, 12)
ENTRIES = [
    AuditEntry(T0, "Ann", "publish policy", "version 2", {"a": "x", "b": 1}, {"a": "y"}, "why"),
    AuditEntry(T0 - timedelta(days=2), "Bob", "give role", "cleo", {}, {"people": "admin"}),
    AuditEntry(T0 - timedelta(days=9), "Ann", "end emergency", "e1", {"c": [1, "ü"]}, {}),
]


@pytest.fixture
def lake(home):
    opened = open_home(Settings(home=home))
    yield opened.lake
    opened.close()


def written(lake, number, **given):
    def work(cursor):
        for each in range(number):
            actor = Actor(f"person {each % 7}", Role.ADMIN)
            record(
                cursor,
                actor,
                f"action {each % 5}",
                f"thing {each}",
                before={"value": each},
                after={"value": each + 1},
                note=f"reason {each}",
                **given,
            )

    lake.transaction(work)


def test_rows_say_what_changed_in_words():
    rows = audit_rows.frame(ENTRIES)
    assert rows["change"].tolist() == ["a: x → y; b: 1 → –", "people: admin", 'c: [1, "ü"] → –']
    assert rows["note"].tolist() == ["why", "", ""]
    assert audit_rows.beside(ENTRIES[0]) == [
        {"What": "a", "Before": "x", "After": "y"},
        {"What": "b", "Before": "1", "After": "–"},
    ]


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({}, [0, 1, 2]),
        ({"since": T0 - timedelta(days=2)}, [0, 1]),
        ({"actors": ["Ann"]}, [0, 2]),
        ({"actors": ["Ann"], "actions": ["end emergency", "give role"]}, [2]),
        ({"text": " ADMIN "}, [1]),
        ({"text": "Ü"}, [2]),
        ({"text": "nothing of the kind"}, []),
    ],
)
def test_rows_are_narrowed_and_keep_their_numbers(chosen, left):
    assert audit_rows.narrowed(audit_rows.frame(ENTRIES), **chosen).index.tolist() == left


def test_no_entry_at_all_is_no_error():
    rows = audit_rows.narrowed(audit_rows.frame([]), since=T0, actors=["Ann"], text="a")
    assert rows.columns.tolist() == list(audit_rows.COLUMNS)
    assert rows.empty


def test_an_empty_audit_says_what_would_be_there(app):
    app = app.run().switch_page(PAGE).run()
    assert not app.exception
    assert "Nothing has been changed yet" in texts(app)


def test_entries_are_listed_and_filtered_and_filters_are_cleared(app, lake):
    written(lake, 30)
    app = app.run().switch_page(PAGE).run()
    assert not app.exception
    assert "**30 changes** by 7 people" in texts(app)
    app.multiselect(key="audit_who").set_value(["person 1"])
    app = app.text_input(key="audit_text").set_value("REASON 2").run()
    assert app.dataframe[0].value["note"].tolist() == ["reason 29", "reason 22"]
    app = app.text_input(key="audit_text").set_value("nowhere").run()
    assert "No entries match these filters" in texts(app)
    app = button(app, "Clear filters").click().run()
    assert "**30 changes**" in texts(app)


@pytest.mark.full
def test_ten_thousand_entries_are_there_in_a_moment(app, lake):
    lake.transaction(
        lambda cursor: cursor.execute(
            f"""
            INSERT INTO audit SELECT TIMESTAMP '{utc_now()}' - INTERVAL 1 MINUTE * i,
                'person ' || i % 7, 'action ' || i % 5, 'thing ' || i,
                '{{"before": {{"value": ' || i || '}}, "after": {{"value": 1}}, "note": "why"}}'
            FROM range(10000) AS r(i)
            """
        )
    )
    app = app.run().switch_page(PAGE).run()
    assert "**10,000 changes**" in texts(app)
    begun = time.process_time()
    app = app.text_input(key="audit_text").set_value("thing 999").run()
    assert time.process_time() - begun < 4
    assert len(app.dataframe[0].value) == 11
