"""World time: t0 + (wall - wall0) x speed. At speed 1 it is UTC now.

Every stamp and duration in sandbox, connector, journal and lake is world time.
Network timeouts and rate limits stay in wall time.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """The wall clock as a naive UTC datetime; DuckDB shifts aware ones to the session's zone."""
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class Anchor:
    """What another process needs to run the same clock."""

    t0: datetime
    wall0: float
    speed: float


class Clock:
    """A clock that may run faster than the wall, and may jump over idle hours."""

    def __init__(
        self, anchor: Anchor | None = None, *, wall: Callable[[], float] = time.time
    ) -> None:
        self._wall = wall
        self._anchor = anchor or Anchor(utc_now(), wall(), 1.0)
        self._sleepers: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    @classmethod
    def at_speed(cls, speed: float, t0: datetime | None = None) -> Clock:
        """A clock that starts at `t0` (naive UTC, default now) and runs at `speed`."""
        return cls(Anchor(t0 or utc_now(), time.time(), speed))

    @property
    def anchor(self) -> Anchor:
        return self._anchor

    @property
    def speed(self) -> float:
        return self._anchor.speed

    def now(self) -> datetime:
        """World time as a naive UTC datetime."""
        anchor = self._anchor
        return anchor.t0 + timedelta(seconds=(self._wall() - anchor.wall0) * anchor.speed)

    def seconds_since(self, moment: datetime) -> float:
        """World seconds from `moment` until now."""
        return (self.now() - moment).total_seconds()

    def wall_seconds(self, world_seconds: float) -> float:
        return world_seconds / self._anchor.speed

    def jump(self, to: datetime) -> None:
        """Move world time forward to `to` at once; whoever sleeps until before then wakes."""
        self._anchor = Anchor(max(to, self.now()), self._wall(), self._anchor.speed)
        for loop, moved in list(self._sleepers):
            loop.call_soon_threadsafe(moved.set)

    async def sleep(self, world_seconds: float) -> None:
        await self.sleep_until(self.now() + timedelta(seconds=world_seconds))

    async def sleep_until(self, moment: datetime) -> None:
        """Return at world time `moment`, or at once when it has passed."""
        moved = asyncio.Event()
        sleeper = (asyncio.get_running_loop(), moved)
        self._sleepers.add(sleeper)
        try:
            while (left := (moment - self.now()).total_seconds()) > 0:
                moved.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(moved.wait(), self.wall_seconds(left))
        finally:
            self._sleepers.discard(sleeper)
