"""Working on follow-ups in a real lake: roles, state, audit, contacts and their wiping."""

import threading
from datetime import timedelta

import pytest

from connector import audit, follow_ups
from connector.access import Actor, Role
from connector.errors import ContactUnreadable, FollowUpRefused, NoSuchFollowUp, NotAllowed
from connector.follow_ups import FollowUp, list_follow_ups, read_events, read_follow_up
from connector.follow_ups.export import as_csv
from connector.log import contacts, open_home
from connector.log.ledger_file import LedgerFile
from connector.settings import Settings

from .conftest import ANN, BEN, EVE, MARISOL, NOON, follow_up_row, owe

ADMIN = Actor("Root", Role.ADMIN)
LATER = NOON + timedelta(hours=5)


def kept(home):
    with LedgerFile(home.ledger_path) as file:
        return sorted(file.read(contacts.kept))


def ids(home, view, **given):
    found = list_follow_ups(home.lake.query, now=LATER, view=view, **given)
    return [one.follow_up_id for one in found]


def audited(home):
    entries = reversed(audit.read(home.lake, ADMIN))
    return [(one.actor, one.action, one.subject) for one in entries if one.subject != "version 1"]


def read(home, name) -> FollowUp:
    return read_follow_up(home.lake.query, name)


def test_a_follow_up_goes_from_owed_to_done_and_all_of_it_is_audited(home):
    owe(home, follow_up_row(1))

    follow_ups.assign(home, "a1", "Ben", actor=ANN, at=LATER)
    tried = follow_ups.record(home, "a1", "no_answer", actor=BEN, at=LATER, note="line busy")
    done = follow_ups.record(home, "a1", "reached", actor=BEN, at=LATER)

    assert (tried.owner, tried.tries, tried.last_result, tried.is_open) == (
        "Ben", 1, "no_answer", True,
    )  # fmt: skip
    assert (done.tries, done.last_result, done.done_at) == (2, "reached", LATER)
    assert [(e.actor, e.event, e.owner, e.result, e.note) for e in home_events(home, "a1")] == [
        ("Ann", "assigned", "Ben", None, None),
        ("Ben", "tried", None, "no_answer", "line busy"),
        ("Ben", "tried", None, "reached", None),
        ("Ben", "done", None, "reached", None),
    ]
    assert audited(home) == [
        ("Ann", "assign follow-up", "a1"),
        ("Ben", "record no_answer", "a1"),
        ("Ben", "record reached", "a1"),
    ]


def home_events(home, name):
    return read_events(home.lake.query, name)


def test_lists_hold_what_their_name_says(home):
    owe(
        home,
        follow_up_row(1),
        follow_up_row(2, due_at=LATER + timedelta(hours=1)),
        follow_up_row(3),
        follow_up_row(4, source="demo"),
    )
    follow_ups.record(home, "a3", "gave_up", actor=ANN, at=LATER)
    follow_ups.assign(home, "a2", "Ann", actor=ANN, at=LATER)

    assert ids(home, "open") == ["a1", "a4", "a2"]
    assert ids(home, "open", sources=["live"]) == ["a1", "a2"]
    assert ids(home, "overdue", sources=["live"]) == ["a1"]
    assert ids(home, "mine", owner="Ann") == ["a2"]
    assert ids(home, "done") == ["a3"]
    assert ids(home, "all") == ["a1", "a4", "a2", "a3"]
    assert ids(home, "all", sources=[]) == []


def test_whoever_works_on_one_that_nobody_took_takes_it(home):
    owe(home, follow_up_row(1))

    assert follow_ups.record(home, "a1", "no_answer", actor=ANN, at=LATER).owner == "Ann"


def test_a_reopened_one_is_owed_again_without_its_contact(home):
    owe(home, follow_up_row(1))
    follow_ups.record(home, "a1", "gave_up", actor=ANN, at=LATER)

    again = follow_ups.reopen(home, "a1", actor=ANN, at=LATER)

    assert (again.is_open, again.tries, again.last_result) == (True, 0, "gave_up")
    with pytest.raises(ContactUnreadable, match="wiped"):
        follow_ups.look_at_contact(home, again, actor=ANN)
    with pytest.raises(FollowUpRefused, match="open already"):
        follow_ups.reopen(home, "a1", actor=ANN, at=LATER)


@pytest.mark.parametrize(
    "work",
    [
        lambda home: follow_ups.assign(home, "a1", "Eve", actor=EVE, at=LATER),
        lambda home: follow_ups.record(home, "a1", "reached", actor=EVE, at=LATER),
        lambda home: follow_ups.reopen(home, "a1", actor=EVE, at=LATER),
        lambda home: follow_ups.look_at_contact(home, read(home, "a1"), actor=EVE),
        lambda home: follow_ups.look_at_contacts(home, [read(home, "a1")], actor=EVE),
    ],
)
def test_a_viewer_may_read_and_nothing_else(home, work):
    owe(home, follow_up_row(1))

    with pytest.raises(NotAllowed, match="Eve is viewer"):
        work(home)
    assert read(home, "a1").events == 0
    assert kept(home) == ["a1"]
    assert audited(home) == []


def test_a_done_one_takes_no_more_work_and_an_unknown_one_none(home):
    owe(home, follow_up_row(1))
    follow_ups.record(home, "a1", "reached", actor=ANN, at=LATER)

    with pytest.raises(FollowUpRefused, match="done already"):
        follow_ups.record(home, "a1", "reached", actor=ANN, at=LATER)
    with pytest.raises(NoSuchFollowUp):
        follow_ups.assign(home, "a2", "Ann", actor=ANN, at=LATER)
    assert read(home, "a1").tries == 1


def test_what_was_looked_at_before_others_worked_on_it_is_refused(home):
    owe(home, follow_up_row(1))
    follow_ups.assign(home, "a1", "Ben", actor=BEN, at=LATER, seen=0)

    with pytest.raises(FollowUpRefused, match="Somebody else"):
        follow_ups.assign(home, "a1", "Ann", actor=ANN, at=LATER, seen=0)
    assert read(home, "a1").owner == "Ben"


def test_of_many_who_take_it_at_once_exactly_one_gets_it(home):
    owe(home, follow_up_row(1))
    got, refused = [], []

    def take(name):
        own = open_home(home.settings)
        actor = Actor(name, Role.MANAGER)
        try:
            follow_ups.assign(own, "a1", name, actor=actor, at=LATER, seen=0)
            got.append(name)
        except FollowUpRefused:
            refused.append(name)
        finally:
            own.close()

    threads = [threading.Thread(target=take, args=(f"M{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(got), len(refused)) == (1, 3)
    assert read(home, "a1").owner == got[0]


@pytest.mark.parametrize(
    "note",
    [
        "wrote to marisol@quint.example",
        "called 030 555 01 47",
        "call 0305550147 again",
        "Mrs Quint was out",
        "spoke with marisol",
        "x" * 501,
    ],
)
def test_a_note_that_tells_who_the_customer_is_is_refused(home, note):
    owe(home, follow_up_row(1))

    with pytest.raises(FollowUpRefused) as refused:
        follow_ups.record(home, "a1", "no_answer", actor=ANN, at=LATER, note=note)
    assert note not in str(refused.value)
    assert read(home, "a1").events == 0


def test_each_look_at_a_contact_is_audited_before_it_is_shown(home):
    owe(home, follow_up_row(1))

    assert follow_ups.look_at_contact(home, read(home, "a1"), actor=ANN) == MARISOL
    assert follow_ups.look_at_contact(home, read(home, "a1"), actor=BEN) == MARISOL
    assert audited(home) == [("Ann", "look at contact", "a1"), ("Ben", "look at contact", "a1")]


def test_a_contact_is_wiped_when_the_follow_up_is_done(home):
    owe(home, follow_up_row(1), follow_up_row(2))

    follow_ups.record(home, "a1", "reached", actor=ANN, at=LATER)

    assert kept(home) == ["a2"]
    with pytest.raises(ContactUnreadable, match="wiped"):
        follow_ups.look_at_contact(home, read(home, "a1"), actor=ANN)


def test_a_contact_older_than_14_days_is_not_shown_and_wiped(home):
    owe(home, follow_up_row(1), follow_up_row(2))
    with LedgerFile(home.ledger_path) as file:
        file.write(
            lambda con: con.execute(
                "UPDATE contacts SET kept = kept - 14 * 86400 - 1 WHERE follow_up_id = 'a1'"
            )
        )

    with pytest.raises(ContactUnreadable, match="wiped"):
        follow_ups.look_at_contact(home, read(home, "a1"), actor=ANN)
    follow_ups.wipe_needless(home)

    assert kept(home) == ["a2"]


def test_a_wipe_that_a_crash_prevented_is_made_good(home):
    owe(home, follow_up_row(1), follow_up_row(2))
    home.lake.transaction(
        lambda cursor: cursor.execute(
            "INSERT INTO follow_up_events VALUES"
            f" ('a1', 1, '{LATER}', 'Ann', 'done', NULL, 'reached', NULL)"
        )
    )

    follow_ups.wipe_needless(home)

    assert kept(home) == ["a2"]


@pytest.mark.parametrize(
    ("state", "said"),
    [("no_key", "HANDOFF_CONTACT_KEY"), ("none", "neither name"), ("lost", "died")],
)
def test_where_there_is_no_contact_the_reason_is_told(tmp_path, state, said):
    bare = open_home(Settings.load(tmp_path / "bare"))
    owe(bare, follow_up_row(1, contact=state))

    with pytest.raises(ContactUnreadable, match=said):
        follow_ups.look_at_contact(bare, read(bare, "a1"), actor=ANN)
    assert audited(bare) == []
    bare.close()


def test_another_key_does_not_open_it_and_says_so(home):
    owe(home, follow_up_row(1))
    without = open_home(home.settings.model_copy(update={"contact_key": None}))

    with pytest.raises(ContactUnreadable, match="not set here"):
        follow_ups.look_at_contact(without, read(without, "a1"), actor=ANN)
    without.close()


def test_an_export_has_contacts_only_when_they_are_given_and_then_audited(home):
    owe(home, follow_up_row(1), follow_up_row(2, bot="=1+1"))
    follow_ups.record(home, "a1", "reached", actor=ANN, at=LATER)
    found = list_follow_ups(home.lake.query, now=LATER, view="all")

    plain = as_csv(found, LATER)
    told = follow_ups.look_at_contacts(home, found, actor=ANN)
    whole = as_csv(found, LATER, told)

    assert MARISOL.name not in plain
    assert whole.count("Marisol Quint,'+49 30 5550147,marisol@quint.example,after six") == 1
    assert ",'=1+1," in whole
    assert audited(home)[-1] == ("Ann", "export contacts", "a2")


@pytest.mark.parametrize(
    "owner",
    ["Marisol Quint", " marisol  quint ", "Marisol@Quint.example", "030 555 0147", " ", "x" * 201],
)
def test_nobody_but_a_colleague_can_be_the_owner(home, owner):
    owe(home, follow_up_row(1))
    with pytest.raises(FollowUpRefused):
        follow_ups.assign(home, "a1", owner, actor=ANN, at=LATER)
    assert (read(home, "a1").owner, audited(home)) == (None, [])


@pytest.mark.parametrize("owner", ["Marisol", "marisol@bank.example", "Team 24"])
def test_a_colleague_may_be_named_by_an_address_or_like_the_customer(home, owner):
    owe(home, follow_up_row(1))
    assert follow_ups.assign(home, "a1", owner, actor=ANN, at=LATER).owner == owner
