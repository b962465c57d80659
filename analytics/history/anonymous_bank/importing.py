"""Calls as attempts in the log: source `import`, one queue per call type, nothing counted twice."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics.history.anonymous_bank.rows import TYPES, CallFiles, read_rows
from connector.log import Home, open_home
from connector.references import customer_ref
from connector.settings import Settings

_NAMESPACE = "anonymous-bank"


@dataclass(frozen=True)
class ImportReport:
    """What became of the rows; `rows` is the sum of all the others.

    `already_present` were imported before, or come twice in the files. `rejects_file` holds the
    malformed rows with file, line and reason (CSV); None when there are none.
    """

    rows: int
    imported: int
    already_present: int
    skipped: dict[str, int]
    malformed: int
    rejects_file: str | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def import_files(home: Home | Settings, files: Sequence[Path | str]) -> ImportReport:
    """Import call files into the log of a home, all of them or none.

    A call is known by line, call number and date, so that files may overlap and be imported again.
    Calls the machine recorded that were none (`phantom`) and callers who left the machine before
    they asked for an agent (`left_before_queue`) are skipped. Malformed rows are set aside.
    Raises DataFileError for a file that cannot be used, LogError when the log cannot be written.
    """
    if isinstance(home, Settings):
        opened = open_home(home)
        try:
            return import_files(opened, files)
        finally:
            opened.lake.close()
    cursor = home.lake.cursor()
    try:
        with read_rows(cursor, [Path(file) for file in files]) as read:
            return _import(home, cursor, read)
    finally:
        cursor.execute("DROP VIEW IF EXISTS temp.main.import_new")
        for name in ("import_customers", "import_calls", "import_present"):
            cursor.execute(f"DROP TABLE IF EXISTS temp.main.{name}")


def _import(home: Home, cursor: DuckDBPyConnection, read: CallFiles) -> ImportReport:
    counts = dict(cursor.execute("SELECT kind, count(*) FROM bank_rows GROUP BY kind").fetchall())
    malformed = counts.get("malformed", 0)
    rejects = _write_rejects(home.path, cursor, read) if malformed else None
    _hash_customers(home, cursor)
    cursor.execute(_CALLS)
    imported = home.lake.transaction(_insert_new)
    return ImportReport(
        rows=sum(counts.values()),
        imported=imported,
        already_present=counts.get("call", 0) - imported,
        skipped={kind: counts.get(kind, 0) for kind in ("phantom", "left_before_queue")},
        malformed=malformed,
        rejects_file=str(rejects) if rejects else None,
    )


def _write_rejects(home: Path, cursor: DuckDBPyConnection, read: CallFiles) -> Path:
    """One file per set of imported files, written again when they are imported again."""
    names = "\n".join(str(file.resolve()) for file in read.files)
    digest = hashlib.sha256(names.encode()).hexdigest()[:8]
    path = home / "rejects" / f"{read.files[0].stem}-{digest}.csv"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("file", "line", "reason", "row"))
        writer.writerows(read.malformed(cursor))
    draft.replace(path)
    return path


def _hash_customers(home: Home, cursor: DuckDBPyConnection) -> None:
    """Make `import_customers`: customer_id, customer_ref."""
    found = cursor.execute(
        "SELECT DISTINCT customer_id FROM bank_calls WHERE customer_id IS NOT NULL"
    ).fetchall()
    ids = [customer_id for (customer_id,) in found]
    refs = [customer_ref(f"{_NAMESPACE}:{known}", home.path, home.settings) for known in ids]
    table = pa.table(
        {"customer_id": pa.array(ids, pa.int64()), "customer_ref": pa.array(refs, pa.string())}
    )
    cursor.register("hashed_customers", table)
    try:
        cursor.execute("CREATE OR REPLACE TEMP TABLE import_customers AS FROM hashed_customers")
    finally:
        cursor.unregister("hashed_customers")


def _insert_new(cursor: DuckDBPyConnection) -> int:
    """Insert what the log does not hold yet; runs in one transaction, perhaps more than once."""
    cursor.execute(_PRESENT)
    cursor.execute(_NEW)
    imported = int(cursor.execute("SELECT count(*) FROM import_new").fetchall()[0][0])
    if imported:
        names = {"types": list(TYPES), "categories": list(TYPES.values())}
        cursor.execute(_INSERT_ATTEMPTS, names)
        cursor.execute(_INSERT_STEPS)
        cursor.execute(_INSERT_ENGAGEMENTS)
    return imported


# Each call once, in the order they asked, which is how the log is read. A call of the same known
# customer within 30 minutes is a new try of the one before.
_CALLS = f"""
CREATE OR REPLACE TEMP TABLE import_calls AS
WITH twice AS (
    SELECT call FROM bank_calls GROUP BY call HAVING count(*) > 1
),
once AS (
    FROM bank_calls ANTI JOIN twice USING (call)
    UNION ALL
    FROM bank_calls SEMI JOIN twice USING (call)
    QUALIFY row_number() OVER (PARTITION BY call ORDER BY asked_at, wait_s, answered) = 1
),
known AS (
    SELECT *, '{_NAMESPACE}-' || call AS attempt_id FROM once
),
retries AS (
    SELECT attempt_id, lag(attempt_id) OVER customer AS retry_of
    FROM known
    WHERE customer_id IS NOT NULL
    WINDOW customer AS (PARTITION BY customer_id ORDER BY asked_at, attempt_id)
    QUALIFY asked_at <= lag(asked_at) OVER customer + INTERVAL 30 MINUTE
)
SELECT attempt_id, retry_of, asked_at, wait_s, answered, handle_s, type, is_high, identified,
    customer_ref, if(answered, server, NULL) AS agent_id,
    asked_at + to_microseconds(CAST(wait_s * 1000000 AS BIGINT)) AS queue_left_at
FROM known
LEFT JOIN retries USING (attempt_id)
LEFT JOIN import_customers USING (customer_id)
ORDER BY asked_at
"""

_PRESENT = """
CREATE OR REPLACE TEMP TABLE import_present AS
SELECT attempt_id
FROM attempts
WHERE source = 'import'
  AND started_at >= (SELECT min(asked_at) FROM import_calls)
  AND started_at <= (SELECT max(asked_at) FROM import_calls)
"""

_NEW = """
CREATE OR REPLACE TEMP VIEW import_new AS
FROM import_calls ANTI JOIN import_present USING (attempt_id)
"""

_INSERT_ATTEMPTS = f"""
INSERT INTO attempts BY NAME
SELECT attempt_id,
    attempt_id AS handoff_id,
    retry_of,
    '{_NAMESPACE}' AS tenant,
    'vru' AS bot,
    'import' AS source,
    asked_at AS started_at,
    queue_left_at AS ended_at,
    'phone' AS channel,
    if(type = 'PE', 'en', 'he') AS language,
    type AS intent,
    $categories[list_position($types, type)] AS category,
    type AS rule,
    'rule' AS decided_by,
    type AS first_queue_id,
    type AS first_queue,
    type AS queue_id,
    type AS queue,
    [type] AS queues_tried,
    if(is_high, 'high', 'normal') AS priority,
    if(answered, 'accepted', 'abandoned') AS outcome,
    wait_s,
    0 AS http_requests,
    0 AS retries,
    agent_id,
    ['customer_id'] AS context_required,
    if(identified, ['customer_id'], []) AS context_present,
    CAST([] AS VARCHAR[]) AS context_cut,
    if(identified, 1.0, 0.0) AS completeness,
    customer_ref
FROM import_new
"""

_INSERT_STEPS = """
INSERT INTO attempt_steps BY NAME
SELECT attempt_id, asked_at AS started_at, 1 AS step, type AS queue_id, type AS queue,
    asked_at AS offered_at, queue_left_at AS left_at, wait_s,
    if(answered, 'accepted', 'abandoned') AS result
FROM import_new
"""

_INSERT_ENGAGEMENTS = """
INSERT INTO engagements BY NAME
SELECT attempt_id, asked_at AS started_at, queue_left_at AS accepted_at,
    queue_left_at + to_microseconds(CAST(handle_s * 1000000 AS BIGINT)) AS ended_at,
    agent_id, type AS queue_id, type AS queue, handle_s
FROM import_new
WHERE answered
"""
