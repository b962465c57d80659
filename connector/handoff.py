"""What a bot hands in, and what it gets back."""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Priority = Literal["low", "normal", "high", "urgent"]
Author = Literal["user", "bot"]
FailurePathKind = Literal["callback", "email", "message", "external"]


class Outcome(StrEnum):
    """How an attempt ended."""

    ACCEPTED = "accepted"
    TIMED_OUT = "timed_out"
    NO_AGENTS = "no_agents"
    ABANDONED = "abandoned"
    REJECTED = "rejected"
    FAILED = "failed"
    UNKNOWN = "unknown"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(_Value):
    """One line of the transcript; `time` is UTC when known."""

    author: Author = "user"
    text: str
    time: datetime | None = None


class Customer(_Value):
    """Who waits. Of `reference`, the bot's own key for this person, the lake keeps a keyed hash.

    `best_time` is when to call or write should nobody take them now, in the customer's own words.
    """

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    best_time: str | None = None
    reference: str | None = None


class Handoff(_Value):
    """A bot's request for a live agent.

    `handoff_id` is the bot's own key: the same id is the same attempt, whoever asks and how often.
    `variables` are passed on when the policy marks them, or when the policy is silent and
    `marked` names them. `queue`, `skill`, `priority` and `timeout_s` (seconds) override that part
    of the first step; the rest of the rule stays.
    """

    handoff_id: str = Field(
        default_factory=lambda: secrets.token_hex(12), min_length=1, max_length=200
    )
    bot: str = Field(default="bot", max_length=200)
    conversation_id: str | None = Field(default=None, max_length=200)
    retry_of: str | None = Field(default=None, max_length=200)
    intent: str | None = Field(default=None, max_length=200)
    category: str | None = Field(default=None, max_length=500)
    confidence: float | None = Field(default=None, ge=0, le=1)
    channel: str = Field(default="web", max_length=100)
    language: str = Field(default="en", max_length=20)
    customer: Customer = Customer()
    variables: dict[str, str] = Field(default_factory=dict)
    marked: frozenset[str] = frozenset()
    transcript: tuple[Message, ...] = ()
    queue: str | None = None
    skill: str | None = None
    priority: Priority | None = None
    timeout_s: float | None = Field(default=None, gt=0, le=86_400)

    @field_validator("queue", "skill", "conversation_id", "retry_of", mode="before")
    @classmethod
    def _blank_is_none(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("variables", mode="before")
    @classmethod
    def _as_text(cls, variables: object) -> object:
        if not isinstance(variables, dict):
            return variables
        plain = (str, int, float, bool)
        return {
            str(name): str(value) if isinstance(value, plain) else value
            for name, value in variables.items()
            if value is not None
        }

    @property
    def overrides(self) -> tuple[str, ...]:
        """Names of the parts of the first step this handoff overrides."""
        given = (
            ("queue", self.queue),
            ("skill", self.skill),
            ("priority", self.priority),
            ("timeout_s", self.timeout_s),
        )
        return tuple([name for name, value in given if value is not None])


class Waiting(_Value):
    """What the bot can tell a customer who waits. `people_ahead` is null when 8x8 did not say."""

    message: str
    queue: str | None = None
    people_ahead: int | None = None
    waited_s: float = 0.0


class Result(_Value):
    """What became of a handoff. `outcome` is null while the customer waits.

    `wait_s` is world seconds from the request to 8x8 until an agent joined or the attempt ended.
    `repeated` says that this handoff_id had been seen before and its attempt is returned.
    `failure_target` is where an `external` failure path leads.
    `protected` is false when the claims could not be reached and only this process guards the id.
    """

    handoff_id: str
    attempt_id: str
    outcome: Outcome | None = None
    reason: str | None = None
    queue: str | None = None
    queue_id: str | None = None
    wait_s: float | None = None
    agent: str | None = None
    conversation_id: str | None = None
    context_delivered: tuple[str, ...] = ()
    context_missing: tuple[str, ...] = ()
    failure_path: FailurePathKind | None = None
    failure_text: str | None = None
    failure_target: str | None = None
    trace: tuple[str, ...] = ()
    repeated: bool = False
    protected: bool = True

    @property
    def accepted(self) -> bool:
        return self.outcome is Outcome.ACCEPTED
