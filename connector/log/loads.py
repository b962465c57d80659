"""What one transaction moves into the lake: rows, and how far each journal comes with them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from duckdb import DuckDBPyConnection

from connector.errors import LogError
from connector.log.batches import Batch, Schema, insert_all, unfit
from connector.log.journals import Journal
from connector.log.lake import Lake
from connector.log.offsets import Offset, move
from connector.log.rows import Rows, add_rows

logger = logging.getLogger(__name__)
MOST_BYTES = 4_000_000


@dataclass
class Load:
    """Lines read from journals; `more` when some had to stay behind for the next load."""

    rows: Rows = field(default_factory=dict)
    moves: dict[str, tuple[Offset, Offset]] = field(default_factory=dict)
    more: bool = False

    @classmethod
    def read(cls, journals: Iterable[Journal], known: Mapping[str, Offset]) -> Load:
        """Whole lines after the known offsets, some 4 MB of them."""
        load, budget = cls(), MOST_BYTES
        for journal in journals:
            old = known.get(journal.instance, Offset())
            chunk = journal.read(old.flushed_to, budget)
            if chunk.lines:
                last_at = add_rows(load.rows, journal, chunk.lines) or old.last_at
                load.moves[journal.instance] = (old, Offset(chunk.end, last_at))
            budget -= chunk.end - old.flushed_to
            if chunk.more or budget <= 0:
                load.more = True
                break
        return load

    @property
    def size(self) -> int:
        """Rows in all tables."""
        return sum(len(rows) for rows in self.rows.values())

    def commit(self, lake: Lake, schema: Schema, folder: Path) -> None:
        """Insert the rows and move the offsets, together or not at all."""
        batches = [Batch.write(folder, schema, table, rows) for table, rows in self.rows.items()]
        try:
            self._commit(lake, batches)
        finally:
            for batch in batches:
                batch.discard()

    def _commit(self, lake: Lake, batches: Sequence[Batch]) -> None:
        def work(cursor: DuckDBPyConnection, *, lenient: bool) -> None:
            move(cursor, self.moves)
            insert_all(cursor, batches, lenient=lenient)

        try:
            lake.transaction(lambda cursor: work(cursor, lenient=False))
        except LogError as error:
            if not unfit(error):
                raise
            # One bad value must not hold up all that comes after it.
            logger.error("a value that fits no column is left out: %s", error)
            lake.transaction(lambda cursor: work(cursor, lenient=True))
