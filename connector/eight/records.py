"""What 8x8 keeps, as values: channels, webhooks, conversations, participants, messages, schedules.

Read with tolerance: ids come as text or number, parts may be missing, unknown ones are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

CHAT_API = "ChatAPI"
EVENT_VERSION = "Chat Gateway v1.0"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel; `type` is `ChatAPI` for those a bot may use, `queue_id` is its own default."""

    id: str
    name: str
    type: str = CHAT_API
    webhook_id: str | None = None
    queue_id: str | None = None

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Channel:
        routing = part(found, "routingOptions")
        return cls(
            id=str(found["id"]),
            name=str(found.get("name") or ""),
            type=str(found.get("type") or CHAT_API),
            webhook_id=text(found.get("webHookId")),
            queue_id=text(routing.get("id")),
        )


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where 8x8 sends events of the channels that name it."""

    id: str
    name: str
    uri: str
    version: str | None = None

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Webhook:
        return cls(
            id=str(found["id"]),
            name=str(found.get("name") or ""),
            uri=str(found.get("uri") or ""),
            version=text(found.get("version") or found.get("notificationVersion")),
        )


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation; `state` is created, active or idle. Active is not yet accepted."""

    id: str
    channel_id: str | None = None
    state: str | None = None
    assignment_type: str | None = None
    assignment_id: str | None = None
    properties: dict[str, str] = field(default_factory=dict)

    @property
    def agent(self) -> str | None:
        """The agent who has it: 8x8 reports an assignment of type agent after acceptance."""
        return self.assignment_id if self.assignment_type == "agent" else None

    @property
    def queue(self) -> str | None:
        """The queue it is assigned to, while no agent has it."""
        return self.assignment_id if self.assignment_type == "queue" else None

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Conversation:
        assignment = part(found, "assignment")
        return cls(
            id=str(found["id"]),
            channel_id=text(found.get("channelId")),
            state=text(found.get("state")),
            assignment_type=text(assignment.get("type")),
            assignment_id=text(assignment.get("id")),
            properties=properties(found.get("user")),
        )


@dataclass(frozen=True, slots=True)
class Participant:
    """Someone who is or was in a conversation; `type` is user, bot, agent or system."""

    id: str
    type: str | None = None
    removed: bool = False

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Participant:
        return cls(str(found["id"]), text(found.get("type")), found.get("removed") is True)


@dataclass(frozen=True, slots=True)
class EightMessage:
    """One message of a conversation; `at` is naive UTC."""

    id: str
    text: str
    author: str | None = None
    author_id: str | None = None
    at: datetime | None = None

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> EightMessage:
        author = part(found, "author")
        return cls(
            id=str(found["id"]),
            text=str(found.get("text") or ""),
            author=text(author.get("type")),
            author_id=text(author.get("id")),
            at=moment(found.get("createdAt")),
        )


@dataclass(frozen=True, slots=True)
class Schedule:
    """Opening hours kept in 8x8, by name.

    `weekly` are texts such as `mon 07:00-24:00`; empty when 8x8 gives the hours in another form.
    """

    id: str
    name: str
    weekly: tuple[str, ...] = ()

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Schedule:
        return cls(str(found["id"]), str(found.get("name") or ""), _weekly(found.get("week-days")))


def _weekly(found: object) -> tuple[str, ...]:
    days = listed(found)
    if not all(text(day.get(name)) for day in days for name in ("day", "from", "to")):
        return ()
    return tuple(f"{str(day['day'])[:3].lower()} {day['from']}-{day['to']}" for day in days)


def part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = found.get(name)
    return inner if isinstance(inner, dict) else {}


def text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


def properties(user: object) -> dict[str, str]:
    """`user.additionalProperties`, a list of key and value, as a dict."""
    pairs = user.get("additionalProperties") if isinstance(user, dict) else None
    if not isinstance(pairs, list):
        return {}
    return {
        str(pair["key"]): str(pair.get("value", ""))
        for pair in pairs
        if isinstance(pair, dict) and "key" in pair
    }


def listed(found: object) -> list[Mapping[str, Any]]:
    """The objects of a list; one object in place of a list counts as a list of it."""
    items = found if isinstance(found, list) else [found]
    return [item for item in items if isinstance(item, dict)]


def moment(value: object) -> datetime | None:
    """An ISO 8601 moment as naive UTC; None when it is none."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def webhook_body(name: str, uri: str) -> dict[str, str]:
    # 8x8's API file requires `notificationVersion` and defines `version`: both are sent.
    return {
        "name": name,
        "uri": uri,
        "version": EVENT_VERSION,
        "notificationVersion": EVENT_VERSION,
    }


def channel_body(name: str, webhook_id: str, queue_id: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": CHAT_API,
        "webHookId": webhook_id,
        "routingOptions": {"type": "queue", "id": queue_id},
    }
