"""What the sandbox does later: actions at moments of world time, in their order."""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from connector.clock import Clock

logger = logging.getLogger(__name__)
FAR = timedelta(days=1)


@dataclass(order=True)
class Timer:
    """One thing to do; cancelled, it stays in the heap and does nothing."""

    moment: datetime
    turn: int
    action: Callable[[], object] | None = field(compare=False)

    def cancel(self) -> None:
        self.action = None


class Agenda:
    """One heap and one sleeping task for all timers; follows the clock when it jumps."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._timers: list[Timer] = []
        self._turns = count()
        self._sleeper: asyncio.Task[None] | None = None

    def at(self, moment: datetime, action: Callable[[], object]) -> Timer:
        """Call `action` at `moment` (naive UTC, world time), or at once when it has passed."""
        timer = Timer(moment, next(self._turns), action)
        heapq.heappush(self._timers, timer)
        if self._timers[0] is timer and self._sleeper is not None:
            self._sleeper.cancel()
        return timer

    def after(self, seconds: float, action: Callable[[], object]) -> Timer:
        """Call `action` in `seconds` of world time."""
        return self.at(self._clock.now() + timedelta(seconds=seconds), action)

    async def run(self) -> None:
        """Act until cancelled."""
        while True:
            self._act()
            next_at = self._timers[0].moment if self._timers else self._clock.now() + FAR
            self._sleeper = asyncio.create_task(self._clock.sleep_until(next_at))
            try:
                # Unlike awaiting the task, this does not raise when an earlier timer cancels it.
                await asyncio.wait({self._sleeper})
            finally:
                self._sleeper.cancel()

    def _act(self) -> None:
        now = self._clock.now()
        while self._timers and self._timers[0].moment <= now:
            action = heapq.heappop(self._timers).action
            if action is None:
                continue
            try:
                action()
            except Exception:
                logger.exception("a timed action of the sandbox failed")
