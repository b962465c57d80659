"""What the status line says of a home."""

import asyncio
from datetime import timedelta

from connector.clock import utc_now
from connector.log import Flusher, Ledger, Outbox, Presence, home_status
from connector.settings import Settings

from .writing import NOON, ended, left_behind, started


def beat(home, *presences):
    async def scenario():
        ledger = Ledger(home.ledger_path)
        for presence in presences:
            await ledger.beat(presence)
        await ledger.close()

    asyncio.run(scenario())


def test_a_home_that_is_not_there_has_an_empty_status(tmp_path):
    status = home_status(Settings.load(tmp_path / "nowhere"))
    assert (status.data_until, status.connectors, status.outbox_waiting) == (None, 0, 0)
    assert (status.eight_ok, status.receiver_alive) == (None, False)
    assert abs(status.checked_at - utc_now()) < timedelta(seconds=5)
    assert not (tmp_path / "nowhere").exists()


def test_entries_that_wait_are_counted_and_date_the_data(home, settings):
    left_behind(home, "p-1", started(1), ended(1))
    left_behind(home, "p-2", started(5))
    status = home_status(settings)
    assert status.outbox_waiting == 3
    assert status.data_until == NOON + timedelta(seconds=1)


def test_without_connectors_the_data_ends_with_the_last_entry(home, settings):
    left_behind(home, "p-1", started(1), ended(1))
    Flusher(home, instance="f").flush_now()
    status = home_status(settings)
    assert status.outbox_waiting == 0
    assert status.data_until == NOON + timedelta(seconds=31)


def test_with_connectors_and_nothing_waiting_the_data_is_complete_until_now(home, settings):
    left_behind(home, "p-1", ended(1))
    Flusher(home, instance="f").flush_now()
    beat(home, Presence("p-2", "connector"))
    status = home_status(settings)
    assert status.data_until == status.checked_at
    assert status.connectors == 1


def test_the_newest_who_asked_says_whether_8x8_answers(home, settings):
    beat(
        home,
        Presence("p-1", "connector", eight_ok=True),
        Presence("p-2", "service", receiver=True, eight_ok=False, eight_detail="no route"),
        Presence("p-3", "connector"),
    )
    status = home_status(settings)
    assert status.connectors == 3
    assert status.receiver_alive
    assert (status.eight_ok, status.eight_detail) == (False, "no route")


def test_the_status_counts_down_while_a_flusher_works(home, settings):
    async def scenario():
        outbox, flusher = Outbox(home.outbox_path, "p-1"), Flusher(home, instance="p-1")
        for number in range(10):
            await outbox.append(started(number))
        before = home_status(settings).outbox_waiting
        flusher.flush_now()
        after = home_status(settings).outbox_waiting
        await outbox.close()
        return before, after

    assert asyncio.run(scenario()) == (10, 0)


def test_a_damaged_ledger_is_no_reason_to_show_nothing(home, settings):
    home.ledger_path.write_bytes(b"this is no database" * 100)
    left_behind(home, "p-1", started(1))
    status = home_status(settings)
    assert (status.connectors, status.outbox_waiting) == (0, 1)
