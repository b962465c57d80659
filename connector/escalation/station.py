"""What all attempts of one connector share: clock, tenant, policy, journal and claims."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.clock import Clock
from connector.emergency import Declared
from connector.errors import LogError
from connector.escalation.ghosts import Ghosts
from connector.escalation.owing import Owing
from connector.escalation.tenant import Tenant
from connector.log import Entry, Ledger, Outbox
from connector.policy import Policy
from connector.settings import Source

logger = logging.getLogger(__name__)


@dataclass
class Station:
    """The shared surroundings; `policy` is the newest published one, `emergencies` those in force.

    One that is over may still be among the emergencies for a moment: each knows its time.
    """

    instance: str
    source: Source
    clock: Clock
    tenant: Tenant
    policy: Policy
    outbox: Outbox
    ledger: Ledger
    owing: Owing
    emergencies: Sequence[Declared] = ()
    ghosts: Ghosts = field(default_factory=Ghosts)
    _untold: dict[str, str] = field(default_factory=dict)

    def grace(self, seconds: float) -> float:
        """Wall seconds to allow for a network's delay of `seconds`, also when time runs fast."""
        return max(self.clock.wall_seconds(seconds), min(seconds, 1.0))

    def grace_world(self, seconds: float) -> float:
        """The same in world seconds."""
        return self.grace(seconds) * self.clock.speed

    async def record(
        self,
        kind: str,
        attempt_id: str,
        data: Mapping[str, Any],
        *,
        started_at: datetime | None = None,
    ) -> None:
        """Journal an entry and return once it is on disk.

        `started_at` is the start of an attempt this process did not begin.

        A journal that cannot be written is a loud alarm, and the bot still gets its agent.
        """
        try:
            await self.outbox.append(Entry(kind, attempt_id, self.clock.now(), data, started_at))
        except LogError as error:
            logger.critical("journal not written, kept in memory: %s", error)

    def note(self, attempt_id: str, event: str, **detail: Any) -> None:
        """Journal a line of the timeline with the next write, without waiting for it."""
        data = {"event": event, **detail}
        self.outbox.put(Entry("event", attempt_id, self.clock.now(), data))

    async def tell_result(self, attempt_id: str, result_json: str) -> None:
        """Tell other processes the result: now, or as soon as the ledger answers."""
        try:
            await self.ledger.finish(attempt_id, result_json)
        except LogError:
            self._untold[attempt_id] = result_json

    async def tell_untold(self) -> None:
        """Tell the results the ledger did not take. Raises LogError while it still does not."""
        for attempt_id, result_json in list(self._untold.items()):
            await self.ledger.finish(attempt_id, result_json)
            self._untold.pop(attempt_id, None)

    async def tell_ledger(self, call: Callable[[], Awaitable[Any]]) -> None:
        """Do without the ledger when it does not answer: the journal holds the truth."""
        with contextlib.suppress(LogError):
            await call()
