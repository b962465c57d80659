"""The Mappings page alone, on a real lake; what a browser edits is put into the grid's state."""

import pytest
from streamlit.testing.v1 import AppTest

from analytics.pages.mapping import files
from analytics.pages.parts import who
from connector import drafts, publishing
from connector.access import Actor, Role, local_actor
from connector.drafts import kept_draft
from connector.drafts.store import draft_path
from connector.errors import LogError, PolicyError
from connector.log import Lake, open_home
from connector.policy import dump_policy, load_policy
from connector.publishing import difference
from connector.settings import Settings
from tests.analytics.pages.conftest import WAIT_S, button, texts
from tests.conftest import PROJECT

pytestmark = pytest.mark.slow

PAGE = "analytics/pages/mappings.py"
LOST, DEFAULT = 1, 9
"""Rows of the shipped policy: the rule `lost card`, and the default rule."""


@pytest.fixture
def page(home):
    return AppTest.from_file(str(PROJECT / PAGE), default_timeout=WAIT_S).run()


def other_tab():
    return AppTest.from_file(str(PROJECT / PAGE), default_timeout=WAIT_S).run()


def edit_cells(page, row, **cells):
    """What the browser sends when cells of a row are edited."""
    key = page.session_state["grid drawn"].key
    page.session_state[key] = {
        "edited_rows": {row: cells},
        "added_rows": [],
        "deleted_rows": [],
    }
    return page.run()


def changes(home):
    """What the draft changes of the version in force, in words."""
    draft = kept_draft(home, local_actor()).draft
    return [change.text for change in draft.changes(in_force(home))] if draft else []


def in_force(home):
    opened = open_home(Settings(home=home))
    try:
        return publishing.current(opened.lake)
    finally:
        opened.close()


def publish_as_ann(home, **fields):
    """Somebody else publishes a change of the rule for lost cards."""
    opened = open_home(Settings(home=home))
    try:
        now = publishing.current(opened.lake)
        draft, ann = drafts.with_rule(now, "lost card", fields), Actor("Ann", Role.MANAGER)
        publishing.publish(opened.lake, draft, actor=ann, note="theirs", base=now.version)
    finally:
        opened.close()


def choose(page, name):
    next(each for each in page.selectbox if each.label == "Rule").set_value(name).run()
    return page


def publish(page, note="because"):
    button(page, "Publish…").click().run()
    return confirm(page, note)


def confirm(page, note):
    """Send the open dialog; here, unlike in a browser, the next run no longer draws it."""
    for box in page.checkbox:
        if box.label.startswith("Publish in spite"):
            box.check()
    next(each for each in page.text_input if each.label == "Note").set_value(note)
    next(each for each in page.button if each.label.startswith("Publish version")).click()
    return page.run()


def refusal(page):
    return page.session_state["publishing failed"]


def test_a_cell_goes_into_the_draft_and_out_again_with_undo(page, home):
    assert not page.exception
    assert "No unsaved changes · version 1 is in force" in texts(page)
    assert button(page, "Publish…").disabled
    edit_cells(page, LOST, queue="Payments", priority="urgent")
    assert "**2 unsaved changes** :gray[· draft on version 1" in texts(page)
    assert changes(home) == [
        "`lost card`: Cards 60 s, then General -> Payments 60 s, then General",
        "`lost card`: priority: high -> urgent",
    ]
    assert "**2 unsaved changes**" in texts(other_tab())
    button(page, "Undo").click().run()
    assert "No unsaved changes" in texts(page)
    assert changes(home) == []


def test_what_the_browser_should_not_let_through_is_refused_in_python(page, home):
    edit_cells(page, LOST, wait=-5.0, priority="soon", rule=None)
    assert not page.exception
    said = [each.value for each in page.error]
    assert len(said) == 3
    assert all(each.startswith("Not taken\\: lost card") for each in said)
    assert changes(home) == []


def test_rules_are_copied_moved_deleted_and_added(page, home):
    choose(page, "lost card")
    button(page, "Copy").click().run()
    button(page, "Up").click().run()
    choose(page, "balance")
    button(page, "Delete").click().run()
    assert not page.exception
    told = changes(home)
    assert "`copy of lost card` added" in told[1]
    assert told[0].startswith("`balance` removed")
    names = [rule.name for rule in kept_draft(home, local_actor()).draft.policy.rules]
    assert names[:3] == ["spanish support", "copy of lost card", "lost card"]


def test_publishing_makes_the_next_version_and_clears_the_draft(page, home):
    edit_cells(page, LOST, queue="Payments")
    publish(page)
    assert not page.exception
    assert "No unsaved changes · version 2 is in force" in texts(page)
    assert in_force(home).rules[LOST].steps[0].queue == "Payments"
    assert not draft_path(home, local_actor()).exists()


def test_publishing_asks_for_a_note_and_keeps_the_draft(page, home):
    edit_cells(page, LOST, queue="Payments")
    publish(page, note=" ")
    assert "Say in the note why" in refusal(page)
    assert changes(home)


def test_the_second_of_two_tabs_is_refused_and_loses_nothing(page, home):
    edit_cells(page, LOST, queue="Payments")
    button(page, "Publish…").click().run()
    publish_as_ann(home, priority="urgent")
    confirm(page, "mine")
    assert "version 2 came first. Your draft is kept" in refusal(page)
    assert "**Version 2 was published**] since your draft" in texts(page)
    assert button(page, "Publish…").disabled
    button(page, "Continue on version 2").click().run()
    assert changes(home) == ["`lost card`: Cards 60 s, then General -> Payments 60 s, then General"]
    publish(page)
    assert in_force(home).rules[LOST].priority == "urgent"


def test_a_tab_whose_draft_another_tab_published_is_refused_with_its_draft_kept(page, home):
    edit_cells(page, LOST, queue="Payments")
    button(page, "Publish…").click().run()
    publish(other_tab())
    confirm(page, "again")
    assert "version 2 came first" in refusal(page)
    assert kept_draft(home, local_actor()).draft.policy.rules[LOST].steps[0].queue == "Payments"


def test_two_tabs_add_to_one_draft_and_say_where_both_changed_the_same(page, home):
    second = other_tab()
    edit_cells(page, LOST, priority="low")
    edit_cells(second, LOST, priority="urgent", if_nobody="email")
    assert any("Another tab had changed the priority" in each.value for each in second.error)
    assert "`lost card`: priority: high -> urgent" in changes(home)
    button(second, "Undo").click().run()
    assert changes(home) == ["`lost card`: priority: high -> low"]


def test_a_lake_that_does_not_answer_while_publishing_keeps_the_draft(page, home, monkeypatch):
    edit_cells(page, LOST, queue="Payments")

    def fails(self, work):
        raise LogError("The lake refused: no disk")

    monkeypatch.setattr(Lake, "transaction", fails)
    publish(page)
    assert "Not published; your draft is kept." in refusal(page)
    monkeypatch.undo()
    assert changes(home)


def test_a_draft_that_cannot_be_read_is_put_aside_with_a_word(home):
    path = draft_path(home, local_actor())
    path.parent.mkdir(parents=True)
    path.write_text("{")
    page = other_tab()
    assert "could not be read" in page.warning[0].value
    assert [each.read_text() for each in path.parent.glob("*.txt")] == ["{"]


def test_who_may_only_look_changes_nothing(home, monkeypatch):
    monkeypatch.setattr(who, "actor", lambda: Actor("Vic", Role.VIEWER))
    page = other_tab()
    assert "Vic may look" in page.info[0].value
    assert button(page, "Add rule").disabled
    edit_cells(page, LOST, queue="Payments")
    assert any("to change the routing, one must be manager" in each.value for each in page.error)
    assert not (home / "drafts").exists()


def test_rolling_back_publishes_the_old_content(page, home):
    first = in_force(home)
    publish_as_ann(home, priority="low")
    page.run()
    button(page, "History").click().run()
    next(each for each in page.text_input if each.label == "Why").set_value("too slow")
    button(page, "Roll back to version 1").click().run()
    assert not page.exception
    assert in_force(home).version == 3
    assert difference(first, in_force(home)) == ()


def test_going_back_to_what_the_checks_refuse_is_refused(page, home):
    publish_as_ann(home, steps=({"queue": "Cards"}, {"queue": "Cards"}))
    publish_as_ann(home, steps=({"queue": "Cards"},))
    page.run()
    button(page, "History").click().run()
    next(each for each in page.text_input if each.label == "Why").set_value("once more")
    button(page, "Roll back to version 2").click().run()
    assert not page.exception
    assert page.session_state["rolling back failed"].startswith(
        "Not rolled back. This is in the way"
    )
    assert in_force(home).version == 3


HEADER = "rule,intents,queue,timeout_s,then,skill,priority,if_nobody,text"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{HEADER}\na,x,General,-5,,,,,", "greater than 0"),
        (f"{HEADER}\na,x,General,1e9,,,,,", "less than or equal to 86400"),
        (f"{HEADER}\na,x; x,General,5,,,,,", "there twice"),
        (f"{HEADER}\na,x,General,5,,,,,\nb,x,General,5,,,,,", "takes `x` already"),
        (f"{HEADER}\na,x,,5,,,,,", "to a queue or to a skill"),
        ("rule,intents\na,x", "this column is missing"),
        ("rules: []", "Add it"),
        ("{", "not readable as YAML"),
        ("- a", "holds no policy"),
        ("default_queue: A\nrules: [{name: a, steps: []}]\ndefault: {queue: A}", "at least one"),
    ],
)
def test_what_cannot_be_imported_is_refused_with_a_sentence(text, says):
    with pytest.raises(PolicyError, match=says):
        files.read(text, load_policy(publishing.SHIPPED))


def test_yaml_of_an_older_form_is_read_with_notes():
    text = "default_queue: A\nrules: [{name: a, intent: x, queue: B}]\ndefault: {queue: A}"
    policy, notes = files.read(text, load_policy(publishing.SHIPPED))
    assert policy.rules[0].intents == ("x",)
    assert any("`intent` is now the list `intents`" in note for note in notes)


def test_what_is_exported_reads_back_as_the_same_policy():
    policy = load_policy(publishing.SHIPPED)
    for text in (dump_policy(policy), publishing.write_mapping(policy)):
        assert difference(policy, files.read(text, policy)[0]) == ()
