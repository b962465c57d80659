"""What travels over the service: bodies read within a bound, and what is sent back."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request

from connector.handoff import Result, Waiting

MAX_BODY = 32 * 1024 * 1024

Body = TypeVar("Body", bound=BaseModel)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HandoffState(Result):
    """A result, and while the customer waits what the bot can tell them."""

    waiting: Waiting | None = None


class Feedback(_Body):
    """Whether the customer's matter was resolved, as the bot or the agent knows."""

    resolved: bool


class Text(_Body):
    """What the customer wrote, for the agent."""

    text: str = Field(min_length=1, max_length=5_000_000)


async def read_body(request: Request, limit: int = MAX_BODY) -> bytes:
    """The whole body; HTTPException 413 as soon as it is longer than `limit` bytes."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise HTTPException(413, f"The body is longer than {limit:,} bytes.")
        parts.append(part)
    return b"".join(parts)


async def read_json(request: Request, model: type[Body]) -> Body:
    """The body as `model`; ValidationError, or HTTPException 413 or 415."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if media_type != "application/json":
        raise HTTPException(415, "Send the body as application/json.")
    return model.model_validate_json(await read_body(request), strict=True)


def as_json(value: BaseModel) -> dict[str, Any]:
    return value.model_dump(mode="json")
