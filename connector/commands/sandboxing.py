"""`handoff sandbox`: a local 8x8 tenant to play with, to test on, to replay into."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from connector.clock import Clock
from connector.commands.options import AsJson, settings_of
from connector.commands.output import note, show
from connector.sandbox import Sandbox
from connector.sandbox.world import load_world


def sandbox(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="The port on 127.0.0.1; 0 takes a free one.")
    ] = 0,
    speed: Annotated[
        float, typer.Option(min=0.01, help="How many seconds of the world pass per second.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="The seed that decides every draw of the sandbox.")] = 1,
    world: Annotated[
        Path | None, typer.Option(help="The world file to use in place of the shipped one.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Keep chats short, and staff it day and night.")
    ] = False,
    play: Annotated[
        bool, typer.Option("--play", help="Play the agents yourself, on the sandbox's page.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run a local 8x8 tenant until it is stopped.

    Commands and services of the same home find it by themselves while no tenant is configured.
    """
    home = settings_of(context).home
    built = load_world(world)
    running = Sandbox(
        built.for_live() if live else built,
        port=port,
        clock=Clock.at_speed(speed),
        seed=seed,
        auto_agents=not play,
    )
    asyncio.run(_run(running, home, as_json))


async def _run(sandbox: Sandbox, home: Path, as_json: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with sandbox:
        sandbox.write_marker(home)
        found = {**sandbox.connection, "agent_page": f"{sandbox.base_url}/sandbox/"}
        try:
            show(found, as_json=as_json, words=lambda: _words(found))
            await stop.wait()
        finally:
            sandbox.remove_marker(home)
    note("The sandbox has ended.")


def _words(found: dict[str, str]) -> str:
    return (
        f"A sandbox tenant runs at {found['tenant_url']}\n"
        f"  API Key    {found['api_key']}\n"
        f"  Tenant ID  {found['tenant_id']}\n"
        f"  Agents     {found['agent_page']}"
    )
