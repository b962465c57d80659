"""The attempts behind the numbers of a preview; traces are made for those that are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.preview.alike import Codes
from analytics.preview.attempts import Attempts
from analytics.preview.availability import Availability
from analytics.preview.side import Deciding
from analytics.preview.ways import Way, changes, way_of
from connector.policy import Policy
from connector.queues import QueueBook

_TYPES = {"queue": "string", "queue_id": "string", "rule": "string"}
_MOVED = {
    "attempt_id": "string",
    "started_at": "datetime64[us]",
    "intent": "string",
    **{f"{side}_{name}": kind for side in ("from", "to") for name, kind in _TYPES.items()},
    "changes": "object",
    "trace_before": "object",
    "trace_after": "object",
}
_UNDECIDED = {
    "attempt_id": "string",
    "started_at": "datetime64[us]",
    "intent": "string",
    "reason": "string",
}


@dataclass(frozen=True)
class Listing:
    """`moved` and `undecided` attempts by start, and what it takes to tell why."""

    base: Policy
    draft: Policy
    tenant: QueueBook
    availability: Availability
    moved: Attempts
    undecided: Attempts
    reasons: list[str]

    def moved_attempts(self, limit: int) -> pd.DataFrame:
        chosen = self.moved.at(_newest(len(self.moved), limit))
        return _frame(self._moved_rows(chosen), _MOVED)

    def undecided_attempts(self, limit: int) -> pd.DataFrame:
        places = _newest(len(self.undecided), limit)
        rows = self.undecided.at(places).rows()
        told = [self.reasons[place] for place in places]
        return _frame(
            ({**row, "reason": reason} for row, reason in zip(rows, told, strict=True)), _UNDECIDED
        )

    def _moved_rows(self, chosen: Attempts) -> Iterator[dict[str, Any]]:
        places = np.arange(len(chosen))
        sides = (
            Deciding(policy, chosen, self.tenant, base=self.base).decisions(
                places, self.availability
            )
            for policy in (self.base, self.draft)
        )
        for row, (before, _), (after, _) in zip(chosen.rows(), *sides, strict=True):
            was, will = (way_of(one)._replace(language=one.language) for one in (before, after))
            yield {
                **row,
                **_led("from", was),
                **_led("to", will),
                "from_rule": before.rule,
                "to_rule": after.rule,
                "changes": changes(was, will),
                "trace_before": list(before.trace),
                "trace_after": list(after.trace),
            }


def _led(side: str, way: Way) -> dict[str, str | None]:
    first = way.first
    return {
        f"{side}_queue_id": first.queue_id if first else None,
        f"{side}_queue": first.queue if first else None,
    }


def _newest(count: int, limit: int) -> Codes:
    """Places of the last ones, the last first."""
    return np.arange(count - 1, max(count - max(limit, 0), 0) - 1, -1)


def _frame(rows: Iterator[dict[str, Any]], types: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(types)).astype(types)
