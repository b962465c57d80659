"""Routes of the sandbox that are not 8x8's: no key, this machine only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.sandbox.problems import Problem

Endpoint = Callable[[Request], Awaitable[Response]]
Parsed = TypeVar("Parsed")
LOOPBACK = ("127.0.0.1", "localhost")


async def parsed(request: Request, kind: TypeAdapter[Parsed]) -> Parsed:
    """JSON, or the form a page sends. Raises Problem 422."""
    try:
        if "form" in request.headers.get("content-type", ""):
            async with request.form() as form:
                return kind.validate_python(dict(form))
        return kind.validate_json(await request.body() or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Problem(422, "invalid", f"{place}: {first['msg']}".removeprefix(": ")) from None


def local_route(method: str, path: str, endpoint: Endpoint) -> Route:
    async def answer(request: Request) -> Response:
        try:
            _check_origin(request)
            return await endpoint(request)
        except Problem as problem:
            return problem.answer("objects")

    return Route(path, answer, methods=[method])


def _check_origin(request: Request) -> None:
    """A page of some other site, open in a browser here, may not play with the sandbox."""
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if host.partition(":")[0] not in LOOPBACK or origin not in (None, f"http://{host}"):
        raise Problem(403, "forbidden", "The sandbox answers this machine only.")
