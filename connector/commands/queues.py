"""`handoff queues`: the tenant's chat queues, as routing sees them now."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

import typer

from connector.commands.options import AsJson, settings_of
from connector.commands.output import Format, show_rows
from connector.commands.tenant import tenant
from connector.eight import Eight
from connector.settings import Settings

COLUMNS = (
    "id",
    "name",
    "available",
    "busy",
    "on_break",
    "post_process",
    "enabled",
    "waiting",
    "longest_wait_s",
)


def queues(
    context: typer.Context,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    as_json: AsJson = False,
) -> None:
    """List the tenant's chat queues with their agents and waiting customers."""
    rows = asyncio.run(_read(settings_of(context)))
    show_rows(COLUMNS, rows, Format.JSON if as_json else form)


async def _read(settings: Settings) -> list[dict[str, Any]]:
    async with tenant(settings) as place:
        found = place.settings
        async with Eight(found.api_base, found.api_key, found.tenant_id) as eight:
            return [asdict(state) for state in await eight.queue_states()]
