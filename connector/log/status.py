"""What the status line of every page says of a home."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connector.clock import Clock
from connector.log import inbox
from connector.log.home import ledger_path
from connector.log.journals import Journal, journals
from connector.log.ledger_file import LedgerFile
from connector.log.offsets import Offset, mirrored
from connector.log.rows import parse
from connector.settings import Settings, running_sandbox

READ_BYTES = 4_000_000


@dataclass(frozen=True)
class HomeStatus:
    """`data_until` and `checked_at` are naive UTC world time.

    Everything before `data_until` is in the lake; null when nothing was ever flushed there.
    `connectors` counts living processes, `outbox_waiting` entries that are not in the lake yet,
    `eight_ok` is null when no living process has asked 8x8.
    """

    data_until: datetime | None
    connectors: int
    eight_ok: bool | None
    eight_detail: str | None
    outbox_waiting: int
    checked_at: datetime
    receiver_alive: bool


def home_status(settings: Settings) -> HomeStatus:
    """The state of a home right now, without opening the lake; empty for a home not yet made."""
    path = settings.home.resolve()
    now = _world_clock(settings).now()
    present, flushed = _ledger_says(ledger_path(path))
    waiting = [
        moment
        for journal in journals(path / "outbox")
        for moment in _waiting(journal, flushed.get(journal.instance, Offset()))
    ]
    asked = next((it for it in present if it.eight_ok is not None), None)
    return HomeStatus(
        data_until=_data_until(now, bool(present), waiting, flushed),
        connectors=len(present),
        eight_ok=asked.eight_ok if asked else None,
        eight_detail=asked.eight_detail if asked else None,
        outbox_waiting=len(waiting),
        checked_at=now,
        receiver_alive=any(it.receiver for it in present),
    )


def _world_clock(settings: Settings) -> Clock:
    """The clock of the sandbox that runs on this home, else UTC now."""
    sandbox = running_sandbox(settings.home) if settings.is_loopback else None
    return Clock(sandbox.anchor) if sandbox else Clock()


def _ledger_says(path: Path) -> tuple[list[inbox.Presence], dict[str, Offset]]:
    if not path.exists():
        return [], {}
    try:
        with LedgerFile(path, busy_s=1.0) as file:
            return file.read(lambda con: inbox.presences(con, 5.0)), file.read(mirrored)
    except (sqlite3.Error, OSError):
        return [], {}


def _waiting(journal: Journal, offset: Offset) -> Iterator[datetime]:
    """The moments of entries that are not in the lake yet."""
    if journal.size() <= offset.flushed_to:
        return
    for at, line in journal.read(offset.flushed_to, READ_BYTES).lines:
        if (entry := parse(line, f"{journal.path.name} at byte {at}")) is not None:
            yield datetime.fromisoformat(entry["at"])


def _data_until(
    now: datetime, alive: bool, waiting: list[datetime], flushed: Mapping[str, Offset]
) -> datetime | None:
    if waiting:
        return min(waiting)
    if alive:
        return now
    return max((it.last_at for it in flushed.values() if it.last_at), default=None)
