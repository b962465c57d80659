"""`handoff follow-ups` on a real lake."""

import stat

import pytest

from connector.follow_up_settings import key_bytes, new_key
from connector.log import open_home
from connector.settings import Settings

from ..follow_ups.conftest import follow_up_row, owe

pytestmark = pytest.mark.slow


@pytest.fixture
def owed(handoff, monkeypatch):
    """The command on a home that owes two callbacks."""
    monkeypatch.setenv("HANDOFF_CONTACT_KEY", new_key())
    home = open_home(Settings.load(handoff.home))
    owe(home, follow_up_row(1), follow_up_row(2, kind="email"))
    home.close()
    return handoff


def test_an_empty_home_owes_nothing(handoff):
    assert handoff.json("follow-ups", "list", "--json") == []


def test_what_is_owed_is_listed_worked_on_and_done(owed):
    listed = owed.json("follow-ups", "list", "--source", "live", "--json")
    assert [(one["follow_up_id"], one["kind"], one["overdue"]) for one in listed] == [
        ("a1", "callback", True),
        ("a2", "email", True),
    ]
    assert listed[0]["due_at"] == "2026-11-24T16:01:00Z"

    assert owed.json("follow-ups", "assign", "a1", "--to", "Ben", "--json")["owner"] == "Ben"
    tried = owed.json("follow-ups", "record", "a1", "no-answer", "--note", "busy", "--json")
    assert (tried["tries"], tried["state"]) == (1, "open")
    shown = owed.json("follow-ups", "show", "a1", "--contact", "--json")
    assert shown["customer"]["phone"] == "+49 30 5550147"
    assert [event["event"] for event in shown["events"]] == ["assigned", "tried"]
    assert "a1 is done" in owed.run("follow-ups", "record", "a1", "reached").stdout

    assert [one["follow_up_id"] for one in owed.json(*_list("done"))] == ["a1"]
    assert "wiped" in owed.run("follow-ups", "show", "a1", "--contact", code=1).stderr
    assert owed.json("follow-ups", "reopen", "a1", "--json")["state"] == "open"
    assert "look at contact" in owed.run("audit").stdout


def _list(state):
    return "follow-ups", "list", "--state", state, "--source", "live", "--json"


def test_an_export_is_without_contacts_unless_asked_for_and_then_private(owed, tmp_path):
    words = ("follow-ups", "export", "--source", "live", "--out")
    plain, whole = tmp_path / "plain.csv", tmp_path / "whole.csv"

    owed.run(*words, str(plain))
    told = owed.json(*words, str(whole), "--contacts", "--json")

    assert "Marisol" not in plain.read_text()
    assert whole.read_text().count("Marisol Quint") == 2
    assert told == {"file": str(whole), "rows": 2, "contacts": 2}
    assert stat.S_IMODE(whole.stat().st_mode) == 0o600


def test_a_key_is_made_and_kept_nowhere(handoff):
    made = handoff.json("follow-ups", "key", "--json")["key"]

    assert len(key_bytes(made)) == 32
    assert not handoff.home.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "nobody"], "No follow-up is known"),
        (["record", "a1", "reached", "--note", "tel 030 5550147"], "The note holds a number"),
        (["assign", "a1", "--to", " "], "Say who takes it"),
        (["export", "--out", "/no/such/folder/file.csv"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_says_why(owed, words, said):
    assert said in owed.run("follow-ups", *words, code=1).stderr
