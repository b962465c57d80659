"""What an emergency is: whom it concerns, what happens instead, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.policy import FailurePath

TIMEOUT_S = 120.0
CLOCKS_APART = timedelta(seconds=60)
"""How far the clocks of two machines may differ. What was declared later than that is of a sandbox
that ran fast and has stopped."""


@dataclass(frozen=True)
class Emergency:
    """Until `until` (naive UTC, world time) handoffs go elsewhere.

    It concerns handoffs of `intents`, and those whose first queue is one of `queues`; all when
    both are empty. They wait `timeout_s` seconds in `queue`, or go straight to `failure_path`: one
    of the two is given. Queues are written `Name (id)`, or as a name alone.
    """

    until: datetime
    queue: str | None = None
    timeout_s: float = TIMEOUT_S
    failure_path: FailurePath | None = None
    queues: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True)
class Declared:
    """An emergency as it was declared, and by whom it was ended early if it was; world time."""

    emergency_id: str
    declared_at: datetime
    declared_by: str
    emergency: Emergency
    ended_at: datetime | None = None
    ended_by: str | None = None

    def holds(self, now: datetime) -> bool:
        """Whether handoffs of `now` (UTC) are under it."""
        begun = self.declared_at <= now + CLOCKS_APART
        return self.ended_at is None and begun and now < self.emergency.until
