"""`handoff export`: the tables of the attempt log as files."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from connector.commands.options import AsJson, settings_of
from connector.commands.output import Format, show_rows


class FileFormat(StrEnum):
    PARQUET = "parquet"
    CSV = "csv"


_DEFAULT = FileFormat.PARQUET


def export(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.", metavar="DIR")],
    form: Annotated[
        FileFormat, typer.Option("--format", help="Kind of file.")
    ] = FileFormat.PARQUET,
    as_json: AsJson = False,
) -> None:
    """Write every table of the attempt log to a folder, one file per table."""
    import analytics
    from analytics.export import export as write

    settings = settings_of(context)
    with analytics.connect(settings.home) as con:
        written = write(con, out, form.value)
    rows = [
        {"table": name, "rows": count, "file": str(out / f"{name}.{form.value}")}
        for name, count in written.items()
    ]
    show_rows(("table", "rows", "file"), rows, Format.JSON if as_json else Format.TABLE)
