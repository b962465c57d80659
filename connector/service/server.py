"""Runs the service: one process that serves bots, receives 8x8's events and flushes the journal."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import uvicorn

from connector.clock import Clock
from connector.errors import SettingsError
from connector.escalation import Connector
from connector.service.access import Access
from connector.service.app import Service, create_app
from connector.settings import Settings

MARKER = "service.json"
LOOPBACK = ("127.0.0.1", 0)
_GRACE_S = 3


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever runs us: the connector must end after the server."""
        yield


async def serve(
    settings: Settings,
    host: str,
    port: int,
    *,
    clock: Clock | None = None,
    on_ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve until SIGINT or SIGTERM. `on_ready` hears the address once handoffs are taken.

    Raises SettingsError when the port is taken, or when other machines could reach a service that
    has no token.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running(settings, host, port, clock=clock) as address:
        on_ready(address)
        await stop.wait()


@contextlib.asynccontextmanager
async def running(
    settings: Settings, host: str = "127.0.0.1", port: int = 0, *, clock: Clock | None = None
) -> AsyncIterator[str]:
    """A service while the block runs; yields its address. Port 0 takes a free one."""
    access = Access(host, settings.tokens)
    listener = _listen(host, port)
    address = _address(host, listener)
    connector = Connector(settings, clock=clock, kind="service", receiver_url=address)
    service = Service(connector, access)
    config = uvicorn.Config(
        create_app(service),
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        # The sandbox verifies the webhook while the connector sets it up: answer before that.
        while not server.started and not serving.done():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        async with connector:
            service.ready = True
            with _marked(connector.settings.home, address):
                try:
                    yield address
                finally:
                    service.ready = False
    finally:
        server.should_exit = True
        await serving
        listener.close()


def service_address(home: Path) -> str | None:
    """The address of the service that runs on this home, if any."""
    try:
        found = json.loads((home / MARKER).read_text())
        os.kill(int(found["pid"]), 0)
        return str(found["address"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def own_receiver(settings: Settings) -> tuple[str, int] | None:
    """Where a connector of these settings should listen for events itself, if anywhere.

    A sandbox whose events nobody receives yet can reach a receiver of ours; 8x8 cannot.
    """
    alone = settings.is_loopback and service_address(settings.home) is None
    return LOOPBACK if alone else None


@contextlib.contextmanager
def _marked(home: Path, address: str) -> Iterator[None]:
    marker = home / MARKER
    draft = home / f".{MARKER}.{os.getpid()}"
    draft.write_text(json.dumps({"pid": os.getpid(), "address": address}))
    draft.replace(marker)
    try:
        yield
    finally:
        if service_address(home) == address:
            marker.unlink(missing_ok=True)


def _listen(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, _, _, place = found[0]
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no possible host name"
        raise SettingsError(
            f"Cannot serve on {host}:{port}: {reason}. Choose another --host or --port."
        ) from None
    return listener


def _address(host: str, listener: socket.socket) -> str:
    """Where this machine finds the server, also when it is bound to every address."""
    port = listener.getsockname()[1]
    name = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host).strip("[]")
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
