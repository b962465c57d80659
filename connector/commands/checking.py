"""`handoff check`: does the connection work, and what to do where it does not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import typer

from connector.clock import utc_now
from connector.commands.home import policy_of
from connector.commands.options import AsJson, settings_of
from connector.commands.output import show
from connector.commands.tenant import Place, tenant
from connector.connection import Check, check_connection
from connector.follow_ups.check import check_follow_ups
from connector.policy import Policy
from connector.service.server import service_address
from connector.settings import Settings

RECENT = timedelta(days=7)
_SIGNS = {"ok": "ok     ", "warning": "warning", "failed": "FAILED "}


def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Test the connection step by step; exit code 1 when a step fails.

    With no tenant configured and no sandbox running, a sandbox of its own is tested.
    """
    checks = asyncio.run(_check(settings_of(context)))
    rows = [
        {"name": one.name, "ok": one.ok, "status": one.status}
        | {"detail": one.detail, "fix": one.fix or None}
        for one in checks
    ]
    show(rows, as_json=as_json, words=lambda: _words(checks))
    if not all(one.ok for one in checks):
        raise typer.Exit(1)


async def _check(settings: Settings) -> list[Check]:
    policy = await asyncio.to_thread(policy_of, settings)
    missing = await asyncio.to_thread(_recent_missing, settings)
    if settings.public_url is None and settings.is_loopback:
        # A sandbox reaches the service on this machine without a public address.
        settings = settings.model_copy(update={"public_url": service_address(settings.home)})
    async with tenant(settings) as place:
        if place.listen is None:
            checks = await check_connection(settings, policy, recent_missing=missing)
        else:
            checks = await _with_receiver(place, policy, missing)
    return [*checks, *check_follow_ups(settings, policy)]


async def _with_receiver(place: Place, policy: Policy, missing: list[str]) -> list[Check]:
    """In a sandbox whose events nobody receives yet, we do for as long as the test takes."""
    async with place.connector() as connector:
        reached = connector.settings.model_copy(update={"public_url": connector.receiver_url})
        return await check_connection(reached, policy, recent_missing=missing)


def _recent_missing(settings: Settings) -> list[str]:
    """Variables that handoffs of the last days sent and no agent got, since nobody marks them."""
    import analytics

    with analytics.connect(settings.home) as con:
        found = con.execute(
            """
            SELECT DISTINCT unnest(from_json(detail -> 'fields', '["VARCHAR"]')) AS name
            FROM attempt_events
            WHERE event = 'unmarked' AND started_at >= ?
            ORDER BY name
            """,
            [utc_now() - RECENT],
        ).fetchall()
    return [str(name) for (name,) in found]


def _words(checks: list[Check]) -> str:
    lines = []
    for one in checks:
        lines.append(f"{_SIGNS[one.status]} {one.name}: {one.detail}")
        if one.fix:
            lines.append(f"        {one.fix}")
    return "\n".join(lines)
