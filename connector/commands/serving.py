"""`handoff serve`: the HTTP service for bots, and the receiver of 8x8's events."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import urlsplit

import typer

from connector.commands.options import settings_of
from connector.commands.output import note
from connector.service import serve as run_service

DEFAULT_PORT = 8808


def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(help="The address to bind to; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="The port; 0 takes a free one.")
    ] = DEFAULT_PORT,
) -> None:
    """Serve bots over HTTP until stopped.

    Callers send a bearer token of HANDOFF_TOKENS unless the service is bound to loopback. The
    description for other languages is at /openapi.json.
    """
    settings = settings_of(context)
    if not settings.configured:
        note(
            "No tenant is configured, so handoffs are refused: connect one on the Connection "
            "page, or start `handoff sandbox` on this home. Either is taken over at once."
        )
    asyncio.run(run_service(settings, host, port, on_ready=lambda found: _ready(host, found)))


def _ready(host: str, address: str) -> None:
    """`address` is where this machine finds the service; others may find it elsewhere too."""
    every = {"0.0.0.0": "0.0.0.0", "::": "[::]"}.get(host.strip("[]"))
    if every is not None:
        port = urlsplit(address).port
        address = f"http://{every}:{port}, every address of this machine"
    print(f"The handoff service listens on {address}", flush=True)
