"""8x8's refusals, in 8x8's own shapes.

Source: 8x8 Chat Gateway v1, error responses. `errors` is a list of objects, a list of strings or
one object, depending on the operation and the status.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from starlette.responses import JSONResponse

Shape = Literal["objects", "strings", "object"]


@dataclass
class Problem(Exception):
    """A refusal. `validations` names single fields; `headers` go along, such as Retry-After."""

    status: int
    code: str
    message: str
    title: str = ""
    validations: Sequence[Mapping[str, str]] = ()
    headers: Mapping[str, str] | None = None

    def answer(self, shape: Shape) -> JSONResponse:
        return ProblemAnswer(self.body(shape), self.status, self.headers)

    def body(self, shape: Shape) -> dict[str, Any]:
        error = {"code": self.code, "message": self.message}
        errors: dict[Shape, Any] = {
            "objects": [error],
            "strings": [self.message],
            "object": error,
        }
        body: dict[str, Any] = {"message": self.title or self.message, "errors": errors[shape]}
        if self.validations:
            body["validations"] = list(self.validations)
        if self.status != 403:
            body["referenceId"] = secrets.token_hex(8)
        return body


class ProblemAnswer(JSONResponse):
    media_type = "application/problem+json"


def key_refused() -> Problem:
    return Problem(401, "access_denied", "Access Denied")


def wrong_tenant(customer: str) -> Problem:
    return Problem(
        403,
        "forbidden",
        f"Header X-8x8-Tenant doesn't match tenant information for customerId={customer}",
        title="The tenant does not belong to customer.",
    )


def product_missing(product: str) -> Problem:
    """A key whose app lacks the API product; the wording is not published."""
    return Problem(403, "forbidden", f"The API product {product} is not part of this key's app.")


def not_found(kind: str, identifier: str) -> Problem:
    message = f"Resource of type {kind} with id {identifier} was not found."
    return Problem(404, "resource_not_found", message)


def invalid_queue(queue_id: str, field: str = "assignment.id") -> Problem:
    message = f"Queue ID {queue_id} is invalid."
    found = {"field": field, "value": queue_id, "code": "invalid_queue", "message": message}
    return Problem(400, "invalid_queue", message, validations=(found,))


def invalid(field: str, value: object, message: str, code: str = "invalid_value") -> Problem:
    found = {"field": field, "value": str(value)[:200], "code": code, "message": message}
    return Problem(400, code, f"{field}: {message}", "Validation failed.", (found,))


def unreadable() -> Problem:
    return Problem(400, "invalid_json_object", "The request body is not a JSON object.")


def rate_limited(retry_after: float | None) -> Problem:
    headers = {} if retry_after is None else {"retry-after": f"{retry_after:g}"}
    return Problem(429, "too_many_requests", "Rate limit exceeded", headers=headers)


def server_error() -> Problem:
    return Problem(500, "internal_error", "Internal error.")


def unavailable() -> Problem:
    return Problem(503, "service_unavailable", "The service is temporarily unavailable.")
