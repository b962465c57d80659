import threading

import pytest

from connector import drafts
from connector.access import Actor, Role
from connector.drafts import Draft, drop_draft, keep_draft, kept_draft
from connector.drafts.store import draft_path
from connector.errors import NotAllowed, PolicyError, SettingsError
from tests.connector.publishing.drafts import base

ANN, BEN = Actor("Ann", Role.MANAGER), Actor("ben@example.com", Role.ADMIN)
START = Draft.of(base().model_copy(update={"version": 1}))


def edit(home, actor, name, **fields):
    def change(draft):
        return draft.edited(drafts.with_rule(draft.policy, name, fields), f"editing {name}")

    return keep_draft(home, actor, START, change)


def test_a_draft_is_kept_and_found_again_by_its_owner_alone(tmp_path):
    kept = edit(tmp_path, ANN, "card", priority="high")
    assert kept_draft(tmp_path, ANN).draft == kept
    assert kept_draft(tmp_path, BEN).draft is None
    assert draft_path(tmp_path, ANN).stat().st_mode & 0o777 == 0o600


def test_two_tabs_add_to_one_draft_and_neither_loses_an_edit(tmp_path):
    edit(tmp_path, ANN, "card", priority="high")
    found = edit(tmp_path, ANN, "refund", priority="low")
    told = [change.text for change in found.changes(base())]
    assert told == ["`refund`: priority: normal -> low", "`card`: priority: normal -> high"]


def test_many_at_once_lose_nothing(tmp_path):
    def add(number):
        content = {"name": f"rule {number}", "steps": [{"queue": "General"}]}
        keep_draft(
            tmp_path, ANN, START, lambda d: d.edited(drafts.add_rule(d.policy, content), "adding")
        )

    threads = [threading.Thread(target=add, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = kept_draft(tmp_path, ANN).draft
    assert (len(found.policy.rules), found.revision) == (15, 12)


def test_a_viewer_changes_nothing(tmp_path):
    with pytest.raises(NotAllowed, match="to change the routing"):
        edit(tmp_path, Actor("Vic", Role.VIEWER), "card", priority="high")
    assert not (tmp_path / "drafts").exists()


@pytest.mark.parametrize("text", [b"", b"{", b'{"base": 1}', b"\xff\xfe"])
def test_a_draft_that_cannot_be_read_is_put_aside_and_kept(tmp_path, text):
    path = draft_path(tmp_path, ANN)
    path.parent.mkdir()
    path.write_bytes(text)
    kept = kept_draft(tmp_path, ANN)
    assert kept.draft is None
    assert "could not be read" in kept.note
    [aside] = path.parent.glob("*.txt")
    assert str(aside) in kept.note
    assert aside.read_bytes() == text
    assert kept_draft(tmp_path, ANN).note is None


def test_a_published_draft_goes_unless_it_was_changed_meanwhile(tmp_path):
    kept = edit(tmp_path, ANN, "card", priority="high")
    edit(tmp_path, ANN, "refund", priority="low")
    assert not drop_draft(tmp_path, ANN, revision=kept.revision)
    newest = kept_draft(tmp_path, ANN).draft
    assert drop_draft(tmp_path, ANN, revision=newest.revision)
    assert kept_draft(tmp_path, ANN).draft is None


def test_a_refused_edit_leaves_the_draft_as_it_was(tmp_path):
    kept = edit(tmp_path, ANN, "card", priority="high")
    with pytest.raises(PolicyError):
        edit(tmp_path, ANN, "card", steps=())
    assert kept_draft(tmp_path, ANN).draft == kept


def test_a_home_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "drafts").write_text("in the way")
    with pytest.raises(SettingsError, match="cannot be kept"):
        edit(tmp_path, ANN, "card", priority="high")


@pytest.mark.parametrize("name", ["../../etc", ".", "a/b", "ö" * 200, "user 0"])
def test_any_name_has_a_file_within_the_folder(tmp_path, name):
    path = draft_path(tmp_path, Actor(name, Role.ADMIN))
    assert path.parent == tmp_path / "drafts"
    assert path.name.endswith(".json")
