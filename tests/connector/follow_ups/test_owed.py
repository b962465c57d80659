"""Which attempts leave a follow-up, what the lake keeps of it, and by when it is due."""

from datetime import datetime, timedelta

import pytest

from connector.errors import ContactUnreadable, SettingsError
from connector.follow_up_settings import key_bytes, new_key
from connector.follow_ups.contact import Contact, Seal
from connector.follow_ups.due import due_at
from connector.follow_ups.owed import follow_up_row, impersonal, is_owed
from connector.handoff import Customer, Outcome
from connector.policy import parse_policy
from connector.settings import Settings

from .conftest import NOON

POLICY = parse_policy("""
zone: Europe/Berlin
default_queue: General
default: {steps: [{queue: General}]}
opening_hours:
  Cards: {week: mon-fri 09:00-17:00}
  Night: {week: mon-sun 22:00-02:00}
""")


def attempt(**given):
    row = {
        "attempt_id": "a1",
        "handoff_id": "h/1",
        "bot": "bank",
        "source": "live",
        "started_at": NOON,
        "ended_at": NOON + timedelta(minutes=2),
        "outcome": "timed_out",
        "failure_path": "callback",
        "intent": "reportlostcard",
        "queue_id": "102",
        "queue": "Other",
    }
    return row | given


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("path", ["callback", "email", "message", "external", None])
def test_a_callback_or_email_is_owed_unless_an_agent_came_or_the_customer_left(outcome, path):
    expected = path in ("callback", "email") and outcome not in ("accepted", "abandoned")

    assert is_owed(attempt(outcome=outcome.value, failure_path=path)) is expected


def test_the_row_has_the_attempts_id_a_due_time_and_a_link(tmp_path):
    settings = Settings(
        home=tmp_path, conversation_url="https://bot.example/{bot}/{conversation_id}?h={handoff_id}"
    )

    row = follow_up_row(
        attempt(), policy=POLICY, settings=settings, contact="sealed", conversation_id="c/7"
    )

    assert row == {
        "follow_up_id": "a1",
        "attempt_id": "a1",
        "started_at": NOON,
        "created_at": NOON + timedelta(minutes=2),
        "due_at": NOON + timedelta(hours=4, minutes=2),
        "kind": "callback",
        "bot": "bank",
        "conversation_id": "c/7",
        "link": "https://bot.example/bank/c%2F7?h=h%2F1",
        "source": "live",
        "intent": "reportlostcard",
        "queue_id": "102",
        "queue": "Other",
        "contact": "sealed",
    }


def test_without_a_conversation_there_is_no_link_to_it(tmp_path):
    settings = Settings(home=tmp_path, conversation_url="https://bot.example/{conversation_id}")

    row = follow_up_row(
        attempt(), policy=POLICY, settings=settings, contact="lost", conversation_id=None
    )

    assert row["link"] is None


@pytest.mark.parametrize(
    ("queue", "since", "hours", "due"),
    [
        # In November Berlin is an hour ahead of UTC: open from 8 to 16.
        ("Cards", "2026-11-24T09:00", 4, "2026-11-24T13:00"),
        ("Cards", "2026-11-24T14:00", 4, "2026-11-25T10:00"),
        ("Cards", "2026-11-24T20:00", 4, "2026-11-25T12:00"),
        ("Cards", "2026-11-27T15:30", 1, "2026-11-30T08:30"),
        # Sixteen hours are two whole days; clocks go back on 25 October 2026.
        ("Cards", "2026-10-23T07:00", 16, "2026-10-26T16:00"),
        ("Night", "2026-11-24T00:30", 1, "2026-11-24T21:30"),
        ("General", "2026-11-24T20:00", 4, "2026-11-25T00:00"),
    ],
)
def test_due_counts_the_hours_in_which_the_queue_is_open(queue, since, hours, due):
    found = due_at(POLICY, queue, None, datetime.fromisoformat(since), hours=hours)

    assert found == datetime.fromisoformat(due)


def test_a_queue_that_never_opens_is_due_by_the_clock():
    policy = parse_policy("""
default_queue: General
default: {steps: [{queue: General}]}
opening_hours:
  Cards: {week: 'sun 10:00-10:01'}
""")

    assert due_at(policy, "Cards", None, NOON, hours=4) == NOON + timedelta(hours=4)


@pytest.mark.parametrize(
    ("conversation_id", "kept"),
    [
        ("chat-4711", "chat-4711"),
        (None, None),
        ("ana@example.org", None),
        ("+493055501", None),
        ("wa:49305550147", None),
        ("5550100", "5550100"),
    ],
)
def test_a_conversation_id_made_of_a_number_or_address_is_left_out(conversation_id, kept):
    for phone in ("+49 30 5550147", "+49 (0)30 5550147", "030/5550147"):
        assert impersonal(conversation_id, Customer(phone=phone)) == kept


def test_a_sealed_contact_opens_with_its_key_for_its_follow_up_alone():
    contact, seal = Contact("Marisol", "+49 30 1", None, "after six"), Seal(key_bytes(new_key()))
    sealed = seal.close(contact, "a1")

    assert seal.open(sealed, "a1") == contact
    assert b"Marisol" not in sealed
    for other, name in ((seal, "a2"), (Seal(key_bytes(new_key())), "a1")):
        with pytest.raises(ContactUnreadable):
            other.open(sealed, name)


def test_a_customer_who_cannot_be_reached_has_no_contact():
    assert Contact.of(Customer(reference="c1", best_time="at noon", name=" ")) is None
    assert Contact.of(Customer(phone=" 12 ")) == Contact(None, "12", None, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONTACT_KEY", "secret"),
        ("CONVERSATION_URL", "https://bot.example/{customer}"),
        ("CONVERSATION_URL", "https://bot.example/"),
        ("FOLLOW_UP_DUE_H", "0"),
        ("NOTIFY", "nowhere"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_without_its_value(
    tmp_path, monkeypatch, name, value
):
    monkeypatch.setenv(f"HANDOFF_{name}", value)

    with pytest.raises(SettingsError, match=f"HANDOFF_{name}") as refused:
        Settings.load(tmp_path)
    assert "secret" not in str(refused.value)


def test_addresses_may_hold_commas_and_never_show(tmp_path, monkeypatch):
    monkeypatch.setenv("HANDOFF_NOTIFY", "mailto://u:pw@a.example?to=b,c@a.example, json://h/p")

    settings = Settings.load(tmp_path)

    assert [one.get_secret_value() for one in settings.notify] == [
        "mailto://u:pw@a.example?to=b,c@a.example",
        "json://h/p",
    ]
    assert "pw" not in repr(settings)
