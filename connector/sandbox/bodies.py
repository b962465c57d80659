"""What the sandbox takes in: 8x8's request bodies with their limits, as a 400 names what is wrong.

Source: 8x8 Chat Gateway v1; at most 30 properties and 200 messages of history.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from starlette.requests import Request

from connector.sandbox.problems import Problem, unreadable

VERSION = "Chat Gateway v1.0"
MOST_PROPERTIES, MOST_MESSAGES = 30, 200


def _address(text: str) -> str:
    address = urlsplit(text)
    if address.scheme not in ("http", "https") or not address.hostname or not text.isascii():
        raise ValueError("must be an absolute http or https address")
    if any(character <= " " for character in text) or address.port == 0:
        raise ValueError("must be an address without blanks")
    return text


Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Address = Annotated[str, AfterValidator(_address)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
Author = Literal["user", "bot"]
BodyType = TypeVar("BodyType", bound="Body")


class Body(BaseModel):
    """Types are taken strictly, unknown fields are ignored, as 8x8's file describes its bodies."""

    model_config = ConfigDict(strict=True, extra="ignore")


class Property(Body):
    key: Annotated[str, StringConstraints(min_length=1)]
    value: str


class User(Body):
    model_config = ConfigDict(extra="allow")

    name: str | None = None
    email: Email | None = None
    phone: str | None = None
    company: str | None = None
    userId: str | None = None
    caseId: str | None = None
    language: str | None = None
    additionalProperties: Annotated[list[Property], Field(max_length=MOST_PROPERTIES)] | None = None


class Assignment(Body):
    """`agent` is only ever reported, never taken."""

    type: Literal["queue", "script"] = "queue"
    id: str


class Provider(Body):
    name: Literal["X"]
    externalMessageId: str


class AttachmentId(Body):
    id: str


class Message(Body):
    """Exactly one of `text` and `externalProvider`."""

    authorType: Author
    text: str | None = None
    externalProvider: Provider | None = None
    attachments: list[AttachmentId] | None = None
    cards: list[dict[str, Any]] | None = None

    @model_validator(mode="after")
    def _one_content(self) -> Message:
        if (self.text is None) == (self.externalProvider is None):
            raise ValueError("exactly one of text and externalProvider is needed")
        return self


class History(Body):
    messages: Annotated[list[Message], Field(max_length=MOST_MESSAGES)]


class CreateConversation(Body):
    channelId: str
    user: User
    assignment: Assignment | None = None
    history: History | None = None


class PutConversation(Body):
    channelId: str | None = None
    user: User | None = None
    assignment: Assignment | None = None


class PatchConversation(Body):
    user: User | None = None
    assignment: Assignment | None = None


class PatchUser(Body):
    removed: bool


class Webhook(Body):
    """8x8's file requires `notificationVersion` and defines `version`: either is taken."""

    name: Name
    uri: Address
    version: Literal["Chat Gateway v1.0"] | None = None
    notificationVersion: Literal["Chat Gateway v1.0"] | None = None


class VerifyWebhook(Body):
    uri: Address
    version: str


class Routing(Body):
    type: Literal["queue"] = "queue"
    id: str


class Channel(Body):
    """Only Chat API channels can be made."""

    name: Name
    type: Literal["ChatAPI"] = "ChatAPI"
    webHookId: str
    routingOptions: Routing


class Typing(Body):
    authorType: Author


class Thinking(Body):
    authorType: Literal["bot"] = "bot"
    maxThinkingTimeSeconds: Annotated[int, Field(ge=1, le=600)] = 60


class ReadReceipt(Body):
    authorType: Author
    readAt: Annotated[int, Field(ge=0)]


class HandBackTimes(Body):
    notifyChannelWebhookIfExists: str | None = None
    maxTotalMinutes: Annotated[int, Field(ge=20, le=600)] | None = None
    userTimeoutInMinutes: Annotated[int, Field(ge=10, le=300)] | None = None


class PostAgentAssignment(Body):
    type: Literal["webhook"]
    id: str
    configuration: HandBackTimes | None = None


async def read(request: Request, kind: type[BodyType], *, code: str = "") -> BodyType:
    """The request's body as `kind`. Raises Problem 400; `code` is the code of its error."""
    try:
        return kind.model_validate_json(await request.body() or b"{}")
    except ValidationError as error:
        raise _refusal(error, code) from None


def _refusal(error: ValidationError, code: str) -> Problem:
    problems = error.errors(include_url=False)
    if problems[0]["type"] == "json_invalid":
        return unreadable()
    validations = [
        {
            "field": ".".join(str(part) for part in problem["loc"]),
            "value": str(problem["input"])[:200],
            "code": problem["type"],
            "message": problem["msg"].removeprefix("Value error, "),
        }
        for problem in problems[:20]
    ]
    first = validations[0]
    message = f"{first['field']}: {first['message']}" if first["field"] else first["message"]
    return Problem(400, code or "validation_failed", message, "Validation failed.", validations)
