"""Answers that say what went wrong, as RFC 9457 problem documents."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from connector.errors import (
    BadHandoff,
    ConnectorClosed,
    EightError,
    HandoffError,
    LogError,
    NoSuchAttempt,
    SignatureRefused,
)

MEDIA_TYPE = "application/problem+json"
_STATUS: tuple[tuple[type[HandoffError], int], ...] = (
    (NoSuchAttempt, 404),
    (ConnectorClosed, 503),
    (BadHandoff, 409),
    (SignatureRefused, 401),
    (LogError, 503),
    (EightError, 502),
    (HandoffError, 500),
)


class FieldProblem(BaseModel):
    """One field that cannot be used; `field` is a path such as `transcript.3.text`."""

    model_config = ConfigDict(extra="forbid")

    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457: `title` names the kind, `detail` what to do, `errors` the fields concerned."""

    model_config = ConfigDict(extra="forbid")

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    errors: list[FieldProblem] = []


def problem(
    status: int,
    detail: str | None = None,
    *,
    errors: Sequence[FieldProblem] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    body = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, errors=list(errors)
    )
    return Response(body.model_dump_json(), status, headers, MEDIA_TYPE)


def field_problems(error: ValidationError) -> Response:
    """422 with one entry per field; 400 when the body is no JSON at all. Values are not echoed."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        return problem(400, f"The body is not JSON: {found[0]['msg']}.")
    fields = [
        FieldProblem(
            field=".".join(str(part) for part in entry["loc"]) or "body", message=entry["msg"]
        )
        for entry in found
    ]
    return problem(422, "Some fields cannot be used.", errors=fields)


async def on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers) if error.headers else None
    return problem(error.status_code, error.detail, headers=headers)


async def on_handoff_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HandoffError)
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    return problem(status, str(error), headers={"Retry-After": "1"} if status == 503 else None)


async def on_bug(request: Request, error: Exception) -> Response:
    return problem(500, "This is a fault of the service; its log says more.")
