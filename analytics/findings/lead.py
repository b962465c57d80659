"""The first sentences of a page: how it went, compared with before, and where most time out."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analytics import words
from analytics.findings.finding import Difference, Group, difference
from analytics.look import SMALL_N

MOST_OF_ALL = 0.3
"""Share of all timeouts from which on the queue that has most of them is named."""


def lead(now: pd.Series, before: pd.Series | None, period: str) -> str:
    """How many reached an agent, from two rows of counts (`before` may be missing)."""
    attempts, accepted = int(now["attempts"]), int(now["accepted"])
    if attempts < SMALL_N:
        noun = "escalation" if attempts == 1 else "escalations"
        return (
            f"**{accepted:,} of {attempts:,}** {noun} reached an agent: "
            f"too few yet for a rate to act on."
        )
    said = f"**{words.of_hundred(accepted / attempts)}** escalations reached an agent"
    if before is None or int(before["attempts"]) < SMALL_N:
        return f"{said}."
    change = difference(accepted, attempts, int(before["accepted"]), int(before["attempts"]))
    return f"{said}, {_compared(change, period)}."


def lead_of_queues(
    now: pd.Series, before: pd.Series | None, period: str, names: Sequence[str]
) -> str:
    """The same for some queues, from two rows of steps: how many offers reached an agent there."""
    offered, accepted = int(now["offered"]), int(now["accepted"])
    where = f"**{words.plain(words.listing(list(names)))}**"
    if offered < SMALL_N:
        return (
            f"**{accepted:,} of {words.these(offered, 'offer')}** to {where} reached an agent "
            f"there: too few yet for a rate to act on."
        )
    timeouts = words.of_hundred(int(now["step_timeout"]) / offered)
    said = (
        f"**{words.of_hundred(accepted / offered)}** offers to {where} reached an agent there; "
        f"{timeouts} ran out of time."
    )
    if before is None or int(before["offered"]) < SMALL_N:
        return said
    change = difference(accepted, offered, int(before["accepted"]), int(before["offered"]))
    return f"{said} Reached: {_compared(change, period)}."


def most_timeouts(queues: Sequence[Group]) -> str:
    """The queue that has most step timeouts (`lost`) of all, when that is a large part; else ""."""
    tried, lost = sum(queue.tried for queue in queues), sum(queue.lost for queue in queues)
    if len(queues) < 2 or lost < SMALL_N:
        return ""
    worst = max(queues, key=lambda queue: queue.lost)
    if worst.lost / lost < MOST_OF_ALL:
        return ""
    return (
        f"**{words.plain(worst.label)}** has {words.of_hundred(worst.lost / lost)} step timeouts "
        f"and {words.of_hundred(worst.tried / tried)} offers."
    )


def _compared(change: Difference, period: str) -> str:
    if not change.clear:
        return f"about as many as in the {period} before"
    direction = "more" if change.value > 0 else "fewer"
    return f"{100 * abs(change.value):.1f} points {direction} than in the {period} before"
