"""What one attempt hears, in order: signals of 8x8, of polling and of the bot."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from connector.clock import Clock
from connector.escalation.signals import Signal, Text

S = TypeVar("S", bound=Signal)


class Hearing:
    """The signals of an attempt that are not worked off; `at` is when the last one came (UTC)."""

    def __init__(self, clock: Clock, now: datetime) -> None:
        self.at = now
        self._clock = clock
        self._signals: asyncio.Queue[Signal] = asyncio.Queue()
        self._told: Counter[str] = Counter()
        self._events: Counter[str] = Counter()

    def deliver(self, signal: Signal) -> None:
        """Take a signal. What an agent wrote is heard once, whether an event or a look tells it."""
        self.at = self._clock.now()
        if isinstance(signal, Text) and signal.said:
            self._events[signal.said] += 1
            if self._events[signal.said] <= self._told[signal.said]:
                return
            self._told[signal.said] += 1
        self._signals.put_nowait(signal)

    def read(self, texts: Iterable[Text]) -> None:
        """Take all an agent has written so far; what no event has told is heard now."""
        seen: Counter[str] = Counter()
        for signal in texts:
            seen[signal.said] += 1
            if signal.said and seen[signal.said] > self._told[signal.said]:
                self._told[signal.said] += 1
                self._signals.put_nowait(signal)

    async def next(self, deadline: datetime | None) -> Signal | None:
        """The next signal, or None at `deadline` (world time)."""
        while True:
            if deadline is None or not self._signals.empty():
                return await self._signals.get()
            left = (deadline - self._clock.now()).total_seconds()
            if left <= 0:
                return None
            try:
                async with asyncio.timeout(self._clock.wall_seconds(left)):
                    return await self._signals.get()
            except TimeoutError:
                continue

    def take(self, kind: type[S]) -> list[S]:
        """Take the signals of a kind that were not worked off; the others stay, in order."""
        waiting = [self._signals.get_nowait() for _ in range(self._signals.qsize())]
        for signal in waiting:
            if not isinstance(signal, kind):
                self._signals.put_nowait(signal)
        return [signal for signal in waiting if isinstance(signal, kind)]

    def again(self, signals: Iterable[Signal]) -> None:
        """Hear these first: they came before their time."""
        waiting = [self._signals.get_nowait() for _ in range(self._signals.qsize())]
        for signal in (*signals, *waiting):
            self._signals.put_nowait(signal)
