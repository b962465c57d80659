"""What commands print: results on stdout, everything else on stderr."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table


class Format(StrEnum):
    """How a list of rows is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def note(text: str) -> None:
    """Say something beside the result."""
    print(text, file=sys.stderr, flush=True)


def show(value: Any, *, as_json: bool, words: Callable[[], str]) -> None:
    """One result: as JSON, or in `words`."""
    print(to_json(value) if as_json else words(), flush=True)


def show_rows(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], form: Format) -> None:
    """Rows as a table, as CSV, or as a JSON list of objects with exactly `columns`."""
    cells = [{name: plain(row.get(name)) for name in columns} for row in rows]
    match form:
        case Format.JSON:
            print(to_json(cells), flush=True)
        case Format.CSV:
            sys.stdout.write(_csv(columns, cells))
        case Format.TABLE:
            _print_table(columns, cells)


def to_json(value: Any) -> str:
    """One JSON value; undefined numbers are null, moments are UTC."""
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False, indent=2)


def plain(value: Any) -> Any:
    """`value` in the words of JSON; NaN, NaT and NA are null."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Iterable):
        return [plain(part) for part in value]
    return _scalar(value)


def _moment(value: datetime) -> str | None:
    if value != value:  # NaT is a datetime that equals nothing
        return None
    return value.isoformat() + ("" if value.tzinfo else "Z")


def _scalar(value: Any) -> Any:
    """Numbers of numpy and pandas; pandas' NA has no truth value and no number."""
    if hasattr(value, "item"):
        return plain(value.item())
    text = str(value)
    return None if text in {"<NA>", "NaT"} else text


def _csv(columns: Sequence[str], rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _print_table(columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        number = any(isinstance(row[name], (int, float)) for row in rows)
        table.add_column(name, justify="right" if number else "left", no_wrap=number)
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in columns))
    width = None if sys.stdout.isatty() else 240
    Console(file=sys.stdout, width=width, highlight=False, markup=False).print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value)
