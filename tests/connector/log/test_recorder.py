"""Queue states, each world minute, by one process of a home."""

import asyncio
import contextlib
from datetime import datetime, timedelta

from connector.clock import Clock
from connector.errors import ServerFault
from connector.log import Flusher, Outbox, QueueRecorder
from connector.queues import QueueState

T0 = datetime(2026, 11, 24, 12, 0, 30)
STATES = [
    QueueState(
        "101", "General", available=2, waiting=4, longest_wait_s=12.5, enabled=9, is_open=True
    )
]


def record(home, fetches, *, speed, seconds):
    """Run a recorder for each fetch on this home, all at once."""

    async def scenario():
        clock = Clock.at_speed(speed, T0)
        outboxes = [Outbox(home.outbox_path, f"p-{name}") for name in range(len(fetches))]
        tasks = [
            asyncio.create_task(QueueRecorder(home, clock, outbox).run(fetch))
            for outbox, fetch in zip(outboxes, fetches, strict=True)
        ]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for outbox in outboxes:
            await outbox.close()

    asyncio.run(scenario())
    Flusher(home, instance="f").flush_now()
    return home.lake.query("SELECT * FROM queue_states ORDER BY recorded_at")


async def fetch():
    return STATES


def test_states_are_recorded_soon_after_each_full_minute(home):
    rows = record(home, [fetch], speed=60, seconds=2.9)
    assert len(rows) in (2, 3)
    moments = [row[0] for row in rows]
    assert [moment.replace(second=0, microsecond=0) for moment in moments] == [
        datetime(2026, 11, 24, 12, 1 + number) for number in range(len(rows))
    ]
    assert rows[0][1:] == ("101", "General", 2, 0, 0, 0, 9, 4, 12.5, 0, 0, 0, "test", True)


def test_of_several_processes_one_records(home):
    asked = [0, 0, 0]

    def fetcher(number):
        async def ask():
            asked[number] += 1
            return STATES

        return ask

    record(home, [fetcher(number) for number in range(3)], speed=120, seconds=1.5)
    assert sorted(asked)[:2] == [0, 0]
    assert max(asked) > 0


def test_another_takes_over_from_one_that_ends(home):
    assert record(home, [fetch], speed=300, seconds=0.7)
    assert record(home, [fetch], speed=300, seconds=0.7)


def test_a_minute_8x8_does_not_answer_is_left_out(home):
    answers = iter([ServerFault("down"), STATES, ServerFault("down"), STATES])

    async def unsteady():
        answer = next(answers, STATES)
        if isinstance(answer, Exception):
            raise answer
        return answer

    rows = record(home, [unsteady], speed=240, seconds=1.6)
    assert rows
    assert rows[0][0] >= T0 + timedelta(seconds=90)
