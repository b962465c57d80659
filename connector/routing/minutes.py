"""What holds for a whole minute: policies tell no times apart that are closer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")
MINUTE = timedelta(minutes=1)


class EachMinute(Generic[T]):
    """Works something out for the beginning of a minute, and keeps it as long as that lasts."""

    def __init__(self, work: Callable[[datetime], T]) -> None:
        self._work = work
        # One value, so that a thread never sees the answer of another minute.
        self._held: tuple[datetime, datetime, T] | None = None

    def at(self, now: datetime) -> T:
        held = self._held
        if held is None or held[0].tzinfo is not now.tzinfo or not held[0] <= now < held[1]:
            begins = now.replace(second=0, microsecond=0)
            self._held = held = (begins, begins + MINUTE, self._work(begins))
        return held[2]
