"""Whether a step is worth trying now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connector.policy import OpeningHours, SkipIf, SkipReason, is_open
from connector.queues import QueueState
from connector.routing.decision import PlannedStep


@dataclass(frozen=True)
class Skip:
    """Why a step is skipped: as the log counts it, and in words for the trace."""

    reason: SkipReason
    words: str


def skip_reason(step: PlannedStep, state: QueueState | None, now: datetime) -> SkipReason | None:
    """Why `step` is not worth trying at `now` (UTC); None when it is, or nothing is known."""
    skip = skip_of(step.skip_if, step.opening_hours, state, now)
    return skip.reason if skip else None


def skip_of(
    skip_if: SkipIf, hours: OpeningHours | None, state: QueueState | None, now: datetime
) -> Skip | None:
    """A queue is closed when its own opening hours say so, else when 8x8's schedule does."""
    if skip_if.closed and hours is not None and not is_open(hours, now):
        return Skip("closed", "closed by its opening hours")
    if state is None:
        return None
    if skip_if.closed and state.is_open is False:
        return Skip("closed", "closed by 8x8's schedule")
    if skip_if.no_agents and state.logged_in == 0:
        return Skip("nobody_logged_in", "nobody logged in")
    if skip_if.all_busy and state.available == 0:
        return Skip("all_busy", "all agents busy")
    return _too_long(skip_if, state)


def _too_long(skip_if: SkipIf, state: QueueState) -> Skip | None:
    """A queue that is too long keeps its agents busy, so that is how it counts."""
    most, longest = skip_if.waiting_over, skip_if.expected_wait_over_s
    if most is not None and state.waiting > most:
        return Skip("all_busy", f"{state.waiting} waiting, more than {most}")
    expected = state.expected_wait_s
    if longest is not None and expected is not None and expected > longest:
        return Skip("all_busy", f"expected wait {expected:.0f} s, more than {longest:g} s")
    return None
