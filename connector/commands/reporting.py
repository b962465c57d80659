"""`handoff report`: what became of the attempts, per group."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from connector.commands.home import policy_of
from connector.commands.options import AsJson, settings_of
from connector.commands.output import Format, note, show_rows
from connector.errors import SettingsError


class Group(StrEnum):
    """What attempts can be grouped by; steps are grouped by the queue they were offered to."""

    QUEUE = "queue"
    OFFERED_QUEUE = "offered_queue"
    INTENT = "intent"
    CATEGORY = "category"
    CHANNEL = "channel"
    PRIORITY = "priority"
    POLICY_VERSION = "policy_version"
    SOURCE = "source"
    DAY = "day"
    HOUR = "hour"


class Origin(StrEnum):
    """How an attempt came about."""

    LIVE = "live"
    TEST = "test"
    SANDBOX = "sandbox"
    DEMO = "demo"
    IMPORT = "import"


def report(
    context: typer.Context,
    by: Annotated[
        Group | None, typer.Option(help="What to group by; all in one row if not given.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Count from here: 2026-11-24 or 2026-11-24T18:00.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Count up to here, and not including it.")
    ] = None,
    source: Annotated[
        list[Origin] | None, typer.Option(help="Count attempts of this source; repeatable.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    as_json: AsJson = False,
) -> None:
    """Report outcomes, waits, handle times and context completeness.

    Times without an offset are in the center's zone. Unless a source is chosen, live attempts alone
    are counted as soon as there is one, else all but test.
    """
    import analytics
    from analytics.metrics.filters import Filters
    from analytics.metrics.frames import records
    from analytics.metrics.report import report as rows_of

    settings = settings_of(context)
    zone = policy_of(settings).zone
    chosen = Filters(
        since=moment_of(since, zone) if since else None,
        until=moment_of(until, zone) if until else None,
        source=tuple(one.value for one in source) if source else None,
    )
    with analytics.connect(settings.home) as con:
        filters = chosen.resolved(con)
        rows = rows_of(con, by=by.value if by else None, filters=filters, zone=zone)
    note(f"Counted: {', '.join(filters.source or ()) or 'nothing yet'}. Times in {zone}.")
    show_rows(list(rows.columns), records(rows), Format.JSON if as_json else form)


def moment_of(text: str, zone: str) -> datetime:
    """A point in time as naive UTC. Raises SettingsError."""
    from analytics.metrics.filters import moment

    try:
        return moment(text, zone)
    except OverflowError:
        raise SettingsError(f"`{text}` is out of reach of any calendar.") from None
