"""The rows of a mapping file, each with its place, so that a mistake can be found. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connector.errors import PolicyError

COLUMNS = (
    "rule",
    "intents",
    "queue",
    "timeout_s",
    "then",
    "skill",
    "priority",
    "if_nobody",
    "text",
)


@dataclass(frozen=True)
class Row:
    """One line of the file; `cells` has each of the columns."""

    file: Path | None
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def parts(self, column: str) -> list[str]:
        """What a cell lists, separated by semicolons."""
        return [part.strip() for part in self[column].split(";") if part.strip()]

    def mistake(self, column: str, message: str, fix: str) -> PolicyError:
        return PolicyError(message, file=self.file, line=self.line, field=column, fix=fix)

    def refused(self, error: ValidationError) -> PolicyError:
        """What the policy says against a rule made of this row."""
        problem = error.errors()[0]
        column = _column(problem["loc"])
        message = problem["msg"].removeprefix("Value error, ")
        return self.mistake(column, f"{message}.", f"Correct `{self.cells.get(column, '')}`.")


def read_rows(text: str, *, file: Path | None = None) -> list[Row]:
    """Raises PolicyError when it is no CSV, lacks a column, or a row has too few or many cells."""
    text = text.removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True)
    lines: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            lines.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise PolicyError(f"not readable as CSV: {error}.", file=file, line=line) from None
    (_, header), *rest = lines or [(1, [])]
    _check_header(header, file)
    return [_row(header, cells, file, line) for line, cells in rest if any(cells)]


def is_mapping(text: str) -> bool:
    """Whether a text is rather a mapping file than YAML: its first line names columns of one."""
    first = next((line for line in text.removeprefix("\ufeff").splitlines() if line.strip()), "")
    cells = first.split(_delimiter(first))
    named = {cell.strip(' "') for cell in cells} & set(COLUMNS)
    return "rule" in named or len(named) > 2


def _delimiter(text: str) -> str:
    """Spreadsheets of countries with a decimal comma part cells by semicolons, others by tabs."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _row(header: list[str], cells: list[str], file: Path | None, line: int) -> Row:
    if len(cells) != len(header):
        raise PolicyError(
            f"has {len(cells)} cells, not {len(header)}.",
            file=file,
            line=line,
            fix="Put quotes round a cell that holds the delimiter.",
        )
    return Row(file, line, dict(zip(header, cells, strict=True)))


def _check_header(header: list[str], file: Path | None) -> None:
    for name in COLUMNS:
        if header.count(name) != 1:
            raise PolicyError(
                "this column is missing." if name not in header else "this column is there twice.",
                file=file,
                line=1,
                field=name,
                fix=f"The first line names the columns: {','.join(COLUMNS)}.",
            )
    for name in header:
        if name not in COLUMNS:
            raise PolicyError(
                "there is no such column.", file=file, line=1, field=name, fix="Remove it."
            )


def _column(location: Sequence[Any]) -> str:
    """The column that a field of a rule is written in."""
    match list(location):
        case ["steps", 0, "timeout_s"]:
            return "timeout_s"
        case ["steps", 0, *_]:
            return "queue"
        case ["steps", *_]:
            return "then"
        case ["failure_path", "kind"]:
            return "if_nobody"
        case ["failure_path", *_]:
            return "text"
        case [field, *_] if field in COLUMNS:
            return str(field)
        case _:
            return "rule"
