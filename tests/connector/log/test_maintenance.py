"""Tidying up keeps every row, and runs in one process at a time."""

import asyncio
import os
import threading
import time

import pytest

from connector.log import Flusher, Ledger, maintain
from connector.log import maintenance as maintenances
from connector.log.ledger_file import LedgerFile
from connector.log.maintenance import Maintenance

from .writing import NOON, ended, left_behind, noted


def test_many_small_files_become_few_and_no_row_is_lost(home):
    for turn in range(12):
        left_behind(home, f"p-{turn}", *(noted(number) for number in range(20)), ended(turn))
        Flusher(home, instance="f").flush_now()

    def files():
        return home.lake.query("SELECT count(*) FROM ducklake_list_files('lake', 'attempt_events')")

    before = files()
    maintain(home)
    assert files() < before
    assert home.lake.query("SELECT count(*) FROM attempt_events") == [(12 * 21,)]
    assert home.lake.query("SELECT count(*), count(DISTINCT attempt_id) FROM attempts") == [
        (12, 12)
    ]
    assert home.lake.query("SELECT count(*) FROM journal_offsets") == [(12,)]


@pytest.mark.full
def test_flushing_goes_on_beside_maintenance(home):
    done = threading.Event()

    def tidy():
        while not done.is_set():
            maintain(home)

    thread = threading.Thread(target=tidy)
    thread.start()
    flusher = Flusher(home, instance="f")
    for turn in range(5):
        left_behind(home, f"p-{turn}", noted(turn), ended(turn))
        flusher.flush_now()
    done.set()
    thread.join()
    assert home.lake.query("SELECT count(*), count(DISTINCT attempt_id) FROM attempts") == [(5, 5)]


def test_old_claims_and_events_are_forgotten_and_new_ones_kept(home):
    async def scenario():
        ledger = Ledger(home.ledger_path)
        for name in ("old", "new"):
            await ledger.claim(name, name, "p", at=NOON)
            await ledger.receive(name, name, b"")
        with LedgerFile(home.ledger_path) as file:
            long_ago = time.time() - 40 * 86_400
            file.write(
                lambda con: con.execute(
                    f"UPDATE claims SET touched = {long_ago} WHERE attempt_id = 'old'"
                )
            )
            file.write(
                lambda con: con.execute(
                    f"UPDATE inbox SET received = {long_ago} WHERE event_id = 'old'"
                )
            )
        await asyncio.to_thread(maintain, home)
        claims = [await ledger.claim_of(name) is not None for name in ("old", "new")]
        events = [event.event_id for event in await ledger.events_after(0)]
        last = await ledger.last_seq()
        await ledger.close()
        return claims, events, last

    assert asyncio.run(scenario()) == ([False, True], ["new"], 2)


def test_maintenance_is_due_every_few_minutes_and_once_per_home(home, monkeypatch):
    runs = []
    monkeypatch.setattr(maintenances, "maintain", runs.append)
    first, second = Maintenance(home), Maintenance(home)
    first.run_when_due()
    assert runs == []
    stamp = home.path / "lake" / "maintenance.lock"
    stamp.touch()
    os.utime(stamp, (0, 0))
    for maintenance in (first, second):
        maintenance._next = 0.0
        maintenance.run_when_due()
        maintenance.run_when_due()
    assert runs == [home]
