"""`handoff connect`: the webhook and the Chat API channel in 8x8."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

import typer

from connector.access import local_actor
from connector.commands.home import opened, policy_of
from connector.commands.options import AsJson, settings_of
from connector.commands.output import note, show
from connector.commands.tenant import tenant
from connector.connection import apply_setup, change_connection, plan_setup
from connector.eight import Eight
from connector.errors import SettingsError
from connector.service.server import service_address
from connector.settings import Settings


def connect(
    context: typer.Context,
    apply: Annotated[
        bool, typer.Option("--apply", help="Do it; without this it is only shown.")
    ] = False,
    public_url: Annotated[
        str | None, typer.Option(help="The address at which 8x8 reaches the service; it is saved.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create or re-use webhook and Chat API channel in 8x8; doing it again changes nothing."""
    settings = settings_of(context)
    if public_url is not None:
        settings = settings.model_copy(update={"public_url": public_url})
    steps, saved = asyncio.run(_connect(settings, apply))
    body = {"steps": [asdict(step) for step in steps], "applied": apply, "saved": saved}
    show(body, as_json=as_json, words=lambda: "\n".join(str(step) for step in steps))
    if not apply:
        note("Nothing was changed. Add --apply to do it.")


async def _connect(settings: Settings, apply: bool) -> tuple[list[Any], dict[str, Any]]:
    policy = await asyncio.to_thread(policy_of, settings)
    if not settings.configured:
        return await _try_out(settings, apply)
    if settings.public_url is None and settings.is_loopback:
        # A sandbox reaches the service on this machine without a public address.
        settings = settings.model_copy(update={"public_url": service_address(settings.home)})
        if apply and settings.public_url is None:
            raise SettingsError(
                "No service runs on this home to receive the sandbox's events: start "
                "`handoff serve` first. It sets up webhook and channel by itself."
            )
    async with Eight(settings.api_base, settings.api_key, settings.tenant_id) as eight:
        steps = await plan_setup(eight, settings, policy)
        if not apply:
            return steps, {}
        done = await apply_setup(eight, settings, policy, actor=local_actor())
    if settings.public_url is not None and not settings.is_loopback:
        done["public_url"] = settings.public_url
    await asyncio.to_thread(_save, settings, done)
    return steps, done


def _save(settings: Settings, done: dict[str, Any]) -> None:
    with opened(settings) as home:
        change_connection(home, done, actor=local_actor())


async def _try_out(settings: Settings, apply: bool) -> tuple[list[Any], dict[str, Any]]:
    """On a sandbox that ends with the command; there is nothing to keep of it."""
    async with tenant(settings) as place, place.connector() as connector:
        found, policy = connector.settings, connector.policy
        found = found.model_copy(update={"public_url": connector.receiver_url})
        async with Eight(found.api_base, found.api_key, found.tenant_id) as eight:
            steps = await plan_setup(eight, found, policy)
            if apply:
                await apply_setup(eight, found, policy, actor=local_actor())
                note("Nothing is saved: the sandbox ends with this command.")
            return steps, {}
