"""The service's web application: bot API, webhook receiver, health, metrics, description."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from connector.eight import is_test_event
from connector.errors import HandoffError
from connector.escalation import Connector
from connector.service.access import Access
from connector.service.bodies import read_body
from connector.service.description import description
from connector.service.figures import Figures
from connector.service.handoffs import PATH, HandoffRoutes
from connector.service.problems import on_bug, on_handoff_error, on_http_error

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
MOST_EVENT_BYTES = 2 * 1024 * 1024


class Service:
    """One connector behind HTTP; `ready` turns true once the connector has been entered."""

    def __init__(self, connector: Connector, access: Access) -> None:
        self._connector, self._access = connector, access
        self.ready = False
        self._registry = CollectorRegistry()
        self._registry.register(Figures(connector))

    def routes(self) -> list[Route]:
        """All routes; 8x8's webhook comes last, for its path may change while we run."""
        handoffs = HandoffRoutes(self._connector, self._access, lambda: self.ready)
        self._fixed = [
            *handoffs.routes(),
            Route("/healthz", self.health, methods=["GET"]),
            Route("/readyz", self.readiness, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
            Route("/openapi.json", self.openapi, methods=["GET"]),
        ]
        return [*self._fixed, Route("/{path:path}", self.webhook, methods=METHODS)]

    async def health(self, request: Request) -> Response:
        return JSONResponse({"ok": True})

    async def readiness(self, request: Request) -> Response:
        """200 when handoffs are taken; whether 8x8 answers is told, and does not turn bots away."""
        if not self.ready:
            return _not_ready("The service starts or ends.")
        if (lacking := self._connector.settings.lacking) is not None:
            return _not_ready(lacking)
        tenant, version = self._connector.station.tenant, self._connector.policy.version
        body = {"ready": True, "policy_version": version, "eight_ok": tenant.ok}
        return JSONResponse(body)

    async def metrics(self, request: Request) -> Response:
        self._access.check(request)
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)

    async def openapi(self, request: Request) -> Response:
        return JSONResponse(description())

    async def webhook(self, request: Request) -> Response:
        """One event of 8x8: 204 once it is kept, 401 when it is not from 8x8.

        The signature is the credential, so no token is asked for. The test event 8x8 sends while a
        webhook is made comes before its path is known here.
        """
        here = request.path_params["path"] == self._connector.settings.webhook_path.strip("/")
        if request.method != "POST":
            raise _wrong_method({"POST"}) if here else self._nothing_here(request)
        body = await read_body(request, MOST_EVENT_BYTES)
        if is_test_event(body):
            return Response(status_code=204)
        if not here:
            raise self._nothing_here(request)
        await self._connector.receive(body, request.headers)
        return Response(status_code=204)

    def _nothing_here(self, request: Request) -> HTTPException:
        """405 where another method would be right, else 404."""
        for route in self._fixed:
            if route.matches(request.scope)[0] is Match.PARTIAL:
                return _wrong_method(route.methods or set())
        return HTTPException(404, "There is nothing at this address.")


def _not_ready(detail: str) -> Response:
    body = {"ready": False, "policy_version": None, "eight_ok": None, "detail": detail}
    return JSONResponse(body, 503)


def _wrong_method(methods: set[str]) -> HTTPException:
    allowed = ", ".join(sorted(methods))
    return HTTPException(405, f"This address takes {allowed}.", {"Allow": allowed})


class PathAsSent:
    """Matches bot API paths before percent-decoding, so that an id may hold a slash as %2F."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path")
        if scope["type"] == "http" and raw and scope["path"].startswith(PATH):
            scope = {**scope, "path": raw.partition(b"?")[0].decode("latin-1")}
        await self._app(scope, receive, send)


def create_app(service: Service) -> ASGIApp:
    """The ASGI application of a service."""
    app = Starlette(
        routes=service.routes(),
        exception_handlers={
            HTTPException: on_http_error,
            HandoffError: on_handoff_error,
            Exception: on_bug,
        },
    )
    return PathAsSent(app)
