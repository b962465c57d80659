"""Follow-ups come up with the end of an attempt, exactly once, in a real sandbox and lake."""

import asyncio
import json
import sqlite3
from datetime import timedelta

import pytest

import analytics
from connector import follow_ups
from connector.follow_up_settings import new_key
from connector.handoff import Customer
from connector.log import Entry, Flusher, open_home
from connector.settings import Settings

from ..escalation.floor import floor, lost_card, rows
from ..log.writing import NOON, ended, left_behind, started
from .conftest import ANN

pytestmark = pytest.mark.slow

SECRETS = ("Marisol", "Quint", "5550147", "marisol@", "after half past six")
MARISOL = Customer(
    name="Marisol Quint",
    phone="+49 30 5550147",
    email="marisol@quint.example",
    best_time="after half past six",
)


def run(scene):
    return asyncio.run(asyncio.wait_for(scene, 180))


async def serve(home, *, act=None, **given):
    """One handoff nobody takes unless `act` intervenes; returns its result."""
    async with floor(home) as f:
        asked = lost_card(customer=MARISOL, handoff_id="h1", **given)
        task = asyncio.create_task(f.connector.hand_off(asked))
        if act is not None:
            await act(f)
        return await task


def test_nobody_comes_and_a_callback_is_owed_with_the_contact_under_seal(
    tmp_path, monkeypatch, caplog
):
    monkeypatch.setenv("HANDOFF_CONTACT_KEY", new_key())
    monkeypatch.setenv("HANDOFF_CONVERSATION_URL", "https://bot.example/{conversation_id}")
    caplog.set_level("DEBUG")

    result = run(serve(tmp_path, conversation_id="chat-7"))

    found = rows(
        tmp_path,
        "SELECT follow_up_id, kind, conversation_id, link, intent, queue, source, contact,"
        " due_at - created_at FROM follow_ups",
    )
    assert result.failure_path == "callback"
    assert found == [
        (
            result.attempt_id, "callback", "chat-7", "https://bot.example/chat-7",
            "reportlostcard", "General", "sandbox", "sealed", timedelta(hours=4),
        )
    ]  # fmt: skip
    home = open_home(Settings.load(tmp_path))
    one = follow_ups.read_follow_up(home.lake.query, result.attempt_id)
    contact = follow_ups.look_at_contact(home, one, actor=ANN)
    home.close()
    assert (contact.phone, contact.best_time) == (MARISOL.phone, MARISOL.best_time)
    assert told_by_the_home(tmp_path, caplog.text) == []


def told_by_the_home(home, log):
    """Which secrets stand in the log's lines, the lake, the journals or a plain ledger table."""
    texts = {"log": log}
    for file in home.rglob("*"):
        if file.is_file() and not file.name.startswith("ledger.sqlite"):
            texts[str(file)] = file.read_bytes().decode("utf-8", "replace")
    with sqlite3.connect(home / "lake" / "ledger.sqlite") as ledger:
        for table in ("claims", "contacts", "notifications", "presences", "unclaimed"):
            texts[table] = str(ledger.execute(f"SELECT * FROM {table}").fetchall())
    ledger.close()
    lake = analytics.connect(home)
    for (table,) in lake.execute("SHOW TABLES").fetchall():  # Parquet files are compressed
        texts[f"lake {table}"] = str(lake.execute(f"FROM {table}").fetchall())
    lake.close()
    return [(place, word) for place, text in texts.items() for word in SECRETS if word in text]


@pytest.mark.parametrize("leaves", ["accept", "abandon"])
def test_who_was_reached_or_left_is_owed_nothing(tmp_path, monkeypatch, leaves):
    monkeypatch.setenv("HANDOFF_CONTACT_KEY", new_key())

    async def act(f):
        conversation = await f.waiting_in("Cards")
        if leaves == "accept":
            await f.act(conversation, "accept")
        else:
            await f.connector.abandon("h1")

    result = run(serve(tmp_path, act=act))

    assert result.outcome == {"accept": "accepted", "abandon": "abandoned"}[leaves]
    assert rows(tmp_path, "FROM follow_ups") == []
    with sqlite3.connect(tmp_path / "lake" / "ledger.sqlite") as ledger:
        assert ledger.execute("SELECT * FROM contacts").fetchall() == []
    ledger.close()


def test_without_a_key_nothing_of_the_contact_is_kept_and_the_follow_up_says_so(tmp_path):
    result = run(serve(tmp_path, conversation_id="+493055501", act=None))

    found = rows(tmp_path, "SELECT follow_up_id, conversation_id, link, contact FROM follow_ups")
    assert found == [(result.attempt_id, None, None, "no_key")]
    assert told_by_the_home(tmp_path, "") == []


def owing(number):
    """An end that owes a callback, as a connector writes it."""
    entry = ended(number, outcome="timed_out", failure_path="callback")
    owed = {
        "follow_up_id": f"a{number}",
        "attempt_id": f"a{number}",
        "created_at": entry.at,
        "due_at": entry.at + timedelta(hours=4),
        "kind": "callback",
        "contact": "sealed",
    }
    return Entry("ended", entry.attempt_id, entry.at, {**entry.data, "follow_up": owed})


def test_a_journal_left_by_the_dead_and_flushed_by_many_owes_once(tmp_path):
    home = open_home(Settings.load(tmp_path / "home"))
    left_behind(home, "p-1", *(entry for n in range(5) for entry in (started(n), owing(n))))

    Flusher(home, instance="f").flush_now()
    Flusher(home, instance="g").flush_now()

    found = home.lake.query("SELECT follow_up_id, due_at FROM follow_ups ORDER BY 1")
    assert found == [(f"a{n}", NOON + timedelta(hours=4, seconds=n + 30)) for n in range(5)]
    details = home.lake.query("SELECT detail FROM attempt_events WHERE event = 'ended'")
    assert all("follow_up" not in json.loads(str(detail)) for (detail,) in details)
    home.close()


def test_an_attempt_whose_process_died_is_owed_its_callback_once_without_a_contact(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("HANDOFF_CONVERSATION_URL", "https://bot.example/{conversation_id}")
    at = started(1, failure_path="callback", bot_conversation_id="chat-7", first_queue="Cards")
    message = started(2, failure_path="message")
    home = open_home(Settings.load(tmp_path))
    left_behind(home, "p-1", at, message)
    home.close()

    async def scene():
        for _start in range(2):
            async with floor(tmp_path, listen=False):
                pass

    run(scene())

    found = rows(
        tmp_path,
        "SELECT f.attempt_id, f.conversation_id, f.link, f.contact, a.outcome, a.failure_path"
        " FROM follow_ups f JOIN attempts a USING (attempt_id)",
    )
    assert found == [("a1", "chat-7", "https://bot.example/chat-7", "lost", "failed", "callback")]
    assert rows(tmp_path, "SELECT count(*) FROM attempts") == [(2,)]
