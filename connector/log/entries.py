"""What a connector process writes down: one line of JSON in its journal for each thing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

Kind = Literal[
    "started", "event", "ended", "engagement", "feedback", "adopted", "queue_states", "audit"
]
STARTS = ("started", "adopted")


@dataclass(frozen=True)
class Entry:
    """One line of a journal; `at` is naive UTC, `started_at` the start of the attempt.

    | kind | data |
    |---|---|
    | `started`, `adopted` | `attempt`: the columns of `attempts` known so far |
    | `event` | `event`: its name, and whatever details |
    | `ended` | `attempt`: all columns of `attempts`; `steps`: rows of `attempt_steps`; |
    | | `follow_up`: the row of `follow_ups`, when one is owed |
    | `engagement` | all columns of `engagements` |
    | `feedback` | `resolved` |
    | `queue_states` | `rows` of that table |
    | `audit` | `row` of that table |

    `started_at` may be left out: the outbox knows it of every attempt it saw starting.
    """

    kind: str
    attempt_id: str
    at: datetime
    data: Mapping[str, Any]
    started_at: datetime | None = None

    def line(self) -> bytes:
        """This entry as one line; `kind` and `attempt_id` come first."""
        content = {"kind": self.kind, "attempt_id": self.attempt_id, "at": self.at.isoformat()}
        if self.started_at is not None:
            content["started_at"] = self.started_at.isoformat()
        return _encode(content | {"data": self.data}).encode() + b"\n"

    @property
    def attempt_start(self) -> datetime | None:
        """When the attempt began, as far as this entry itself says."""
        if self.started_at is None and self.kind in (*STARTS, "ended"):
            began = self.data.get("attempt", {}).get("started_at")
            return began if isinstance(began, datetime) else None
        return self.started_at


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        aware = value.tzinfo is not None
        return (value.astimezone(UTC).replace(tzinfo=None) if aware else value).isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


_encode = json.JSONEncoder(default=_plain, separators=(",", ":")).encode
