"""The sandbox as a running server: a local 8x8 tenant on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from connector.clock import Clock
from connector.errors import SettingsError
from connector.sandbox.agenda import Agenda
from connector.sandbox.attachments import Attachments
from connector.sandbox.connecting import Connecting
from connector.sandbox.control import Control
from connector.sandbox.courier import Courier
from connector.sandbox.desk import Desk
from connector.sandbox.door import Door
from connector.sandbox.gateway import Gateway
from connector.sandbox.problems import not_found
from connector.sandbox.signing import signer
from connector.sandbox.statistics import Statistics
from connector.sandbox.tenant import Tenant
from connector.sandbox.world import World, load_world
from connector.settings import running_sandbox

HOST, API_KEY, TENANT_ID = "127.0.0.1", "sandbox-key", "sandbox"
MARKER = "sandbox.json"
LAST_ANSWERS_S = 1.0


class Sandbox:
    """A local 8x8 tenant, for `async with`, or for a plain `with`, which runs it in a thread.

    `port` 0 takes a free one. `world` is the shipped one by default; it has opening hours and
    shifts, so give `clock` a start within them, or use `world.around_the_clock()`. `seed` decides
    every draw. With `auto_agents=False` all agents are available, at any hour, and take nobody:
    whoever plays them accepts through `/sandbox/agent/…`.
    """

    def __init__(
        self,
        world: World | None = None,
        *,
        port: int = 0,
        clock: Clock | None = None,
        seed: int = 1,
        auto_agents: bool = True,
    ) -> None:
        self.world = world or load_world()
        self.clock = clock or Clock()
        self.api_key, self.tenant_id = API_KEY, TENANT_ID
        self._port, self._seed, self._auto_agents = port, seed, auto_agents
        self._socket: socket.socket | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self._port}"

    @property
    def connection(self) -> dict[str, str]:
        """What Settings needs to reach this tenant."""
        return {
            "api_key": self.api_key,
            "tenant_url": self.base_url,
            "tenant_id": self.tenant_id,
        }

    async def __aenter__(self) -> Self:
        """Raises SettingsError when the port is taken."""
        self._socket = self._listen()
        self._agenda = Agenda(self.clock)
        self._courier = Courier(self._agenda, signer(self.clock, self.tenant_id))
        self.tenant = Tenant(
            self.world,
            self.clock,
            self._agenda,
            self._courier,
            seed=self._seed,
            auto_agents=self._auto_agents,
        )
        self.door = Door(self.api_key, self.tenant_id)
        self._server = _Server(self._config())
        self._courier.start()
        serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        self._tasks = [serving, asyncio.create_task(self._agenda.run())]
        while not self._server.started and not serving.done():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        return self

    async def __aexit__(self, *_: object) -> None:
        serving, acting = self._tasks
        self.door.closing.set()
        self._server.leave.set()
        await serving
        acting.cancel()
        await asyncio.gather(acting, return_exceptions=True)
        await self._courier.stop()
        if self._socket is not None:
            self._socket.close()

    def __enter__(self) -> Self:
        started = threading.Event()
        failures: list[BaseException] = []
        self._thread = threading.Thread(
            target=self._run_in_thread, args=(started, failures), name="sandbox", daemon=True
        )
        self._thread.start()
        started.wait()
        if failures:
            self._thread.join()
            raise failures[0]
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._leave.set)
        if self._thread is not None:
            self._thread.join()

    def _run_in_thread(self, started: threading.Event, failures: list[BaseException]) -> None:
        async def stay() -> None:
            self._loop, self._leave = asyncio.get_running_loop(), asyncio.Event()
            async with self:
                started.set()
                await self._leave.wait()

        try:
            asyncio.run(stay())
        except BaseException as error:
            failures.append(error)
        finally:
            started.set()

    def write_marker(self, home: Path) -> None:
        """Let other processes find this sandbox: `settings.running_sandbox` reads the file.

        Raises SettingsError when another sandbox runs on this home.
        """
        other = running_sandbox(home)
        address = other.connection["tenant_url"] if other else self.base_url
        if other is not None and address != self.base_url and _listens(address):
            raise SettingsError(
                f"A sandbox runs on {home} already, at {address}. "
                "End it first, or choose another home."
            )
        anchor = self.clock.anchor
        clock = {"t0": anchor.t0.isoformat(), "wall0": anchor.wall0, "speed": anchor.speed}
        found = {"pid": os.getpid(), **self.connection, "clock": clock}
        home.mkdir(parents=True, exist_ok=True)
        draft = home / f".{MARKER}.{os.getpid()}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(found, file)
        draft.replace(home / MARKER)

    def remove_marker(self, home: Path) -> None:
        """Remove our marker; that of another sandbox stays."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            found = json.loads((home / MARKER).read_text())
            if (found["pid"], found["tenant_url"]) == (os.getpid(), self.base_url):
                (home / MARKER).unlink()

    def _listen(self) -> socket.socket:
        # asyncio turns Nagle's delay of 40 ms off only where the protocol is named.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, self._port))
        except OSError as error:
            listening.close()
            raise SettingsError(
                f"The sandbox cannot listen on {HOST}:{self._port}: {error.strerror}. "
                "Choose another port, or 0 for a free one."
            ) from None
        self._port = listening.getsockname()[1]
        return listening

    def _config(self) -> uvicorn.Config:
        routes = [
            *Gateway(self.tenant).routes(self.door),
            *Statistics(self.tenant).routes(self.door),
            *Connecting(self.tenant).routes(self.door),
            *Attachments(self.tenant).routes(self.door),
            *Control(self.tenant, self.door, self.tenant_id).routes(),
            *Desk(self.tenant).routes(),
        ]
        app = Starlette(routes=routes, exception_handlers={404: _nothing_here})
        return uvicorn.Config(
            app,
            http=self.door.connections.protocol(),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            backlog=4096,
            # Longer than any client keeps a connection, so that it is the client who closes it.
            timeout_keep_alive=75,
        )


def _listens(address: str) -> bool:
    """Whether anything answers there: a process id alone may be another's by now."""
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname or HOST, parts.port or 80), timeout=1).close()
    except OSError:
        return False
    return True


class _Server(uvicorn.Server):
    """Ends at once when told, not at the next tick: tests start hundreds of sandboxes."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.leave = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the program that runs the sandbox."""
        yield

    async def main_loop(self) -> None:
        await self.leave.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if tasks := self.server_state.tasks:
            await asyncio.wait(tasks, timeout=LAST_ANSWERS_S)
        await asyncio.sleep(0)


async def _nothing_here(request: Request, error: Exception) -> Response:
    return not_found("Path", request.url.path).answer("strings")
