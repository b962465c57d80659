"""`handoff policy preview`: what a draft would have done with past attempts."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.commands.home import policy_of
from connector.commands.options import AsJson, settings_of
from connector.commands.output import Format, note, show, show_rows
from connector.commands.reporting import Origin, moment_of
from connector.commands.tenant_queues import queue_book
from connector.policy import load_policy
from connector.settings import clock_of

if TYPE_CHECKING:
    from analytics.preview import Preview

LISTED = 20
_FROM_LOG = "Queues are those of the log"
TABLES = {
    "matrix": "By the queue tried first:",
    "intents": "By intent:",
    "undecided_reasons": "Why attempts cannot be decided:",
}


def preview_draft(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The draft, in YAML.", metavar="FILE")],
    days: Annotated[float, typer.Option(min=0.01, help="Count back so many days.")] = 28.0,
    since: Annotated[
        str | None, typer.Option(help="Count from here instead: 2026-11-24 or 2026-11-24T18:00.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Count up to here, and not including it; now if not given.")
    ] = None,
    source: Annotated[Origin | None, typer.Option(help="Count attempts of this source.")] = None,
    limit: Annotated[
        int, typer.Option(min=0, max=100_000, help="List so many of the attempts that move.")
    ] = LISTED,
    as_json: AsJson = False,
) -> None:
    """Route past attempts by a draft and by the current policy, and tell what differs.

    Queues are as they were recorded at the time; an attempt whose needed inputs were not recorded
    is listed as one that cannot be decided. Nothing is published. Times without an offset are in
    the center's zone.
    """
    import analytics
    from analytics.metrics.filters import Filters
    from analytics.preview import preview, recorded_book

    settings, draft = settings_of(context), load_policy(file)
    base = policy_of(settings)
    end = moment_of(until, base.zone) if until else clock_of(settings).now()
    filters = Filters(
        since=moment_of(since, base.zone) if since else end - timedelta(days=days),
        until=end,
        source=(source.value,) if source else None,
    )
    with analytics.connect(settings.home) as con:
        book = asyncio.run(queue_book(settings, otherwise=_FROM_LOG)) or recorded_book(
            con, filters, mapping=settings.queue_map, default_queue=settings.default_queue
        )
        found = preview(con, base, draft, filters=filters, book=book)
    note(f"Counted: {found.source or 'nothing yet'}. Beside version {base.version}.")
    if as_json:
        show(_told(found, limit), as_json=True, words=str)
    else:
        _print(found, limit)


def _told(found: Preview, limit: int) -> dict[str, Any]:
    from analytics.metrics.frames import records

    numbers = (
        "attempts moved unmoved undecided overridden redirected emergency "
        "agreeing checked agreement source since until zone"
    )
    frames = {
        "matrix": found.matrix,
        "intents": found.intents,
        "load": found.load,
        "undecided_reasons": found.undecided_reasons,
        "moved_attempts": found.moved_attempts(limit),
        "undecided_attempts": found.undecided_attempts(limit),
    }
    told = {name: getattr(found, name) for name in numbers.split()}
    return told | {name: records(frame) for name, frame in frames.items()}


def _print(found: Preview, limit: int) -> None:
    from analytics.metrics.frames import records

    print(_sentence(found))
    for name, title in TABLES.items():
        frame = getattr(found, name)
        if len(frame):
            print(f"\n{title}")
            show_rows(list(frame.columns), records(frame), Format.TABLE)
    for row in records(found.moved_attempts(limit)):
        print(f"\n{row['started_at']} {row['attempt_id']}: {'; '.join(row['changes'])}")
        for side in ("before", "after"):
            print("\n".join(f"  {side:6}  {line}" for line in row[f"trace_{side}"]))


def _sentence(found: Preview) -> str:
    if not found.attempts:
        return "No attempts in this period."
    told = [
        f"{found.moved:,} of {found.attempts:,} attempts would route differently, "
        f"{found.redirected:,} of them to another queue first; {found.unmoved:,} would not.",
        f"{found.undecided:,} cannot be decided, {found.overridden:,} were overridden.",
    ]
    if found.agreement is not None:
        told.append(
            f"{found.agreement:.1%} of the {found.checked:,} attempts that could be checked "
            "tried first the queue that the current policy leads to here."
        )
    return "\n".join(told)
