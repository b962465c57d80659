"""Keeps the lake tidy: many small files become few, and what nobody needs any more goes."""

from __future__ import annotations

import logging
import os
import time

from connector.errors import LakeBusy
from connector.log import claims, inbox
from connector.log.home import Home
from connector.log.ledger_file import LedgerFile
from connector.log.locks import locked

logger = logging.getLogger(__name__)
EVERY_S = 300.0
CLAIMS_KEPT_S, INBOX_KEPT_S = 30 * 86_400.0, 86_400.0
# In this order, and never CHECKPOINT: it also rewrites files that readers may have open.
STATEMENTS = (
    "CALL ducklake_flush_inlined_data('lake')",
    "CALL ducklake_merge_adjacent_files('lake')",
    "SELECT count(*) FROM ducklake_expire_snapshots('lake', older_than => now() - INTERVAL 1 DAY)",
    "SELECT count(*) FROM ducklake_cleanup_old_files('lake',"
    " older_than => now() - INTERVAL 1 HOUR)",
    "SELECT count(*) FROM ducklake_delete_orphaned_files('lake',"
    " older_than => now() - INTERVAL 1 DAY)",
)


class Maintenance:
    """Runs `maintain` about every five minutes, in one process of the home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._stamp = home.path / "lake" / "maintenance.lock"
        self._next = time.monotonic() + EVERY_S

    def run_when_due(self) -> None:
        """Does nothing when another process does it, or did it lately."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_S
        try:
            with locked(self._stamp, wait_s=0.0) as stamp:
                if time.time() - os.fstat(stamp).st_mtime >= EVERY_S * 0.8:
                    os.utime(stamp)
                    maintain(self._home)
        except LakeBusy:
            return


def maintain(home: Home) -> None:
    """Flush inlined rows, merge, expire after a day, clean up after an hour; forget old claims.

    Safe beside readers, writers and other maintenance. Raises LogError.
    """
    for statement in STATEMENTS:
        home.lake.alone(statement)
    with LedgerFile(home.ledger_path) as file:
        file.write(lambda con: claims.forget(con, older_than_s=CLAIMS_KEPT_S))
        file.write(lambda con: inbox.forget_events(con, older_than_s=INBOX_KEPT_S))
        file.write(lambda con: inbox.forget_presences(con, older_than_s=INBOX_KEPT_S))
