"""What `./run` starts: sandbox, service, live customers and dashboard, until Ctrl-C.

With a tenant of one's own connected there is no sandbox and no invented customer, only service
and dashboard.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from connector.clock import Clock
from connector.commands.output import note
from connector.commands.serving import DEFAULT_PORT
from connector.commands.tenant import is_running_sandbox
from connector.errors import HandoffError, LakeBusy, SettingsError
from connector.log.locks import locked
from connector.sandbox import Sandbox, World, load_world
from connector.sandbox.live import Live
from connector.service.server import running
from connector.settings import Settings

APP = Path(__file__).parents[2] / "app.py"
DASHBOARD_PORT = 8501
STARTING_S, ENDING_S, LOOK_S = 300.0, 5.0, 0.5


def main() -> None:
    """Run until SIGINT or SIGTERM; exit code 1 with a sentence when something cannot start."""
    try:
        asyncio.run(_run(Settings.load()))
    except HandoffError as error:
        note(str(error))
        sys.exit(1)


async def _run(settings: Settings) -> None:
    if is_running_sandbox(settings):
        raise SettingsError(
            f"A sandbox runs on {settings.home} already. End the other ./run first, or set "
            "HANDOFF_HOME to another folder."
        )
    stop = _stop_on_signal()
    with _dashboard(settings.home) as (address, dashboard):
        if settings.configured:
            note(f"Connected to {settings.api_base}: no sandbox, no invented customers.")
            async with running(settings, port=_port(DEFAULT_PORT)) as service:
                await _serve(stop, address, service, dashboard)
        else:
            async with _sandbox(settings) as world, _live(settings, world) as service:
                await _serve(stop, address, service, dashboard)
    note("Ended.")


async def _serve(
    stop: asyncio.Event, address: str, service: str, dashboard: subprocess.Popen[bytes]
) -> None:
    await _answering(address, dashboard)
    note(f"\n  Dashboard  {address}\n  Service    {service}\n\nCtrl-C ends everything.")
    while not stop.is_set() and dashboard.poll() is None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1.0)
    if dashboard.poll() is not None:
        raise SettingsError("The dashboard ended by itself; its last lines say why.")


@contextlib.asynccontextmanager
async def _sandbox(settings: Settings) -> AsyncIterator[World]:
    """History first, so that the page opens with data, then the tenant that goes on from there."""
    written = await asyncio.to_thread(_history, settings)
    if written:
        note(f"{written:,} attempts of demonstration history.")
    world = load_world().for_live()
    async with Sandbox(world, clock=Clock()) as sandbox:
        sandbox.write_marker(settings.home)
        try:
            yield world
        finally:
            sandbox.remove_marker(settings.home)


def _history(settings: Settings) -> int:
    from analytics.history.demo import write_history

    note("Preparing four weeks of demonstration history.")
    return write_history(settings)


@contextlib.asynccontextmanager
async def _live(settings: Settings, world: World) -> AsyncIterator[str]:
    """The service with customers coming in; yields its address."""
    home = settings.home
    async with running(Settings.load(home), port=_port(DEFAULT_PORT)) as service:
        customers = asyncio.create_task(_customers(home, service, world))
        try:
            yield service
        finally:
            customers.cancel()
            await asyncio.gather(customers, return_exceptions=True)


async def _customers(home: Path, service: str, world: World) -> None:
    """Invented customers, for as long as the tenant is the sandbox and not one second longer."""
    live = asyncio.create_task(Live(service, world).run(world.live.per_minute))
    try:
        while is_running_sandbox(Settings.load(home)) and not live.done():  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)
        note("A tenant was connected: the invented customers have stopped.")
    finally:
        live.cancel()
        await asyncio.gather(live, return_exceptions=True)


@contextlib.contextmanager
def _dashboard(home: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with _own_port(DASHBOARD_PORT) as port, _served(home, port) as process:
        yield f"http://127.0.0.1:{port}", process


@contextlib.contextmanager
def _own_port(wanted: int) -> Iterator[int]:
    """A port that no other `./run` of this user takes before the dashboard has got round to it."""
    name = f"handoff-{os.getuid()}-{wanted}.lock"
    try:
        with locked(Path(tempfile.gettempdir(), name), wait_s=0):
            yield _port(wanted)
    except LakeBusy:
        yield _port(0)


@contextlib.contextmanager
def _served(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "connector.commands.dashboard", str(APP)]
    options = ["--server.port", str(port), "--server.headless", "true"]
    process = subprocess.Popen(
        [*command, *options],
        env={**os.environ, "HANDOFF_HOME": str(home.resolve())},
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches us alone, and we end it
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _answering(address: str, dashboard: subprocess.Popen[bytes]) -> None:
    """Return once the dashboard answers. Raises SettingsError when it ends, or takes too long."""
    latest = time.monotonic() + STARTING_S
    while time.monotonic() < latest:
        if dashboard.poll() is not None:
            raise SettingsError("The dashboard could not start; its last lines say why.")
        if await asyncio.to_thread(_answers, f"{address}/_stcore/health"):
            return
        await asyncio.sleep(0.2)
    raise SettingsError(f"The dashboard did not answer within {STARTING_S:.0f} s. Start again.")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _port(wanted: int) -> int:
    """The wanted port, or a free one when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stop_on_signal() -> asyncio.Event:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


if __name__ == "__main__":
    main()
