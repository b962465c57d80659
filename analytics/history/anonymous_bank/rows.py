"""Reading call files row by row, in SQL: what each row is, and why it cannot be used."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import duckdb

from connector.errors import DataFileError

ZONE = "Asia/Jerusalem"
COLUMNS = (
    "vru+line",
    "call_id",
    "customer_id",
    "priority",
    "type",
    "date",
    "vru_entry",
    "vru_exit",
    "vru_time",
    "q_start",
    "q_exit",
    "q_time",
    "outcome",
    "ser_start",
    "ser_exit",
    "ser_time",
    "server",
)
TYPES = {
    "PS": "regular",
    "PE": "regular in English",
    "IN": "internet support",
    "NE": "stock exchange",
    "NW": "prospective customer",
    "TT": "returned call",
    "AA": "AA",
}
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d:[0-5]\d"
# Column -> what a readable value looks like.
_READABLE = {
    "vru+line": r".+",
    "call_id": r"\d{1,15}",
    "customer_id": r"\d{1,15}(?:\.\d+)?(?:E\+\d{1,2})?",
    "priority": r"[012]",
    "type": "|".join(TYPES),
    "date": r"\d{6}",
    "vru_entry": _CLOCK,
    "vru_exit": _CLOCK,
    "vru_time": r"-?\d{1,9}",
    "q_start": _CLOCK,
    "q_exit": _CLOCK,
    "q_time": r"\d{1,9}",
    "outcome": "AGENT|HANG|PHANTOM",
    "ser_start": _CLOCK,
    "ser_exit": _CLOCK,
    "ser_time": r"-?\d{1,9}",
}
_PIECE = 1 << 23
# Four bytes that no text holds side by side: a line is then one column, whatever is in it.
_NEVER = "\x1f\x1e\x1d\x1c"


@dataclass(frozen=True)
class CallFiles:
    """Call files, and copies of them whose lines are sure to be lines of text."""

    files: Sequence[Path]
    copies: Sequence[Path]

    def malformed(self, cursor: duckdb.DuckDBPyConnection) -> list[tuple[str, int, str, str]]:
        """File, line (the header is line 1), reason and row of each row that cannot be read."""
        found: list[tuple[str, int, str, str]] = []
        for file, copy in zip(self.files, self.copies, strict=True):
            values = {"file": str(file), "paths": [str(copy)]}
            found += cursor.execute(_MALFORMED, values).fetchall()
        return found


@contextmanager
def read_rows(cursor: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> Iterator[CallFiles]:
    """Make the temporary table `bank_rows` and its view `bank_calls` from call files.

    `bank_rows`: kind (`malformed phantom left_before_queue call`) of each row and, of a call, what
    was read: seconds, naive UTC and local time. `bank_calls`: the calls. Blank lines are no rows.
    Raises DataFileError for a file that is missing, is not of this kind, or holds no rows.
    """
    with tempfile.TemporaryDirectory() as folder:
        copies = [Path(folder, f"{place}.txt") for place in range(len(files))]
        for file, copy in zip(files, copies, strict=True):
            _copy_clean(file, copy)
        read = CallFiles(files, copies)
        try:
            _read(cursor, read)
            yield read
        finally:
            cursor.execute("DROP VIEW IF EXISTS temp.main.bank_calls")
            cursor.execute("DROP TABLE IF EXISTS temp.main.bank_rows")


def _read(cursor: duckdb.DuckDBPyConnection, read: CallFiles) -> None:
    try:
        cursor.execute(_ROWS, {"paths": [str(copy) for copy in read.copies]})
    except duckdb.InvalidInputException as error:
        named = {str(copy): file for file, copy in zip(read.files, read.copies, strict=True)}
        where = next((file for copy, file in named.items() if copy in str(error)), None)
        found = re.search(r"on Line: (\d+)", str(error))
        line = int(found[1]) if found else None
        raise DataFileError("holds a line that is no text.", file=where, line=line) from None
    cursor.execute(
        "CREATE OR REPLACE TEMP VIEW bank_calls AS SELECT * FROM bank_rows WHERE kind = 'call'"
    )


def _copy_clean(file: Path, copy: Path) -> None:
    try:
        with file.open("rb") as source, copy.open("wb") as target:
            target.writelines(_clean(source))
    except OSError as error:
        raise DataFileError(f"cannot be read: {error.strerror}.", file=file) from None
    with copy.open("rb") as lines:
        header = lines.readline(10_000).decode().removeprefix("\ufeff")
        has_rows = any(line.strip() for line in lines)
    if tuple(name.strip() for name in header.split("\t")) != COLUMNS:
        raise DataFileError(
            "is not an Anonymous Bank file: its first line does not name the expected columns.",
            file=file,
            line=1,
            fix=f"The first line is, tab separated: {', '.join(COLUMNS)}.",
        )
    if not has_rows:
        raise DataFileError("holds no calls.", file=file, line=1, fix="Is it cut off?")


def _clean(source: BinaryIO) -> Iterator[bytes]:
    """The file in pieces of whole lines: every line end `\\n`, UTF-8 (U+FFFD for what is not)."""
    rest = b""
    old_mac = False
    while piece := source.read(_PIECE):
        old_mac = old_mac or (not rest and b"\n" not in piece and b"\r" in piece)
        if old_mac:
            piece = piece.replace(b"\r", b"\n")
        piece = rest + piece
        whole = piece.rfind(b"\n") + 1
        rest = piece[whole:]
        yield _clean_piece(piece[:whole])
    yield _clean_piece(rest)


def _clean_piece(piece: bytes) -> bytes:
    piece = piece.replace(b"\r\n", b"\n")
    return piece if piece.isascii() else piece.decode("utf-8", "replace").encode()


def _field(name: str) -> str:
    return f"fields[{COLUMNS.index(name) + 1}]"


def _unreadable(name: str) -> str:
    return f"WHEN NOT regexp_full_match({_field(name)}, '{_READABLE[name]}') THEN '{name}'"


# Nearly every row is readable, which one look at the whole of it tells; few have spaces to trim.
_WHOLE = r"\t".join(f"(?:{pattern})" for pattern in _READABLE.values()) + r"\t[^\t]*"
_DATE = f"try_strptime({_field('date')}, '%y%m%d')"

_LINES = f"""read_csv($paths, columns = {{'raw': 'VARCHAR'}}, delim = '{_NEVER}', quote = '',
    escape = '', comment = '', new_line = '\\n', header = false, skip = 1, auto_detect = false,
    compression = 'none')"""
_TRIMMED = f"""
    SELECT raw, trimmed, string_split(trimmed, chr(9)) AS fields
    FROM (
        SELECT raw, if(contains(raw, ' '), regexp_replace(trim(raw), ' *\\t *', chr(9), 'g'), raw)
            AS trimmed
        FROM {_LINES}
    )
"""
_REASON = f"""
    CASE
        WHEN regexp_full_match(trimmed, '{_WHOLE}') AND {_DATE} IS NOT NULL THEN NULL
        WHEN len(fields) <> {len(COLUMNS)}
            THEN len(fields) || ' fields where {len(COLUMNS)} are expected'
        ELSE CASE {" ".join(map(_unreadable, _READABLE))} ELSE 'date' END || ' cannot be read'
    END AS reason
"""

# A spreadsheet has rounded long customer ids to three digits (3.27E+11): the caller was identified,
# but nobody knows as whom, so such an id becomes no customer_id.
# The date is the day of vru_entry: an exit long before the entry was after midnight. (A machine's
# two clocks may differ by a minute or two, which is no reason to move a call by a day.)
_ROWS = f"""
CREATE OR REPLACE TEMP TABLE bank_rows AS
WITH checked AS (
    SELECT fields, {_REASON}
    FROM ({_TRIMMED})
    WHERE trimmed <> ''
),
read AS (
    SELECT CASE
            WHEN reason IS NOT NULL THEN 'malformed'
            WHEN {_field("outcome")} = 'PHANTOM' THEN 'phantom'
            WHEN {_field("outcome")} = 'HANG'
                AND {_field("q_start")} IN ('0:00:00', '00:00:00')
                THEN 'left_before_queue'
            ELSE 'call' END AS kind,
        concat_ws('-', {_field("vru+line")}, {_field("call_id")}, {_field("date")}) AS call,
        TRY_CAST({_field("customer_id")} AS DOUBLE) <> 0 AS identified,
        if(regexp_full_match({_field("customer_id")}, '\\d+'),
            nullif(TRY_CAST({_field("customer_id")} AS BIGINT), 0), NULL) AS customer_id,
        {_field("priority")} = '2' AS is_high,
        {_field("type")} AS type,
        CAST({_DATE} AS DATE) AS date,
        TRY_CAST({_field("vru_entry")} AS TIME) AS vru_entry,
        TRY_CAST({_field("vru_exit")} AS TIME) AS vru_exit,
        TRY_CAST({_field("q_time")} AS DOUBLE) AS wait_s,
        {_field("outcome")} = 'AGENT' AS answered,
        TRY_CAST({_field("ser_time")} AS DOUBLE) AS service_s,
        nullif(nullif({_field("server")}, 'NO_SERVER'), '') AS server
    FROM checked
),
asked AS (
    SELECT *,
        date + if(date_diff('second', vru_exit, vru_entry) > 12 * 3600, 1, 0) + vru_exit
            AS asked_local
    FROM read
),
-- Clocks change at full hours, so that what holds for an hour's beginning holds for all of it.
hours AS (
    SELECT hour, hour - timezone('UTC', timezone('{ZONE}', hour)) AS ahead
    FROM (SELECT DISTINCT date_trunc('hour', asked_local) AS hour FROM asked)
)
SELECT kind, call, identified, customer_id, is_high, type, wait_s, answered, server, asked_local,
    asked_local - ahead AS asked_at,
    if(answered AND service_s > 0, service_s, NULL) AS handle_s
FROM asked
LEFT JOIN hours ON hour = date_trunc('hour', asked_local)
"""

_MALFORMED = f"""
SELECT $file, line, reason, raw
FROM (
    SELECT line, raw, trimmed, {_REASON}
    FROM (SELECT 1 + row_number() OVER () AS line, * FROM ({_TRIMMED}))
)
WHERE reason IS NOT NULL AND trimmed <> ''
ORDER BY line
"""
