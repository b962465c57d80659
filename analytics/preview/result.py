"""What a preview tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from analytics.preview.listing import Listing


@dataclass(frozen=True)
class Preview:
    """Past attempts under a draft and under its base, both decided with what was recorded then.

    `moved` would route differently: another list of queues to try, in another order, with other
    timeouts, skipped or not; another priority, agents' language, or failure path. Of them
    `redirected` would try another queue first. `unmoved` route alike. For `undecided` ones
    something that one of the policies needs was not recorded. `overridden` ones were told their
    queue, skill, priority or timeout by the bot, or by an emergency (`emergency` of them), and no
    policy moves those. The four are all `attempts`.

    Both policies draw canaries as the base's version does, so that a canary nobody changed moves
    nothing. `agreeing` of `checked` attempts tried the queue first that the base leads to here;
    checked are the decided ones that the base's version decided at the time.

    `source` is the one that is counted, None when there is no attempt; `since` and `until` are
    naive UTC, None where the period has no such bound.

    - `matrix`: from_queue_id, from_queue, to_queue_id, to_queue, attempts. Decided attempts by the
      queue that is tried first, most first; a queue without id is not in the tenant, and without a
      name none would be tried, as all are skipped.
    - `intents`: intent, attempts (decided ones), moved, redirected; most moved first.
    - `load`: queue_id, queue, hour (0-23 in the base's zone), before, after: decided attempts that
      try the queue first, a mean per hour of that name in the period (28 days have each 28 times).
    - `undecided_reasons`: reason, attempts. The first thing that lacks counts.
    """

    attempts: int
    moved: int
    unmoved: int
    undecided: int
    overridden: int
    redirected: int
    emergency: int
    agreeing: int
    checked: int
    source: str | None
    since: datetime | None
    until: datetime | None
    zone: str
    matrix: pd.DataFrame
    intents: pd.DataFrame
    load: pd.DataFrame
    undecided_reasons: pd.DataFrame
    listing: Listing = field(repr=False)

    @property
    def decided(self) -> int:
        return self.moved + self.unmoved

    @property
    def agreement(self) -> float | None:
        """Share (0-1) of the checked attempts that went as the base goes here; None without any."""
        return self.agreeing / self.checked if self.checked else None

    def moved_attempts(self, limit: int = 1000) -> pd.DataFrame:
        """The newest that would route differently, newest first; times are naive UTC.

        Columns: attempt_id, started_at, intent, from_queue_id, from_queue, to_queue_id, to_queue
        (tried first), from_rule, to_rule, changes, trace_before, trace_after (lists of lines).
        """
        return self.listing.moved_attempts(limit)

    def undecided_attempts(self, limit: int = 1000) -> pd.DataFrame:
        """The newest that cannot be decided: attempt_id, started_at, intent, reason."""
        return self.listing.undecided_attempts(limit)
