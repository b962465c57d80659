"""Journals reach the lake exactly once, whoever wrote them and whoever flushes them."""

import asyncio
import json
import logging
import threading
from datetime import datetime, timedelta

import pytest

from connector.errors import LogError
from connector.log import Entry, Flusher, Outbox, loads, open_home
from connector.log.offsets import Offset, move

from .writing import NOON, attempt_row, ended, left_behind, noted, rows, started


def test_an_ended_attempt_becomes_rows_of_three_tables(home):
    step = {"attempt_id": "a1", "step": 1, "queue_id": "102", "queue": "Cards"}
    step |= {"offered_at": NOON, "left_at": NOON, "agents_available": 2, "result": "accepted"}
    entries = (
        started(1),
        noted(1, conversation="c1"),
        ended(
            1,
            steps=[step],
            queues_tried=["Cards", "General"],
            inputs={"amount": "12"},
            context_required=[],
            delivered=True,
            completeness=0.75,
            policy_version=3,
        ),
    )
    left_behind(home, "p-1", *entries)
    assert Flusher(home, instance="f").flush_now() == 5
    began = NOON + timedelta(seconds=1)
    assert rows(
        home,
        "SELECT attempt_id, handoff_id, started_at, ended_at, outcome, queues_tried, inputs,"
        " context_required, context_cut, delivered, completeness, policy_version FROM attempts",
    ) == [
        (
            *("a1", "h1", began, NOON + timedelta(seconds=31), "accepted", ["Cards", "General"]),
            *('{"amount":"12"}', [], None, True, 0.75, 3),
        )
    ]
    assert rows(home, "SELECT * FROM attempt_steps") == [
        ("a1", began, 1, "102", "Cards", NOON, NOON, None, None, 2, "accepted")
    ]
    events = rows(
        home, "SELECT started_at, happened_at, event, detail FROM attempt_events ORDER BY seq"
    )
    assert [event[:3] for event in events] == [
        (began, began, "started"),
        (began, NOON + timedelta(seconds=2), "created"),
        (began, NOON + timedelta(seconds=31), "ended"),
    ]
    assert json.loads(events[1][3]) == {"conversation": "c1"}
    assert json.loads(events[2][3])["outcome"] == "accepted"


def test_other_entries_become_rows_too(home):
    engagement = {"agent_id": "7", "handle_s": 61.5, "transfers": 0, "requeued": False}
    engagement |= {"accepted_at": NOON, "ended_by": "agent", "customer_wrote": True}
    states = [{"queue_id": "101", "queue": "General", "available": 3, "longest_wait_s": 2.5}]
    left_behind(
        home,
        "p-1",
        started(1),
        Entry("engagement", "a1", NOON, engagement),
        Entry("feedback", "a1", NOON, {"resolved": True}),
        Entry("adopted", "a1", NOON, {"attempt": attempt_row(1)}),
        Entry("queue_states", "", NOON, {"rows": states}),
        Entry(
            "audit", "", NOON, {"row": {"actor": "eve", "action": "publish", "detail": {"v": 2}}}
        ),
    )
    Flusher(home, instance="f").flush_now()
    assert rows(home, "SELECT attempt_id, started_at, handle_s, ended_by FROM engagements") == [
        ("a1", NOON + timedelta(seconds=1), 61.5, "agent")
    ]
    assert rows(home, "SELECT recorded_at, queue, available FROM queue_states") == [
        (NOON, "General", 3)
    ]
    assert rows(home, "SELECT happened_at, actor, detail FROM audit") == [(NOON, "eve", '{"v":2}')]
    assert rows(home, "SELECT event FROM attempt_events ORDER BY seq") == [
        ("started",),
        ("engagement",),
        ("feedback",),
        ("adopted",),
    ]
    assert rows(
        home, "SELECT detail->>'resolved' FROM attempt_events WHERE event = 'feedback'"
    ) == [("true",)]


def test_flushing_twice_adds_nothing(home):
    async def scenario():
        outbox, flusher = Outbox(home.outbox_path, "p-1"), Flusher(home, instance="p-1")
        await outbox.append(started(1))
        first = flusher.flush_now()
        again = flusher.flush_now(), Flusher(home, instance="other").flush_now()
        await outbox.append(ended(1))
        last = Flusher(home, instance="other").flush_now(), flusher.flush_now()
        await outbox.close()
        return first, again, last

    assert asyncio.run(scenario()) == (1, (0, 0), (2, 0))
    assert rows(home, "SELECT count(*) FROM attempts") == [(1,)]


def test_a_journal_larger_than_a_load_is_flushed_whole(home, monkeypatch):
    monkeypatch.setattr(loads, "MOST_BYTES", 10_000)
    for name in ("p-1", "p-2", "p-3"):
        left_behind(home, name, *(noted(number) for number in range(200)))
    assert Flusher(home, instance="f").flush_now() == 600
    assert rows(home, "SELECT count(*), count(DISTINCT attempt_id) FROM attempt_events") == [
        (600, 200)
    ]


def test_a_line_longer_than_a_load_is_flushed_too(home, monkeypatch):
    monkeypatch.setattr(loads, "MOST_BYTES", 1_000)
    left_behind(home, "p-1", noted(1, text="x" * 50_000), noted(2))
    assert Flusher(home, instance="f").flush_now() == 2


def test_a_torn_line_longer_than_a_load_holds_up_nobody(home, monkeypatch):
    monkeypatch.setattr(loads, "MOST_BYTES", 1_000)
    journal = left_behind(home, "p-1", noted(1))
    journal.write_bytes(journal.read_bytes() + b"x" * 5_000)
    left_behind(home, "p-2", noted(2))
    assert Flusher(home, instance="f").flush_now() == 2


def test_unknown_keys_are_ignored_and_missing_ones_are_null(home):
    entry = Entry("ended", "a1", NOON, {"attempt": {"outcome": "failed", "shoe_size": 44}})
    left_behind(home, "p-1", entry)
    Flusher(home, instance="f").flush_now()
    assert rows(home, "SELECT attempt_id, started_at, ended_at, outcome, intent FROM attempts") == [
        ("a1", NOON, NOON, "failed", None)
    ]


def test_a_value_that_does_not_fit_is_null_and_holds_up_nothing(home, caplog):
    bad = {"confidence": "high", "queues_tried": "Cards", "wait_s": float("nan")}
    left_behind(home, "p-1", ended(1, **bad), ended(2, intent="half a \ud800 pair"))
    with caplog.at_level(logging.ERROR):
        Flusher(home, instance="f").flush_now()
    assert "fits no column" in caplog.text
    assert rows(
        home,
        "SELECT attempt_id, outcome, confidence, queues_tried, wait_s, intent FROM attempts"
        " ORDER BY attempt_id",
    ) == [
        ("a1", "accepted", None, None, None, "reportlostcard"),
        ("a2", "accepted", None, None, 30.0, "half a ? pair"),
    ]


def test_moments_with_an_offset_become_utc(home):
    aware = datetime.fromisoformat("2026-11-24T14:00:00+02:00")
    left_behind(home, "p-1", ended(1, started_at=aware))
    Flusher(home, instance="f").flush_now()
    assert rows(home, "SELECT started_at FROM attempts") == [(NOON,)]


def test_a_torn_last_line_of_a_dead_process_is_reported_and_left_out(home, caplog):
    journal = left_behind(home, "p-1", ended(1))
    journal.write_bytes(journal.read_bytes() + b'{"kind":"ended","attempt_id":"a2","at":"2026')
    flusher = Flusher(home, instance="f")
    with caplog.at_level(logging.WARNING):
        assert flusher.flush_now() == 2
        assert flusher.flush_now() == 0
    assert caplog.text.count("torn line of 44 bytes") == 1
    assert not journal.exists()


def test_a_damaged_line_is_reported_and_the_others_are_kept(home, caplog):
    journal = left_behind(home, "p-1", ended(1), ended(2), ended(3))
    first, second, third = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(first + b"\x00" * (len(second) - 1) + b"\n" + b"[]\n" + third)
    with caplog.at_level(logging.ERROR):
        assert Flusher(home, instance="f").flush_now() == 4
    assert caplog.text.count("no entry") == 2
    assert rows(home, "SELECT attempt_id FROM attempts ORDER BY 1") == [("a1",), ("a3",)]


def test_a_line_that_is_still_being_written_waits(home):
    async def scenario():
        outbox, flusher = Outbox(home.outbox_path, "p-1"), Flusher(home, instance="p-1")
        await outbox.append(noted(1))
        line = noted(2).line()
        with outbox.path.open("ab") as file:
            file.write(line[:20])
            file.flush()
            half = flusher.flush_now(), flusher.flush_now()
            file.write(line[20:])
        whole = flusher.flush_now()
        await outbox.close()
        return half, whole

    assert asyncio.run(scenario()) == ((1, 0), 1)


def test_two_flushers_at_once_double_nothing(home, settings):
    other = open_home(settings)
    flushers = [Flusher(home, instance="f1"), Flusher(other, instance="f2")]

    async def write(outbox):
        for number in range(300):
            outbox.put(noted(number))
            if number % 30 == 0:
                await outbox.append(ended(number))

    async def scenario():
        outboxes = [Outbox(home.outbox_path, f"p-{name}") for name in range(2)]
        await asyncio.gather(*(write(outbox) for outbox in outboxes))
        for outbox in outboxes:
            await outbox.close()

    done = threading.Event()

    def flush(flusher):
        while not done.is_set():
            flusher.flush_now()

    threads = [threading.Thread(target=flush, args=(flusher,)) for flusher in flushers]
    for thread in threads:
        thread.start()
    asyncio.run(scenario())
    done.set()
    for thread in threads:
        thread.join()
    flushers[0].flush_now()
    other.close()
    assert rows(home, "SELECT count(*) FROM attempt_events WHERE event = 'created'") == [(600,)]
    assert rows(home, "SELECT count(*) FROM attempts") == [(20,)]


def test_an_offset_moved_by_another_stops_the_transaction(home):
    left_behind(home, "p-1", ended(1))
    Flusher(home, instance="f").flush_now()
    stale = {"p-1": (Offset(0), Offset(10))}
    with pytest.raises(LogError, match="Another process"):
        home.lake.transaction(lambda cursor: move(cursor, stale))


def test_a_started_flusher_flushes_within_seconds_and_once_more_when_it_stops(home):
    async def scenario():
        outbox, flusher = Outbox(home.outbox_path, "p-1"), Flusher(home, instance="p-1")
        flusher.start()
        await outbox.append(ended(1))
        for _ in range(100):
            await asyncio.sleep(0.1)
            if rows(home, "SELECT count(*) FROM attempts") == [(1,)]:
                break
        await outbox.append(ended(2))
        await outbox.close()
        await asyncio.to_thread(flusher.stop)

    asyncio.run(scenario())
    assert rows(home, "SELECT count(*) FROM attempts") == [(2,)]


def test_the_journal_of_a_dead_process_goes_once_nothing_in_it_is_open(home):
    journal = left_behind(home, "p-1", started(1), ended(1))
    Flusher(home, instance="f").flush_now()
    assert not journal.exists()


def test_the_journal_of_a_living_process_stays(home):
    async def scenario():
        outbox = Outbox(home.outbox_path, "p-1")
        await outbox.append(ended(1))
        Flusher(home, instance="f").flush_now()
        there = outbox.path.exists()
        await outbox.close()
        return there

    assert asyncio.run(scenario())


def test_a_nul_in_whatever_a_bot_sends_does_not_hold_up_the_log(home):
    names = ["k\0", "a\\u0000b", "\0\0"]
    entry = ended(1)
    attempt = {**entry.data["attempt"], "context_present": names, "intent": "in\0tent"}
    left_behind(home, "p", Entry("ended", entry.attempt_id, entry.at, {"attempt": attempt}))
    Flusher(home, instance="f").flush_now()
    assert home.lake.query("SELECT context_present, intent FROM attempts") == [
        (["k\ufffd", "a\\u0000b", "\ufffd\ufffd"], "in\ufffdtent")
    ]
