"""What an attempt hears while it lives: from 8x8's events, from polling, and from the bot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.eight import Event


@dataclass(frozen=True)
class Queued:
    """8x8 put the conversation into a queue."""

    at: datetime
    queue_id: str
    queue: str


@dataclass(frozen=True)
class Joined:
    """An agent took the conversation; `assigned` when 8x8 only reports whose it is."""

    at: datetime
    agent: str
    assigned: bool = False


@dataclass(frozen=True)
class Left:
    """An agent left; the end, unless a transfer accompanies it or another agent has it."""

    at: datetime
    agent: str


@dataclass(frozen=True)
class Moved:
    """The agent moved the conversation to another queue."""

    at: datetime


@dataclass(frozen=True)
class Gone:
    """8x8 says the conversation is over."""

    at: datetime


@dataclass(frozen=True)
class Text:
    """The agent wrote; `said` are the words alone, without the files named in `text`."""

    at: datetime
    text: str
    said: str


@dataclass(frozen=True)
class Typing:
    """The agent began or stopped typing."""

    at: datetime
    on: bool


@dataclass(frozen=True)
class Leave:
    """The bot's side ends it: the customer left, or the bot hangs up."""

    at: datetime
    by: str


Signal = Queued | Joined | Left | Moved | Gone | Text | Typing | Leave


def signals_of(event: Event) -> Iterator[Signal]:
    """The signals one webhook event stands for; none for echoes and what does not concern us."""
    if event.queued is not None:
        yield Queued(event.at, *event.queued)
    if agent := event.agent_joined:
        yield Joined(event.at, agent)
    elif (agent := event.assigned_agent) and not event.idle:  # at the end it names who had it
        yield Joined(event.at, agent, assigned=True)
    if event.transfer:
        yield Moved(event.at)
    if event.agent_left is not None:
        yield Left(event.at, event.agent_left)
    if event.agent_text is not None:
        yield Text(event.at, event.agent_text, event.words)
    if event.typing is not None:
        yield Typing(event.at, event.typing)
    if event.idle:
        yield Gone(event.at)


@dataclass(frozen=True)
class BotEvent:
    """What a bot hears of its handoff.

    `kind` is one of created, step, waiting, accepted, message, typing, transferred, ended, outcome;
    `at` is UTC.
    """

    kind: str
    at: datetime
    data: dict[str, Any]
