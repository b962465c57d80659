"""A conversation of the sandbox tenant, and how the Chat Gateway reports it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from connector.sandbox.agenda import Timer

State = Literal["created", "active", "idle"]
AuthorType = Literal["user", "bot", "agent", "system"]
RESERVED = ("attempt_id", "Case Category", "Media Type", "Priority", "Skill")


def new_id() -> str:
    return secrets.token_urlsafe(16)


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds") + "Z"


@dataclass
class Interaction:
    """One visit of the customer to the contact center; a conversation may hold several."""

    id: str
    started_at: datetime
    ended_at: datetime | None = None

    def view(self) -> dict[str, Any]:
        ended = {"endTime": iso(self.ended_at)} if self.ended_at else {}
        return {"id": self.id, "startTime": iso(self.started_at), **ended}


@dataclass
class Member:
    """Who is, or was, in a conversation."""

    id: str
    type: AuthorType
    removed: bool = False
    language: str = "en"

    def view(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": self.type,
            "removed": self.removed,
            "language": self.language,
        }


@dataclass(frozen=True)
class Line:
    """A message as it stands in the transcript."""

    id: str
    author: Member
    created_at: datetime
    text: str = ""
    attachments: tuple[str, ...] = ()
    cards: tuple[dict[str, Any], ...] = ()
    provider: dict[str, Any] | None = None

    def view(self) -> dict[str, Any]:
        provider = {"externalProvider": self.provider} if self.provider else {}
        return {
            "id": self.id,
            "text": self.text,
            "createdAt": iso(self.created_at),
            "author": self.author.view(),
            "attachments": [{"id": found} for found in self.attachments],
            "cards": list(self.cards),
            **provider,
        }


@dataclass(frozen=True)
class Attachment:
    """A file of a conversation."""

    id: str
    filename: str
    type: str
    content: bytes
    created_at: datetime

    def view(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "filename": self.filename,
            "type": self.type,
            "size": len(self.content),
            "sizeInBytes": len(self.content),
            "createdAt": iso(self.created_at),
        }


@dataclass
class Conversation:
    """`number` counts a tenant's conversations; chance is drawn from it, so that a seed repeats.

    `played` says that a person, not the sandbox, acts for the agent; `held` that one will: until
    then it is offered to nobody. `handle_s`, in seconds,
    replaces the drawn handle time.
    """

    id: str
    number: int
    channel_id: str
    created_at: datetime
    user: dict[str, Any]
    queue_id: str
    script_id: str | None = None
    state: State = "created"
    agent_id: str | None = None
    offered_to: str | None = None
    queued_at: datetime | None = None
    accepted_at: datetime | None = None
    times_accepted: int = 0
    handle_s: float | None = None
    played: bool = False
    held: bool = False
    post_agent: dict[str, Any] | None = None
    interactions: list[Interaction] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    timers: list[Timer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.members.setdefault("user", Member("user", "user", language=self.language))

    @property
    def language(self) -> str:
        return str(self.user.get("language") or "en")

    @property
    def properties(self) -> dict[str, str]:
        pairs = self.user.get("additionalProperties") or ()
        return {pair["key"]: pair["value"] for pair in pairs}

    @property
    def is_waiting(self) -> bool:
        return self.state == "active" and self.agent_id is None

    @property
    def is_served(self) -> bool:
        return self.state == "active" and self.agent_id is not None

    @property
    def assignment(self) -> dict[str, str]:
        """An ended conversation keeps its last assignment, so that polling sees who took it."""
        if self.agent_id is not None:
            return {"type": "agent", "id": self.agent_id}
        if self.state == "created" and self.script_id is not None:
            return {"type": "script", "id": self.script_id}
        return {"type": "queue", "id": self.queue_id}

    def member(self, member_id: str, kind: AuthorType) -> Member:
        return self.members.setdefault(member_id, Member(member_id, kind, language=self.language))

    def stop_timers(self) -> None:
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()

    def view(self) -> dict[str, Any]:
        """8x8 Chat Gateway v1, get conversation."""
        return {
            "id": self.id,
            "channelId": self.channel_id,
            "state": self.state,
            "assignment": self.assignment,
            "user": self.user,
        }

    def desk_view(self, queue_name: str) -> dict[str, Any]:
        """What the agent sees: the five context rows and where the conversation stands."""
        found = self.properties
        custom = {key: value for key, value in found.items() if key not in RESERVED}
        return {
            "id": self.id,
            "state": self.desk_state,
            "queue_id": self.queue_id,
            "queue": queue_name,
            "agent": self.agent_id,
            "offered_to": self.offered_to,
            "contact_name": self.user.get("name"),
            "case_category": found.get("Case Category"),
            "media_type": found.get("Media Type"),
            "custom_fields": custom,
            "case_notes": [{"author": line.author.type, "text": line.text} for line in self.lines],
            "language": self.language,
            "priority": found.get("Priority"),
            "skill": found.get("Skill"),
            "attempt_id": found.get("attempt_id"),
            "created_at": iso(self.created_at),
        }

    @property
    def desk_state(self) -> str:
        if self.is_waiting:
            return "offered" if self.offered_to else "waiting"
        return "active" if self.is_served else self.state
