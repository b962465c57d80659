"""When the conversations of a replay start, how patient their customers are, how long they talk."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.commands.replay import Planned
from connector.errors import DataFileError
from connector.handoff import Handoff

EVERY = timedelta(seconds=20)
DAY_BEGINS, DAY_LASTS = timedelta(hours=9), timedelta(hours=8)
WEEK = timedelta(weeks=1)


def steady(handoffs: Sequence[Handoff], *, until: datetime, zone: str) -> list[Planned]:
    """One every 20 s of working days (9 to 17 in `zone`), the last of them on the day before.

    `until` and the starts are naive UTC. Nobody leaves; agents take as long as the sandbox draws.
    """
    a_day = DAY_LASTS // EVERY
    today = until.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
    first = today - timedelta(days=math.ceil(len(handoffs) / a_day))
    plan = []
    for number, handoff in enumerate(handoffs):
        day, place = divmod(number, a_day)
        midnight = datetime.combine(first + timedelta(days=day), datetime.min.time())
        plan.append(Planned(handoff, _utc(midnight + DAY_BEGINS + place * EVERY, zone)))
    return plan


def from_now_on(handoffs: Sequence[Handoff], *, now: datetime, every_s: float) -> list[Planned]:
    """One every `every_s` seconds, on a clock that others use as well."""
    return [
        Planned(handoff, now + timedelta(seconds=every_s * number))
        for number, handoff in enumerate(handoffs)
    ]


def by_calls(
    handoffs: Sequence[Handoff], file: Path, *, until: datetime, zone: str, seed: int
) -> list[Planned]:
    """Conversation k starts with the k-th call of `file` that asked for an agent.

    All are moved by the same number of whole weeks, so that weekday and time of day (of the call
    center there, of `zone` here) stay and the last start is the latest such moment not after
    `until` (naive UTC). The call's type gives the Kaplan-Meier curve of the customer's patience and
    the rows of the handle time; draws follow from `seed`. Raises DataFileError.
    """
    import numpy as np

    from analytics.history import anonymous_bank

    calls = anonymous_bank.calls(file)
    if len(calls.arrivals) < len(handoffs):
        raise DataFileError(
            f"holds {len(calls.arrivals):,} calls that asked for an agent; "
            f"{len(handoffs):,} are needed.",
            file=file,
            fix="Use --limit, or a longer file.",
        )
    used = calls.arrivals[: len(handoffs)]
    rng = np.random.default_rng(seed)
    moved = _moved([call.asked_local for call in used], until, zone)
    plan = []
    for handoff, call, starts_at in zip(handoffs, used, moved, strict=True):
        patience_s = calls.draw_patience_s(call.type, rng)
        handle_s = calls.draw_handle_s(call.type, rng)
        known = patience_s if math.isfinite(patience_s) else None
        plan.append(Planned(handoff, starts_at, known, handle_s))
    return plan


def _moved(local: Sequence[datetime], until: datetime, zone: str) -> list[datetime]:
    """Local times moved by whole weeks to just before `until`, as naive UTC."""
    here = until.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    weeks = (here - max(local)) // WEEK
    return [_utc(moment + weeks * WEEK, zone) for moment in local]


def _utc(local: datetime, zone: str) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
