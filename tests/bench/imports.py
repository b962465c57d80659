"""What an import costs: `python -m tests.bench.imports --json`.

The calls of January are copied over the months of a year, each copy with phone lines of its own,
until there are `--rows` of them, and imported into a new home; then they are reported on.

`rows_per_s`: rows read, checked and logged per second; `again_s`: seconds to find that all of them
are there already; `queue_ms`, `step_ms`, `hour_ms`, `month_ms`: milliseconds (median of five) of
the report over everything by queue, by offered queue, by hour, and over one month by queue.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb

from analytics.history.anonymous_bank import import_files
from analytics.metrics import Filters, report
from connector.log import open_home
from connector.settings import Settings

JANUARY = Path(__file__).parents[3] / "shared" / "data" / "anonymous-bank-1999-01.txt"
ROWS = 1_000_000


def copies(month: Path, rows: int, target: Path) -> None:
    """Write at least `rows` rows in the form of `month`."""
    with month.open("rb") as lines:
        calls = sum(1 for _ in lines) - 1
    with duckdb.connect() as con:
        con.execute(
            """
            COPY (
                WITH month AS (
                    FROM read_csv($month, delim = '\t', header = true, all_varchar = true)
                )
                SELECT * EXCLUDE (copy) REPLACE (
                    chr(CAST(65 + copy // 12 AS INTEGER)) || substr("vru+line", 2) AS "vru+line",
                    strftime(strptime(date, '%y%m%d') + to_months(copy % 12), '%y%m%d') AS date
                )
                FROM month, range($copies) AS copies (copy)
                ORDER BY copy
            ) TO $target (FORMAT csv, DELIMITER '\t', HEADER, QUOTE '')
            """,
            {"month": str(month), "copies": -(-rows // calls), "target": str(target)},
        )


def measure(month: Path, rows: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "calls.txt")
        copies(month, rows, file)
        home = open_home(Settings(home=Path(folder, "home")))
        started = time.perf_counter()
        first = import_files(home, [file])
        imported_s = time.perf_counter() - started
        again = import_files(home, [file])
        again_s = time.perf_counter() - started - imported_s
        assert (again.imported, first.malformed, first.already_present) == (0, 0, 0)
        con = home.lake.cursor()
        june = Filters(datetime(1999, 6, 1), datetime(1999, 7, 1))
        found = {
            "rows": first.rows,
            "imported": first.imported,
            "seconds": round(imported_s, 2),
            "rows_per_s": round(first.rows / imported_s),
            "again_s": round(again_s, 2),
            "queue_ms": _milliseconds(lambda: report(con, by="queue")),
            "step_ms": _milliseconds(lambda: report(con, by="offered_queue")),
            "hour_ms": _milliseconds(lambda: report(con, by="hour", zone="Asia/Jerusalem")),
            "month_ms": _milliseconds(lambda: report(con, by="queue", filters=june)),
        }
        home.lake.close()
    return found


def _milliseconds(work: Callable[[], object]) -> float:
    def once() -> float:
        started = time.perf_counter()
        work()
        return 1000 * (time.perf_counter() - started)

    once()
    return round(statistics.median(once() for _ in range(5)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--month", type=Path, default=JANUARY)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not given.month.exists():
        sys.exit(f"The calls of January are not here: expected {given.month}.")
    found = measure(given.month, given.rows)
    if given.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:<12} {value:>12,}")


if __name__ == "__main__":
    main()
