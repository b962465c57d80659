"""`handoff import`: history of other systems into the attempt log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connector.commands.options import AsJson, settings_of
from connector.commands.output import plain, show

importing = typer.Typer(no_args_is_help=True, help="Import history of other systems.")


@importing.command("anonymous-bank")
def anonymous_bank(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Months of the data set.", metavar="FILE…")],
    as_json: AsJson = False,
) -> None:
    """Import calls of the Technion's Anonymous Bank; importing twice adds nothing.

    Malformed rows go to a rejects file with line number and reason.
    """
    from analytics.history.anonymous_bank import import_files

    report = import_files(settings_of(context), files)
    show(report, as_json=as_json, words=lambda: _words(plain(report)))


def _words(report: dict[str, object]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in report.items())
