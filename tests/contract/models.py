"""What 8x8's OpenAPI file leaves out, as types; each names the section of 8x8-api.md it is from.

Nothing may be in a body that its section does not name: what a sandbox invents, 8x8 does not send.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    StringConstraints,
    model_validator,
)

Id = Annotated[str, Field(min_length=1)]
Milliseconds = Annotated[int, Field(gt=1_000_000_000_000, lt=10_000_000_000_000)]
Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0)]


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


# Section 2.3: create the handoff.


class Property(_Exact):
    """Section 2.3: both parts of a property are required."""

    key: Id
    value: str


class User(_Open):
    """Section 2.3: `user`, with at most 30 properties."""

    name: str | None = None
    email: str | None = None
    language: (
        Literal[
            "en", "ru", "de", "ja", "es", "fr", "pt", "it", "pl", "hr", "nl", "ar", "da",
            "ko", "no", "sv", "vi", "cy", "th", "zh-CN", "zh-TW",
        ]
        | None
    ) = None  # fmt: skip
    additionalProperties: Annotated[list[Property], Field(max_length=30)] = []


class InputAssignment(_Exact):
    """Section 2.3: on input `queue` or `script`; `agent` is only ever reported."""

    type: Literal["queue", "script"]
    id: Id


class ExternalProvider(_Exact):
    """Section 2.3."""

    name: Literal["X"]
    externalMessageId: Id


class InputMessage(_Exact):
    """Sections 2.3 and 2.5: author user or bot, and exactly one of text and externalProvider."""

    authorType: Literal["user", "bot"]
    text: str | None = None
    externalProvider: ExternalProvider | None = None
    attachments: list[Any] = []
    cards: list[Any] = []

    @model_validator(mode="after")
    def _one_content(self) -> InputMessage:
        if (self.text is None) == (self.externalProvider is None):
            raise ValueError("exactly one of text and externalProvider")
        return self


class History(_Exact):
    """Section 2.3: at most 200 messages."""

    messages: Annotated[list[InputMessage], Field(max_length=200)]


class CreateConversation(_Exact):
    """Section 2.3."""

    channelId: Id
    user: User
    assignment: InputAssignment | None = None
    history: History | None = None


class PatchConversation(_Exact):
    """Section 2.5: assignment or user while the customer waits."""

    assignment: InputAssignment | None = None
    user: User | None = None


class CreateWebhook(_Exact):
    """Section 2.2: `version`, and `notificationVersion` with the same value."""

    name: Id
    uri: Id
    version: Literal["Chat Gateway v1.0"]
    notificationVersion: Literal["Chat Gateway v1.0"]


# Section 2.4: events received on the webhook.


class ReportedAssignment(_Exact):
    """Section 2.4, CONVERSATION_UPDATE."""

    type: Literal["agent", "queue", "script"]
    id: Id
    resourceId: str | None = None


class UpdateData(_Exact):
    """Section 2.4, CONVERSATION_UPDATE."""

    state: Literal["created", "active", "idle"]
    assignment: ReportedAssignment | None = None
    user: User | None = None
    channel: Literal[
        "ChatAPI", "WhatsApp", "SMS", "WebChat", "Facebook", "Viber", "RCS", "Email"
    ] | None = None  # fmt: skip
    msisdn: str | None = None


class QueuedData(_Exact):
    """Section 2.4, QUEUED."""

    queueId: Id
    queueName: Id


class MembersData(_Exact):
    """Section 2.4, MEMBERS_CHANGED."""

    memberType: Literal["user", "agent"]
    change: Literal["joined", "left"]
    id: Id


class Sender(_Exact):
    """Section 2.4, MESSAGE."""

    id: Id
    type: Literal["user", "bot", "agent", "system"]


class SentFile(_Exact):
    """Section 2.4, MESSAGE."""

    id: Id
    type: str
    preSignedUrl: str | None = None
    fileName: str


class MessageData(_Exact):
    """Section 2.4, MESSAGE."""

    isEcho: bool
    sender: Sender
    text: str | None = None
    attachments: list[SentFile] = []
    cards: list[dict[str, Any]] = []


class ActivityData(_Exact):
    """Section 2.4, ACTIVITY; of `value` only the `users` of typing are known."""

    name: Id
    value: dict[str, Any] | None = None


class _Envelope(_Exact):
    conversationId: Id
    timestamp: Milliseconds


class ConversationUpdate(_Envelope):
    """Section 2.4."""

    eventType: Literal["CONVERSATION_UPDATE"]
    data: UpdateData


class Queued(_Envelope):
    """Section 2.4."""

    eventType: Literal["QUEUED"]
    data: QueuedData


class MembersChanged(_Envelope):
    """Section 2.4."""

    eventType: Literal["MEMBERS_CHANGED"]
    data: MembersData


class Transfer(_Envelope):
    """Section 2.4: TRANSFER has no data."""

    eventType: Literal["TRANSFER"]
    data: None = None


class MessageEvent(_Envelope):
    """Section 2.4."""

    eventType: Literal["MESSAGE"]
    data: MessageData


class Activity(_Envelope):
    """Section 2.4."""

    eventType: Literal["ACTIVITY"]
    data: ActivityData


class Verify(_Exact):
    """Section 2.2: no conversation, no timestamp."""

    eventType: Literal["WEB_HOOK_VERIFY"]
    notificationVersion: Literal["Chat Gateway v1.0"]


AnyEvent: TypeAlias = Annotated[
    ConversationUpdate | Queued | MembersChanged | Transfer | MessageEvent | Activity | Verify,
    Discriminator("eventType"),
]


class WebhookEvent(RootModel[AnyEvent]):
    """Section 2.4: one event as posted to the webhook."""


Digits = Annotated[str, StringConstraints(pattern=r"^\d+$")]


class EventHeaders(BaseModel):
    """Section 2.4, signature: the headers of an event; `signature` is a detached JWS."""

    tenant_id: Annotated[Id, Field(alias="x-8x8-tenant-id")]
    customer_id: Annotated[Id, Field(alias="x-8x8-customer-id")]
    event_id: Annotated[Id, Field(alias="x-8x8-event-id")]
    retry: Annotated[Digits, Field(alias="x-8x8-retry")]
    transmission_time: Annotated[Digits, Field(alias="x-8x8-transmission-time")]
    signature: Annotated[
        str,
        StringConstraints(pattern=r"^[\w-]+\.\.[\w-]+$"),
        Field(alias="x-8x8-signature"),
    ]


# Section 2.6 and 5: answers the file does not have.


class Problem(_Exact):
    """Section 2.6: 8x8's own shape, whatever the status; 429 and 503 are not in the file."""

    message: str
    errors: list[dict[str, str]] | list[str] | dict[str, str] | None = None
    validations: list[dict[str, str]] | None = None
    referenceId: str | None = None


RetryAfter: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^(\d+|[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} .{8} GMT)$")
]


class LimitHeaders(BaseModel):
    """Section 5, connector rule: what a 429 or 503 may say about when to come back."""

    retry_after: Annotated[RetryAfter | None, Field(alias="retry-after")] = None
    reset: Annotated[Digits | None, Field(alias="x-ratelimit-reset")] = None


# Section 3: queues and schedules.


def _field(name: str, default: Any = ...) -> Any:
    return Field(default=default, alias=name)


class QueueStatistics(_Exact):
    """Section 3.1, ways A and C: fields of one queue, those the connector reads required."""

    queue_id: int = _field("queue-id")
    queue_name: str = _field("queue-name")
    media_type: Literal["chat", "phone", "email", "vmail"] = _field("media-type")
    queue_type: str | None = _field("queue-type", None)
    queue_size: Count = _field("queue-size")
    longest_wait_time: Seconds = _field("longest-wait-time")
    number_in_offered: Count | None = _field("number-in-offered", None)
    number_in_progress: Count | None = _field("number-in-progress", None)
    assigned: Count | None = _field("assigned-agent-count", None)
    enabled: Count = _field("enabled-agent-count")
    available: Count = _field("agent-count-waitTransact")
    busy: Count = _field("agent-count-busy")
    on_break: Count = _field("agent-count-onBreak")
    post_process: Count = _field("agent-count-postProcess")
    work_offline: Count = _field("agent-count-workOffline")
    logged_out: Count | None = _field("agent-count-loggedOut", None)
    day_queued: Count = _field("day-queued")
    day_accepted: Count = _field("day-accepted")
    day_abandoned: Count = _field("day-abandoned")
    day_avg_wait_time: Seconds | None = _field("day-avg-wait-time", None)
    day_avg_duration: Seconds | None = _field("day-avg-duration", None)
    day_sla_activity: Seconds | None = _field("day-sla-activity", None)
    thirty_min_accepted: Count | None = _field("thirty-min-accepted", None)
    thirty_min_avg_wait_time: Seconds | None = _field("thirty-min-avg-wait-time", None)
    sla_activity: Seconds | None = _field("sla-activity", None)
    sla_target: Seconds | None = _field("sla-target", None)


class QueueList(_Exact):
    """Section 3.1: `/cc/v1/stats/rt/queues`."""

    queue: list[QueueStatistics]


class OneQueue(_Exact):
    """Section 3.1: `/cc/v1/stats/rt/queue/{id}`."""

    queue: QueueStatistics


class OpeningHours(_Exact):
    """Section 3.3."""

    id: Id
    name: Id
    week_days: list[Any] = _field("week-days")


class _Schedules(_Exact):
    schedule: list[OpeningHours]


class ScheduleList(_Exact):
    """Section 3.3: `/cc/v1/schedules`."""

    schedules: _Schedules


class _Status(_Exact):
    status: Literal[0, -1] | Annotated[str, StringConstraints(pattern=r"^Choice #[1-6]$")]


class ScheduleStatus(_Exact):
    """Section 3.3: `/cc/v1/schedules/{id}/status`."""

    schedule_status: _Status = _field("schedule-status")
