"""The door of the API: key and tenant are checked here, and faults on demand happen here."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio import BaseTransport, Transport
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from connector.sandbox.faults import Fault, Faults, RequestKind
from connector.sandbox.problems import Problem, Shape, key_refused, wrong_tenant
from connector.sandbox.signing import CUSTOMER_ID

Endpoint = Callable[[Request], Awaitable[Response]]
Shapes = Mapping[int, Shape]
GATEWAY = "Chat Gateway"
# Which statuses carry plain strings in `errors`; all others carry objects.
RESOURCE: Shapes = {403: "strings", 404: "strings"}
LISTED: Shapes = {403: "strings"}
OBJECTS: Shapes = {}


class Connections:
    """Open connections by peer, so that one can be closed in the middle of a request."""

    def __init__(self) -> None:
        self._open: dict[Any, Transport] = {}

    def protocol(self) -> type[H11Protocol]:
        """A server protocol that registers its connections here."""
        opened = self._open

        class Registered(H11Protocol):
            def connection_made(self, transport: BaseTransport) -> None:
                assert isinstance(transport, Transport)
                super().connection_made(transport)
                opened[self.client] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                opened.pop(self.client, None)
                super().connection_lost(exc)

        return Registered

    async def drop(self, request: Request) -> Response:
        """Close the request's connection without an answer; what is returned goes nowhere."""
        transport = self._open.get(request.scope["client"])
        if transport is not None:
            transport.abort()
        while (await request.receive())["type"] != "http.disconnect":
            continue
        return Response()


class Door:
    """Wraps each operation of the API."""

    def __init__(self, api_key: str, tenant_id: str) -> None:
        self.faults = Faults()
        self.connections = Connections()
        self.closing = asyncio.Event()
        self._api_key, self._tenant_id = api_key, tenant_id

    def route(
        self,
        method: str,
        path: str,
        endpoint: Endpoint,
        kind: RequestKind,
        *,
        shapes: Shapes = RESOURCE,
        product: str = GATEWAY,
        needs_key: bool = True,
    ) -> Route:
        async def answer(request: Request) -> Response:
            fault = self.faults.take(kind)
            try:
                if needs_key:
                    self._check(request)
                if fault is None:
                    return await endpoint(request)
                return await self._go_wrong(fault, product, request, endpoint)
            except Problem as problem:
                return problem.answer(shapes.get(problem.status, "objects"))

        return Route(path, answer, methods=[method])

    def _check(self, request: Request) -> None:
        """The tenant header may be left out by a customer with one tenant, as here."""
        if request.headers.get("x-api-key") != self._api_key:
            raise key_refused()
        tenant = request.headers.get("x-8x8-tenant")
        if tenant is not None and tenant != self._tenant_id:
            raise wrong_tenant(CUSTOMER_ID)

    async def _go_wrong(
        self, fault: Fault, product: str, request: Request, endpoint: Endpoint
    ) -> Response:
        answer = await endpoint(request) if fault.works_first else None
        if fault.kind == "slow":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.closing.wait(), fault.seconds)
            return answer or await endpoint(request)
        if fault.drops:
            return await self.connections.drop(request)
        raise fault.problem(CUSTOMER_ID, product)
