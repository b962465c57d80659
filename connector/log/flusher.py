"""Moves journals into the lake: exactly once, in batches, whoever wrote them."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterable

from connector.errors import LakeBusy, LogError
from connector.log.adoption import Adoption, OpenAttempt
from connector.log.batches import Schema, schema
from connector.log.home import Home
from connector.log.journals import Journal, journals
from connector.log.loads import Load
from connector.log.locks import locked
from connector.log.maintenance import Maintenance
from connector.log.offsets import Offset, mirror, offsets

logger = logging.getLogger(__name__)
EVERY_S, WAIT_S = 1.0, 60.0


class Flusher:
    """Flushes all journals of a home, those of dead processes too.

    Of several flushers of a home one works at a time; the others find nothing left to do.
    """

    def __init__(self, home: Home, *, instance: str) -> None:
        self._home, self._instance = home, instance
        self._lock = home.outbox_path / "flush.lock"
        self._known: dict[str, Offset] = {}
        self._schema: Schema = {}
        self._looked: dict[str, int] = {}
        self._torn: set[str] = set()
        self._adoption = Adoption(home.ledger_path)
        self._looking = threading.Lock()
        self._maintenance = Maintenance(home)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Flush about every second, in a thread of its own."""
        self._thread = threading.Thread(target=self._run, name="flusher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread after a last flush. Raises LogError when that fails."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self.flush_now()

    def flush_now(self) -> int:
        """Move everything that is in the journals now; returns the rows added.

        Raises LakeBusy when another process flushes for a minute, LogError when the lake refuses.
        """
        with locked(self._lock, wait_s=WAIT_S) as lock:
            return self._flush(lock)

    def open_attempts_of_the_dead(self) -> list[OpenAttempt]:
        """Attempts started by processes that are gone, ended by none, taken over by none.

        To resolve one: append `adopted` to the own journal, then `Ledger.take_over`; whoever gets
        True goes on. Raises LogError.
        """
        with self._looking:
            dead = [it for it in journals(self._home.outbox_path) if self._is_dead(it)]
            try:
                return [attempt for it in dead for attempt in self._adoption.open_attempts(it)]
            except (sqlite3.Error, OSError) as error:
                raise LogError(f"Dead journals cannot be looked into: {error}.") from error

    def _run(self) -> None:
        while not self._stopping.wait(EVERY_S):
            try:
                self._flush_in_turn()
                self._maintenance.run_when_due()
            except LakeBusy:
                continue
            except (LogError, OSError, sqlite3.Error) as error:
                logger.error("journals not flushed, tried again in a second: %s", error)

    def _flush_in_turn(self) -> None:
        """Flush unless another process does, or just did."""
        with locked(self._lock, wait_s=0.0) as lock:
            if time.time() - os.fstat(lock).st_mtime >= EVERY_S * 0.8:
                self._flush(lock)

    def _flush(self, lock: int) -> int:
        os.utime(lock)
        found = journals(self._home.outbox_path)
        rows = 0
        if any(self._grown(journal) for journal in found):
            self._known |= offsets(self._home.lake, [it.instance for it in found])
            rows = self._move(found)
            mirror(self._home.ledger_path, self._known, found)
        self._bury(found)
        return rows

    def _grown(self, journal: Journal) -> bool:
        known = self._known.get(journal.instance, Offset()).flushed_to
        return journal.size() > max(known, self._looked.get(journal.instance, 0))

    def _move(self, found: list[Journal]) -> int:
        """Load after load until nothing is left; returns the rows moved."""
        self._schema = self._schema or schema(self._home.lake)
        # Sizes from before reading: a line finished meanwhile is seen as growth next time.
        sizes = {journal.instance: journal.size() for journal in found}
        rows, more = 0, True
        while more:
            load = Load.read(found, self._known)
            if load.moves:
                load.commit(self._home.lake, self._schema, self._home.outbox_path)
            self._known |= {name: new for name, (_, new) in load.moves.items()}
            rows, more = rows + load.size, load.more
        self._looked = sizes
        return rows

    def _bury(self, found: Iterable[Journal]) -> None:
        """Remove journals of the dead that are wholly in the lake and leave nothing open."""
        for journal in found:
            known = self._known.get(journal.instance, Offset())
            if not self._is_dead(journal) or journal.read(known.flushed_to, 1_000_000).lines:
                continue
            self._report_torn(journal, known.flushed_to)
            with self._looking:
                if self._adoption.open_attempts(journal):
                    continue
                journal.path.unlink(missing_ok=True)
                self._adoption.forget(journal)
                self._known.pop(journal.instance, None)

    def _report_torn(self, journal: Journal, whole: int) -> None:
        if (torn := journal.size() - whole) > 0 and journal.instance not in self._torn:
            self._torn.add(journal.instance)
            logger.warning("%s ends in a torn line of %d bytes: left out", journal.path.name, torn)

    def _is_dead(self, journal: Journal) -> bool:
        return not journal.owner_lives()
