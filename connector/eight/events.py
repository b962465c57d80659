"""8x8's webhook events, read: 8x8 Chat Gateway v1, events received on the webhook."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connector.eight.records import part, properties, text
from connector.errors import SignatureRefused

EVENT_ID = "x-8x8-event-id"
TRANSMITTED = "x-8x8-transmission-time"
VERIFY = "WEB_HOOK_VERIFY"
ATTEMPT_ID = "attempt_id"
# An agent of whom 8x8 does not say the id has come all the same.
NAMELESS = "agent"
EPOCH = datetime(1970, 1, 1)
_ENVELOPE = {"eventType", "conversationId", "timestamp", "data", "notificationVersion"}


@dataclass(frozen=True)
class Event:
    """One event. `at` is naive UTC (world time); `conversation_id` is empty for a test event."""

    event_id: str
    type: str
    conversation_id: str
    at: datetime
    data: Mapping[str, Any]

    @property
    def is_verify(self) -> bool:
        """8x8 only tests whether the webhook answers."""
        return self.type == VERIFY

    @property
    def agent_joined(self) -> str | None:
        """Id of the agent who took the conversation; the older API called it AGENT_JOINED."""
        return self._agent("joined", "AGENT_JOINED")

    @property
    def agent_left(self) -> str | None:
        """Id of the agent who left: the end, unless a transfer accompanies it."""
        return self._agent("left", "AGENT_LEFT")

    def _agent(self, change: str, older_name: str) -> str | None:
        if self.type == older_name:
            return text(self.data.get("agentId")) or NAMELESS
        if self.type != "MEMBERS_CHANGED" or self.data.get("memberType") != "agent":
            return None
        if self.data.get("change") != change:
            return None
        return text(self.data.get("id")) or NAMELESS

    @property
    def transfer(self) -> bool:
        """An agent moved the conversation to another queue; another agent joins later."""
        return self.type == "TRANSFER"

    @property
    def idle(self) -> bool:
        """The conversation has ended."""
        return self.type == "CONVERSATION_UPDATE" and self.data.get("state") == "idle"

    @property
    def queued(self) -> tuple[str, str] | None:
        """Id and name of the queue it waits in."""
        if self.type != "QUEUED" or self.data.get("queueId") is None:
            return None
        queue_id = str(self.data["queueId"])
        return queue_id, text(self.data.get("queueName")) or queue_id

    @property
    def assigned_agent(self) -> str | None:
        """The agent an update reports as assigned: accepted, however it was learned."""
        assignment = part(self.data, "assignment")
        if self.type != "CONVERSATION_UPDATE" or assignment.get("type") != "agent":
            return None
        return text(assignment.get("id"))

    @property
    def attempt_id(self) -> str | None:
        """The attempt that made this conversation: the property we send along."""
        return text(properties(self.data.get("user")).get(ATTEMPT_ID))

    @property
    def agent_text(self) -> str | None:
        """What an agent wrote, then a line with name and address for each file sent."""
        if self.type not in ("MESSAGE", "TEXT") or self.data.get("isEcho") is True:
            return None
        if part(self.data, "sender").get("type") != "agent":
            return None
        said = [self.words] if self.words else []
        files = self.data.get("attachments")
        for file in files if isinstance(files, list) else []:
            if isinstance(file, dict) and file.get("preSignedUrl"):
                said.append(f"{file.get('fileName') or 'File'}: {file['preSignedUrl']}")
        return "\n".join(said) or None

    @property
    def words(self) -> str:
        """The text of a message, without its files."""
        found = self.data.get("text")
        return found if isinstance(found, str) else ""

    @property
    def typing(self) -> bool | None:
        """Whether somebody types; None when the event is about something else."""
        if self.type != "ACTIVITY" or self.data.get("name") != "typing":
            return None
        users = part(self.data, "value").get("users", self.data.get("users"))
        return True if users is None else bool(users)


def parse_event(body: bytes, headers: Mapping[str, str]) -> Event:
    """Read one event. Raises SignatureRefused when the body is none of 8x8's.

    Without an event id in the headers the body's own digest stands for it; without a timestamp
    in the body the time of transmission does.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("eventType"), str):
        raise SignatureRefused("The body is not an event of 8x8.")
    given = {name.lower(): value for name, value in headers.items()}
    data = found.get("data")
    if not isinstance(data, dict):
        data = {name: value for name, value in found.items() if name not in _ENVELOPE}
    return Event(
        event_id=given.get(EVENT_ID) or hashlib.sha256(body).hexdigest(),
        type=found["eventType"],
        conversation_id=text(found.get("conversationId")) or "",
        at=_moment(found.get("timestamp")) or _moment(given.get(TRANSMITTED)) or EPOCH,
        data=data,
    )


def is_test_event(body: bytes) -> bool:
    """Whether 8x8 only tests if the address answers, as it does before it takes a webhook.

    Nothing happens on such an event, so it may be answered 2xx on a path that is not saved yet,
    and signed or not: 8x8 does not say which.
    """
    try:
        return parse_event(body, {}).is_verify
    except SignatureRefused:
        return False


def _moment(milliseconds: object) -> datetime | None:
    try:
        return EPOCH + timedelta(milliseconds=int(str(milliseconds)))
    except (ValueError, OverflowError):
        return None
