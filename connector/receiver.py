"""Where 8x8's webhook arrives when a connector receives it itself."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.eight import is_test_event
from connector.errors import LogError, SettingsError, SignatureRefused

if TYPE_CHECKING:
    from connector.escalation.connector import Connector

MOST_BYTES = 2_000_000


async def webhook(connector: Connector, request: Request) -> Response:
    """Answer one event: 204 when it is kept, 401 when it is not from 8x8, 404 off the path.

    503 asks 8x8 to send it again. The test event 8x8 sends while a webhook is made comes before
    its path is known here.
    """
    body = await request.body()
    if len(body) > MOST_BYTES:
        return Response(status_code=413)
    if is_test_event(body):
        return Response(status_code=204)
    if request.path_params["path"] != connector.settings.webhook_path.strip("/"):
        return Response(status_code=404)
    try:
        await connector.receive(body, request.headers)
    except SignatureRefused:
        return Response(status_code=401)
    except LogError:
        return Response(status_code=503)  # not kept: 8x8 sends it again
    return Response(status_code=204)


class Receiver:
    """A webhook receiver on an address of its own; port 0 takes a free one."""

    def __init__(self, connector: Connector, host: str, port: int) -> None:
        self._connector, self._host, self._port = connector, host, port

    async def start(self) -> str:
        """Listen and return the address. Raises SettingsError when the port is taken."""
        # With the protocol named asyncio turns Nagle's algorithm off, which costs 40 ms an answer.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((self._host, self._port))
        except OSError as error:
            self._socket.close()
            raise SettingsError(
                f"Cannot listen on {self._host}:{self._port}: {error.strerror}. Choose another."
            ) from None
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["POST"])])
        config = uvicorn.Config(
            app, log_config=None, lifespan="off", access_log=False, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._task = asyncio.create_task(self._serve())
        while not self._server.started and not self._task.done():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        host, port = self._socket.getsockname()[:2]
        return f"http://{host}:{port}"

    async def _serve(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await self._server._serve(sockets=[self._socket])

    async def stop(self) -> None:
        self._server.should_exit = True
        await self._task
        self._socket.close()

    async def _answer(self, request: Request) -> Response:
        return await webhook(self._connector, request)
