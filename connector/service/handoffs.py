"""The bot API: create a handoff, follow it, talk through it, end it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import quote, unquote

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from connector.errors import NoSuchAttempt
from connector.escalation import BotEvent, Connector
from connector.handoff import Handoff, Result
from connector.service.access import Access
from connector.service.bodies import Feedback, HandoffState, Text, as_json, read_json
from connector.service.problems import field_problems
from connector.service.streams import server_sent

PATH = "/v1/handoffs"
LONGEST_WAIT_S = 300.0
DEFAULT_WAIT_S = 25.0

Endpoint = Callable[[Request], Awaitable[Response]]


class HandoffRoutes:
    """Endpoints over one connector."""

    def __init__(
        self, connector: Connector, access: Access, ready: Callable[[], bool] = lambda: True
    ) -> None:
        self._connector, self._access, self._ready = connector, access, ready

    def routes(self) -> list[Route]:
        one = PATH + "/{handoff_id}"
        return [
            self._route(PATH, self.create, "POST"),
            self._route(one, self.read, "GET"),
            self._route(one + "/wait", self.wait, "GET"),
            self._route(one + "/events", self.events, "GET"),
            self._route(one + "/abandon", self.abandon, "POST"),
            self._route(one + "/feedback", self.feedback, "POST"),
            self._route(one + "/messages", self.say, "POST"),
            self._route(one + "/typing", self.typing, "POST"),
            self._route(one + "/end", self.end, "POST"),
        ]

    def _route(self, path: str, endpoint: Endpoint, method: str) -> Route:
        async def guarded(request: Request) -> Response:
            self._access.check(request)
            if not self._ready():
                raise HTTPException(503, "The service starts or ends.", {"Retry-After": "1"})
            try:
                return await endpoint(request)
            except ValidationError as error:
                return field_problems(error)

        return Route(path, guarded, methods=[method])

    async def create(self, request: Request) -> Response:
        handoff = await read_json(request, Handoff)
        if (lacking := self._connector.settings.lacking) is not None:
            raise HTTPException(503, lacking, {"Retry-After": "5"})
        result = await self._connector.begin(handoff)
        return self._state(result, 202 if result.outcome is None else 200)

    async def read(self, request: Request) -> Response:
        return self._state(await self._connector.read(_handoff_id(request)))

    async def wait(self, request: Request) -> Response:
        seconds = _timeout_s(request)
        return self._state(await self._connector.wait(_handoff_id(request), timeout_s=seconds))

    async def abandon(self, request: Request) -> Response:
        return self._state(await self._connector.abandon(_handoff_id(request)))

    async def feedback(self, request: Request) -> Response:
        given = await read_json(request, Feedback)
        await self._connector.feedback(_handoff_id(request), given.resolved)
        return Response(status_code=204)

    async def say(self, request: Request) -> Response:
        said = await read_json(request, Text)
        await self._connector.say(_handoff_id(request), said.text)
        return Response(status_code=204)

    async def typing(self, request: Request) -> Response:
        await self._connector.typing(_handoff_id(request))
        return Response(status_code=204)

    async def end(self, request: Request) -> Response:
        await self._connector.end(_handoff_id(request))
        return Response(status_code=204)

    async def events(self, request: Request) -> Response:
        return StreamingResponse(
            server_sent(await self._events(_handoff_id(request))),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _events(self, handoff_id: str) -> AsyncIterator[BotEvent]:
        """What is still to be told; of a handoff this process does not hold, its outcome."""
        result = await self._connector.read(handoff_id)
        if self._connector.switchboard.of_handoff(handoff_id) is not None:
            return self._connector.events(handoff_id)
        if result.outcome is None:
            raise NoSuchAttempt(f"Handoff `{handoff_id}` is served by another process: ask there.")
        now = self._connector.clock.now()
        return _only(BotEvent("outcome", now, result.model_dump(mode="json")))

    def _state(self, result: Result, status: int = 200) -> Response:
        waiting = self._connector.waiting(result.handoff_id) if result.outcome is None else None
        state = HandoffState(**result.model_dump(), waiting=waiting)
        headers = {"Location": f"{PATH}/{quote(result.handoff_id, safe='')}"}
        return JSONResponse(as_json(state), status, headers if status != 200 else None)


async def _only(event: BotEvent) -> AsyncIterator[BotEvent]:
    yield event


def _handoff_id(request: Request) -> str:
    """Routes match the path as sent, so that an id may hold a slash as %2F."""
    return unquote(request.path_params["handoff_id"])


def _timeout_s(request: Request) -> float:
    text = request.query_params.get("timeout_s", str(DEFAULT_WAIT_S))
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_WAIT_S:
        raise HTTPException(422, f"`timeout_s` is a number from 0 to {LONGEST_WAIT_S:g} (seconds).")
    return seconds
