"""`handoff audit`: who changed what, when, with the values before and after."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from connector import audit as audits
from connector.access import local_actor
from connector.commands.home import opened
from connector.commands.options import AsJson, settings_of
from connector.commands.output import Format, show_rows
from connector.publishing import current

COLUMNS = ("happened_at", "actor", "action", "subject", "before", "after", "note")


def audit(
    context: typer.Context,
    since: Annotated[str | None, typer.Option(help="From: 2026-11-24 or 2026-11-24T18:00.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    as_json: AsJson = False,
) -> None:
    """List who changed what, newest first, with the values before and after.

    `happened_at` is UTC; --since without an offset is in the center's zone.
    """
    from analytics.metrics.filters import moment

    form = Format.JSON if as_json else form
    with opened(settings_of(context)) as home:
        start = moment(since, current(home.lake).zone) if since else None
        entries = audits.read(home.lake, local_actor(), since=start)
    rows = [asdict(entry) for entry in entries]
    show_rows(COLUMNS, rows if form is Format.JSON else map(_in_cells, rows), form)


def _in_cells(row: dict[str, Any]) -> dict[str, Any]:
    """Values as JSON text, where a row has cells and not objects."""
    texts = {name: json.dumps(row[name], ensure_ascii=False) for name in ("before", "after")}
    return row | texts
