"""A follow-up as it stands, read from the lake: what is owed, to whom it fell, what was tried."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from connector.errors import NoSuchFollowUp
from connector.log.extensions import quoted

View = Literal["open", "overdue", "mine", "done", "all"]
Result = Literal["reached", "no_answer", "gave_up"]
Query = Callable[[str], list[tuple[Any, ...]]]
DONE_SHOWN = timedelta(days=90)
_STATE = """
    WITH told AS (
        SELECT
            follow_up_id,
            arg_max(owner, seq) FILTER (event = 'assigned') AS owner,
            count(*) FILTER (event = 'tried') AS tries,
            arg_max(result, seq) FILTER (result IS NOT NULL) AS last_result,
            arg_max(event, seq) FILTER (event IN ('done', 'reopened')) = 'done' AS is_done,
            max(happened_at) FILTER (event = 'done') AS done_at,
            max(seq) AS events
        FROM follow_up_events
        GROUP BY follow_up_id
    )
    SELECT
        follow_up_id, attempt_id, started_at, created_at, coalesce(due_at, created_at), kind,
        source, bot, conversation_id, link, intent, queue_id, queue, contact,
        owner, coalesce(tries, 0), last_result,
        CASE WHEN is_done THEN done_at END, coalesce(events, 0)
    FROM follow_ups
    LEFT JOIN told USING (follow_up_id)
"""


@dataclass(frozen=True)
class FollowUp:
    """Moments are naive UTC; `done_at` is null while it is open.

    `contact` is what became of it: `sealed`, `no_key`, `none` (the bot gave none), `lost` (with the
    process that served the attempt). `conversation_id` and `link` are of the bot.
    """

    follow_up_id: str
    attempt_id: str
    started_at: datetime
    created_at: datetime
    due_at: datetime
    kind: str
    source: str | None
    bot: str | None
    conversation_id: str | None
    link: str | None
    intent: str | None
    queue_id: str | None
    queue: str | None
    contact: str | None
    owner: str | None
    tries: int
    last_result: str | None
    done_at: datetime | None
    events: int

    @property
    def is_open(self) -> bool:
        return self.done_at is None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it is open after its due time."""
        return self.is_open and self.due_at < now


@dataclass(frozen=True)
class FollowUpEvent:
    """`event` is assigned (to `owner`), tried or done (with `result`), or reopened."""

    happened_at: datetime
    actor: str
    event: str
    owner: str | None
    result: str | None
    note: str | None


def list_follow_ups(
    query: Query,
    *,
    now: datetime,
    view: View = "open",
    owner: str | None = None,
    sources: Collection[str] | None = None,
) -> list[FollowUp]:
    """Follow-ups by due time, done ones last and the latest of these first.

    `mine` are the open ones of `owner`; of done ones those that came up in the last 90 days are
    listed. `sources` None is any.
    """
    recent = quoted(str(now - DONE_SHOWN))
    where = {
        "open": "NOT coalesce(is_done, false)",
        "overdue": f"NOT coalesce(is_done, false) AND due_at < {quoted(str(now))}",
        "mine": f"NOT coalesce(is_done, false) AND owner = {quoted(owner or '')}",
        "done": f"is_done AND created_at >= {recent}",
        "all": f"(NOT coalesce(is_done, false) OR created_at >= {recent})",
    }[view]
    if sources is not None:
        listed = ", ".join(quoted(name) for name in sorted(sources)) or "NULL"
        where += f" AND source IN ({listed})"
    rows = query(
        f"{_STATE} WHERE {where} ORDER BY coalesce(is_done, false), "
        "CASE WHEN is_done THEN NULL ELSE due_at END, done_at DESC, follow_up_id"
    )
    return [FollowUp(*row) for row in rows]


def read_follow_up(query: Query, follow_up_id: str) -> FollowUp:
    """Raises NoSuchFollowUp."""
    rows = query(f"{_STATE} WHERE follow_up_id = {quoted(follow_up_id)}")
    if not rows:
        raise NoSuchFollowUp(f"No follow-up is known under `{follow_up_id}`.")
    return FollowUp(*rows[0])


def mark(query: Query) -> tuple[int, int]:
    """Changes when a follow-up comes up or is worked on: what was read before is old then."""
    counts = "SELECT (SELECT count(*) FROM follow_ups), (SELECT count(*) FROM follow_up_events)"
    owed, events = query(counts)[0]
    return int(owed), int(events)


def read_events(query: Query, follow_up_id: str) -> list[FollowUpEvent]:
    """What was done about it, in order."""
    rows = query(
        "SELECT happened_at, actor, event, owner, result, note FROM follow_up_events"
        f" WHERE follow_up_id = {quoted(follow_up_id)} ORDER BY seq"
    )
    return [FollowUpEvent(*row) for row in rows]
