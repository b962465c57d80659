"""The state of every queue each minute, in columns: a month has a third of a million of them."""

from __future__ import annotations

from array import array
from operator import attrgetter

import numpy as np
import pyarrow as pa

from analytics.history.demo.floor import Floor

MINUTE_S = 60.0
_COUNTS = (
    "available",
    "busy",
    "on_break",
    "post_process",
    "enabled",
    "waiting",
    "day_queued",
    "day_accepted",
    "day_abandoned",
)
_recorded = attrgetter(*_COUNTS, "is_open")


class Minutes:
    """Takes down what the recorder of a home would have read from 8x8."""

    def __init__(self, floor: Floor, source: str) -> None:
        self._floor, self._source = floor, source
        self._at = array("d")
        self._longest = array("d")
        self._states: dict[tuple[int, ...], int] = {}
        self._state = array("q")

    def record(self) -> None:
        """Take down all queues now, and again in a minute."""
        floor, states = self._floor, self._states
        self._at.append(floor.now)
        for queue_id in floor.desks:
            recorded = _recorded(floor.state(queue_id))
            self._state.append(states.setdefault(recorded, len(states)))
            self._longest.append(floor.longest_wait(queue_id))
        floor.plan(floor.now + MINUTE_S, self.record)

    def table(self) -> pa.Table:
        """Rows of `queue_states`."""
        floor = self._floor
        states = [floor.state(queue_id) for queue_id in floor.desks]
        times, queues = len(self._at), len(states)
        start = np.datetime64(floor.start, "us")
        moments = start + (np.array(self._at) * 1e6).round().astype("timedelta64[us]")
        named = {
            "recorded_at": pa.array(np.repeat(moments, queues), pa.timestamp("us")),
            "queue_id": _repeated([state.id for state in states], times),
            "queue": _repeated([state.name for state in states], times),
            "longest_wait_s": pa.array(np.array(self._longest)),
            "source": _repeated([self._source], times * queues),
        }
        recorded = np.array(list(self._states), dtype="i8").reshape(-1, len(_COUNTS) + 1)
        *counts, is_open = recorded[np.array(self._state)].T
        columns = dict(zip(_COUNTS, map(pa.array, counts), strict=True))
        return pa.table({**named, **columns, "is_open": pa.array(is_open == 1)})


def _repeated(values: list[str], times: int) -> pa.Array:
    codes = np.tile(np.arange(len(values), dtype="i4"), times)
    return pa.DictionaryArray.from_arrays(codes, values).cast(pa.string())
