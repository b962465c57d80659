"""Queues as they were recorded, each minute, when the attempts of a period began."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.preview.alike import Codes, Moments
from connector.policy import SkipIf
from connector.queues import QueueBook, QueueState

OLDEST = timedelta(minutes=5)
"""A record older than this says nothing about an attempt."""
Counts = NDArray[np.int32]
OPEN = {1: True, 0: False, -1: None}


class Series(NamedTuple):
    """The records of one queue by time (naive UTC); counts of agents and customers.

    `is_open` is 1, 0, or -1 where no schedule of 8x8's was read.
    """

    times: Moments
    available: Counts
    logged_in: Counts
    waiting: Counts
    is_open: Counts

    def place(self, at: datetime) -> int | None:
        """The newest record at or before a moment; None where that is too old, or none is."""
        moment = np.datetime64(at, "us")
        place = int(self.times.searchsorted(moment, side="right")) - 1
        recent = place >= 0 and moment - self.times[place] <= np.timedelta64(OLDEST)
        return place if recent else None

    def places(self, moments: Moments) -> Codes:
        """The same for many moments; -1 for none."""
        places = np.searchsorted(self.times, moments, side="right") - 1
        ages = moments - self.times[np.maximum(places, 0)]
        return np.where((places >= 0) & (ages <= np.timedelta64(OLDEST)), places, -1)


@dataclass(frozen=True)
class Availability:
    """Queue id -> its records. Agents who work offline are not recorded and count as absent."""

    series: dict[str, Series] = field(default_factory=dict)

    def state(self, queue_id: str, at: datetime) -> QueueState | None:
        """A queue as recorded for an attempt that began then; None when it was not."""
        if (found := self.series.get(queue_id)) is None or (place := found.place(at)) is None:
            return None
        available = int(found.available[place])
        return QueueState(
            queue_id,
            queue_id,
            available=available,
            busy=int(found.logged_in[place]) - available,
            waiting=int(found.waiting[place]),
            is_open=OPEN[int(found.is_open[place])],
        )

    def looks(self, queue_id: str, moments: Moments, conditions: Sequence[SkipIf]) -> Codes:
        """A code per moment, equal where none of the `conditions` can tell the records apart.

        0 where nothing was recorded.
        """
        if (found := self.series.get(queue_id)) is None or not len(found.times):
            return np.zeros(len(moments), dtype=np.int64)
        places = found.places(moments)
        limits = {one.waiting_over for one in conditions if one.waiting_over is not None}
        length = np.searchsorted(np.array(sorted(limits)), found.waiting[places])
        empty, busy = found.logged_in[places] == 0, found.available[places] == 0
        counted = empty + 2 * busy + 4 * length
        opened = found.is_open[places] + 1
        return np.where(places < 0, 0, 1 + opened + 3 * counted).astype(np.int64)


@dataclass(frozen=True)
class RecordedBook(QueueBook):
    """A tenant's queues with what was recorded of them at a moment, and nothing where it was not.

    `tenant` says which queues there are and how names find them. Of the queues in `scheduled` it
    was recorded whether they were open; of others that does not count.
    """

    tenant: QueueBook = field(default_factory=QueueBook)
    availability: Availability = field(default_factory=Availability)
    at: datetime = datetime.min
    scheduled: Container[str] = ()

    def resolve(self, text: str) -> QueueState | None:
        return self.tenant.resolve(text)

    def state(self, queue_id: str) -> QueueState | None:
        state = self.availability.state(queue_id, self.at)
        if state is None or state.is_open is None or queue_id in self.scheduled:
            return state
        return replace(state, is_open=None)
