"""Records every chat queue each minute: 8x8 keeps no history of queue states."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connector.clock import Clock
from connector.errors import EightError, LogError
from connector.log.entries import Entry
from connector.log.home import Home
from connector.log.locks import try_lock
from connector.log.outbox import Outbox
from connector.queues import QueueState

logger = logging.getLogger(__name__)
LEAST_WALL_S, TURN_S = 0.2, 2.0


class QueueRecorder:
    """Of all processes of a home, one records; when it dies another takes its place."""

    def __init__(self, home: Home, clock: Clock, outbox: Outbox) -> None:
        self._home, self._clock, self._outbox = home, clock, outbox

    async def run(self, fetch: Callable[[], Awaitable[list[QueueState]]]) -> None:
        """Record what `fetch` says at each full world minute, until cancelled.

        A minute that cannot be fetched or written is left out, with a warning.
        """
        while True:
            with _turn(self._home.path / "lake" / "queue_states.lock") as mine:
                while mine:
                    await self._next_minute()
                    await self._record(fetch)
            await asyncio.sleep(TURN_S)

    async def _next_minute(self) -> None:
        now = self._clock.now()
        least = timedelta(seconds=LEAST_WALL_S * self._clock.speed)
        await self._clock.sleep_until(max(_minute(now) + timedelta(minutes=1), now + least))

    async def _record(self, fetch: Callable[[], Awaitable[list[QueueState]]]) -> None:
        try:
            states = await fetch()
            at = self._clock.now()
            source = self._home.settings.attempt_source
            rows = [queue_state_row(state, at, source) for state in states]
            await self._outbox.append(Entry("queue_states", "", at, {"rows": rows}))
        except (EightError, LogError) as error:
            logger.warning("queue states of this minute are missing: %s", error)


def queue_state_row(state: QueueState, at: datetime, source: str) -> dict[str, Any]:
    """A row of `queue_states`; `at` is naive UTC."""
    return {
        "recorded_at": at,
        "queue_id": state.id,
        "queue": state.name,
        "available": state.available,
        "busy": state.busy,
        "on_break": state.on_break,
        "post_process": state.post_process,
        "enabled": state.enabled,
        "waiting": state.waiting,
        "longest_wait_s": state.longest_wait_s,
        "day_queued": state.day_queued,
        "day_accepted": state.day_accepted,
        "day_abandoned": state.day_abandoned,
        "is_open": state.is_open,
        "source": source,
    }


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


@contextmanager
def _turn(path: Path) -> Iterator[bool]:
    """Whether this process is the one to record, for as long as the block lasts."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield try_lock(descriptor)
    finally:
        os.close(descriptor)
