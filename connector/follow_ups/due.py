"""By when somebody must have tried to reach the customer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from connector.policy import OpeningHours, Policy
from connector.policy.hours import wall_time
from connector.queues import QueueState
from connector.routing.prepared import prepared

DAYS_AHEAD = 60


def due_at(
    policy: Policy, queue: str | None, queue_id: str | None, since: datetime, *, hours: float
) -> datetime:
    """`since` plus so many hours in which the queue is open; moments are naive UTC.

    A queue the policy gives no opening hours is always open, and so is one that stays closed for
    sixty days.
    """
    length, opening = timedelta(hours=hours), None
    if queue is not None:
        opening = prepared(policy).opening_hours(queue, QueueState(queue_id or "", queue))
    due = _after_open(opening, since, length) if opening else None
    return due or since + length


def _after_open(hours: OpeningHours, since: datetime, left: timedelta) -> datetime | None:
    """The moment after `since` by which they have been open for `left`."""
    zone, at = ZoneInfo(hours.zone or "UTC"), since
    yesterday = wall_time(since, zone.key).date() - timedelta(days=1)
    for number in range(DAYS_AHEAD):
        day = yesterday + timedelta(days=number)
        for span in sorted(hours.spans(day), key=lambda span: span.opens):
            opens = max(at, _moment(day, span.opens, zone))
            closes = _moment(day, span.ends, zone)
            if opens + left <= closes:
                return opens + left
            if closes > opens:
                left, at = left - (closes - opens), closes
    return None


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """What clocks in `zone` call so many minutes after midnight, in naive UTC."""
    there = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minutes)
    return there.astimezone(UTC).replace(tzinfo=None)
