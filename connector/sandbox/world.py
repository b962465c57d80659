"""The world of the sandbox: queues, agents, shifts, customers' patience, as a file describes it.

Pure values. The sandbox serves this world over HTTP, the demonstration's history simulates it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, TypeAdapter, ValidationError

from connector.errors import DataFileError
from connector.sandbox import world_checks
from connector.sandbox.parts import (
    DAY_MINUTES,
    Afterwards,
    Agent,
    Arrivals,
    Duty,
    HandleTimes,
    Hours,
    Intent,
    Live,
    Lognormal,
    Part,
    Patience,
    Positive,
    Presence,
    Queue,
    Weibull,
)

DEFAULT_WORLD = Path(__file__).parents[2] / "data" / "sandbox.toml"


@dataclass(frozen=True)
class World(Part):
    """A tenant, its agents and its customers. Moments are naive UTC, weekly hours local to `zone`.

    `answer_s` is the range (from, to) in which an agent takes an offered chat, `wrap_up_s` the
    time kept after one, `break_min` the length of a break in minutes.
    """

    queues: tuple[Queue, ...]
    agents: tuple[Agent, ...]
    arrivals: Arrivals
    intents: tuple[Intent, ...]
    handle: HandleTimes
    patience: Patience
    schedules: dict[str, tuple[Hours, ...]] = field(default_factory=dict)
    shifts: dict[str, tuple[Hours, ...]] = field(default_factory=dict)
    presence: dict[str, Presence] = field(default_factory=dict)
    afterwards: Afterwards = field(default_factory=Afterwards)
    live: Live = field(default_factory=Live)
    zone: str = "UTC"
    answer_s: tuple[Positive, Positive] = (3.0, 12.0)
    wrap_up_s: Annotated[float, Field(ge=0)] = 0.0
    break_min: Annotated[int, Field(ge=0, multiple_of=15)] = 30

    @cached_property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def local(self, at: datetime) -> datetime:
        """A naive UTC moment in the world's zone."""
        return at.replace(tzinfo=UTC).astimezone(self.zone_info)

    def queue(self, queue_id: str) -> Queue:
        return next(queue for queue in self.queues if queue.id == queue_id)

    def agent(self, agent_id: str) -> Agent:
        return next(agent for agent in self.agents if agent.id == agent_id)

    def intent(self, name: str | None) -> Intent | None:
        return next((intent for intent in self.intents if intent.name == name), None)

    def is_open(self, schedule: str | None, at: datetime) -> bool:
        """Whether a schedule is open at `at`; no schedule is always open."""
        if schedule is None:
            return True
        local = self.local(at)
        return any(hours.holds(local) for hours in self.schedules[schedule])

    def on_shift(self, agent: Agent, at: datetime) -> bool:
        """Whether the agent is at work at `at`, breaks included."""
        local = self.local(at)
        return any(hours.holds(local) for name in agent.shifts for hours in self.shifts[name])

    def duty(self, agent: Agent, at: datetime) -> Duty:
        """What the roster says of an agent at `at`; serving a customer goes before a break."""
        if not self.on_shift(agent, at):
            return "offline"
        local = self.local(at)
        minute = local.hour * 60 + local.minute
        resting = any((minute - start) % DAY_MINUTES < self.break_min for start in agent.breaks)
        return "break" if resting else "available"

    def next_change(self, at: datetime) -> datetime:
        """The next full quarter of an hour: rosters and schedules change at none other."""
        whole = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
        return whole + timedelta(minutes=15)

    def handle_time(self, queue_id: str, intent: str | None) -> Lognormal:
        """Handle time of an intent served in a queue."""
        own = self.handle.intents.get(intent or "")
        return own or self.handle.queues.get(queue_id) or self.handle.default

    def patience_of(self, intent: str | None) -> Weibull:
        return self.patience.intents.get(intent or "", self.patience.default)

    def presence_of(self, name: str, channel: str) -> float:
        """The share (0-1) of handoffs of a channel in which the bot has `name`."""
        found = self.presence.get(name)
        return found.on(channel) if found else 1.0

    def around_the_clock(self) -> World:
        """The same world with every queue open and everyone at work, day and night."""
        always = (Hours(),)
        return replace(
            self,
            schedules=dict.fromkeys(self.schedules, always),
            shifts=dict.fromkeys(self.shifts, always),
            agents=tuple(replace(agent, breaks=()) for agent in self.agents),
        )

    def for_live(self) -> World:
        """The live demonstration's world: shortened chats, and staffed whenever it is started."""

        def shorter(times: Lognormal) -> Lognormal:
            return replace(times, mean_s=times.mean_s * self.live.handle_factor)

        handle = HandleTimes(
            shorter(self.handle.default),
            {name: shorter(times) for name, times in self.handle.queues.items()},
            {name: shorter(times) for name, times in self.handle.intents.items()},
        )
        wrap_up_s = self.wrap_up_s * self.live.handle_factor
        return replace(self.around_the_clock(), handle=handle, wrap_up_s=wrap_up_s)


_WORLD: TypeAdapter[World] = TypeAdapter(World)


def load_world(path: Path | None = None) -> World:
    """Read a world file, the shipped one by default. Raises DataFileError with line and field."""
    path = path or DEFAULT_WORLD
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"cannot be read: {error}.", file=path) from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else None
        raise DataFileError(
            f"not readable as TOML: {error}.", file=path, line=line, fix="Mend that line."
        ) from None
    try:
        world = _WORLD.validate_python(content)
    except ValidationError as error:
        raise world_checks.mistake(error, text, path) from None
    world_checks.names_hold(world, text, path)
    return world
