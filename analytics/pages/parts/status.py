"""The status line of every page: how fresh the data is, who is alive, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from analytics import words
from connector.clock import Clock
from connector.log import HomeStatus

STALE_S = 15.0
"""Wall seconds an entry may take to the lake; the flusher moves them about each second."""
MANY_WAITING = 5_000


@dataclass(frozen=True)
class Said:
    """One part of the line; `bad` parts are drawn in the colour of loss."""

    text: str
    bad: bool = False


def status_line(
    status: HomeStatus,
    clock: Clock,
    zone: str,
    *,
    sandbox: bool,
    expected: bool = True,
    opened: bool = True,
    failing: int = 0,
) -> list[Said]:
    """The parts of the line. `zone` is the viewer's; `sandbox` says who answers for 8x8.

    `expected` says whether connectors ever wrote here: an import or a demonstration alone is never
    stale. `opened` says whether the log was looked into already, `failing` how many places do not
    take notifications.
    """
    age = clock.seconds_since(status.data_until) if status.data_until else None
    old = age is not None and clock.wall_seconds(age) > STALE_S
    dead = expected and status.connectors == 0
    silent = (
        [Said("notifications are not taken: look at handoff check", bad=True)] if failing else []
    )
    return [
        _data(status, clock, zone, old, bad=old and expected, opened=opened),
        _connectors(status.connectors, bad=dead),
        _eight(status, "Sandbox" if sandbox else "8x8", dead),
        _outbox(status.outbox_waiting, old),
        *silent,
    ]


def markdown(parts: list[Said]) -> str:
    """The line as small Markdown. A caption would fade what must be seen."""
    said = [f":red[**{part.text}**]" if part.bad else f":gray[{part.text}]" for part in parts]
    return f":small[{' :gray[·] '.join(said)}]"


def _data(
    status: HomeStatus, clock: Clock, zone: str, old: bool, *, bad: bool, opened: bool
) -> Said:
    if status.data_until is None:
        return Said("No data yet" if opened else "Opening the log")
    now = clock.now()
    said = f"Data up to {words.clock(status.data_until, zone, now=now)} ({zone})"
    if not old:
        return Said(said)
    age = timedelta(seconds=clock.seconds_since(status.data_until))
    return Said(f"{said}, {words.ago(age)}", bad=bad)


def _connectors(alive: int, *, bad: bool) -> Said:
    if alive == 0:
        return Said("no connector alive", bad=bad)
    return Said(f"{words.these(alive, 'connector')} alive")


def _eight(status: HomeStatus, name: str, dead: bool) -> Said:
    if dead:
        return Said(f"{name} unknown, nobody asks it", bad=True)
    if status.eight_ok is None:
        return Said(f"{name} not asked yet")
    if status.eight_ok:
        return Said(f"{name} reachable")
    detail = f": {words.plain(status.eight_detail)}" if status.eight_detail else ""
    return Said(f"{name} not reachable{detail}", bad=True)


def _outbox(waiting: int, stale: bool) -> Said:
    if waiting == 0:
        return Said("outbox empty")
    return Said(f"{waiting:,} waiting in the outbox", bad=stale or waiting > MANY_WAITING)
