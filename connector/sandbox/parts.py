"""What a world is made of: weekly hours, queues, agents, intents, and how long things take."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime
from statistics import NormalDist
from typing import Annotated, ClassVar, Literal, Protocol

from pydantic import BeforeValidator, ConfigDict, Field

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
NORMAL, TINY = NormalDist(), 2.0**-53

Duty = Literal["available", "break", "offline"]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


def _minutes(text: object) -> object:
    """`07:30` as minutes after midnight, in quarters of an hour; `24:00` is the day's end."""
    if not isinstance(text, str):
        return text
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    minutes = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else -1
    if not 0 <= minutes <= DAY_MINUTES or minutes % 15:
        raise ValueError("write a full quarter of an hour such as `07:30`, at most `24:00`")
    return minutes


def _weekdays(text: object) -> object:
    """`mon-fri`, `tue` or `mon tue sat` as numbers, Monday 0."""
    if not isinstance(text, str):
        return text
    found: set[int] = set()
    try:
        for part in text.lower().split():
            first, _, last = part.partition("-")
            start, end = DAYS.index(first), DAYS.index(last or first)
            found |= {day % 7 for day in range(start, end + (1 if end >= start else 8))}
    except ValueError:
        raise ValueError("write weekdays such as `mon-fri` or `tue sat`") from None
    return frozenset(found)


Minute = Annotated[int, BeforeValidator(_minutes)]
Hour = Annotated[int, BeforeValidator(_minutes), Field(multiple_of=60)]
Weekdays = Annotated[frozenset[int], BeforeValidator(_weekdays)]


class Chance(Protocol):
    """A generator of the standard library or of numpy: `random` gives a number in [0, 1)."""

    def random(self) -> float: ...


@dataclass(frozen=True)
class Part:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Hours(Part):
    """A weekly span in the world's zone; one that ends before it starts passes midnight."""

    days: Weekdays = frozenset(range(7))
    start: Minute = 0
    end: Minute = DAY_MINUTES

    def holds(self, local: datetime) -> bool:
        minute, day = local.hour * 60 + local.minute, local.weekday()
        if self.start < self.end:
            return day in self.days and self.start <= minute < self.end
        yesterday = (day - 1) % 7
        return (day in self.days and minute >= self.start) or (
            yesterday in self.days and minute < self.end
        )


@dataclass(frozen=True)
class Lognormal(Part):
    """Handle times in seconds; `sigma` is the deviation of their logarithm."""

    mean_s: Positive
    sigma: Positive = 0.6

    def draw(self, random: Chance) -> float:
        place = NORMAL.inv_cdf(max(random.random(), TINY))
        return self.mean_s * math.exp(self.sigma * place - self.sigma**2 / 2)


@dataclass(frozen=True)
class Weibull(Part):
    """Patience in seconds; shape 1 is exponential, above it fewer customers leave early."""

    mean_s: Positive
    shape: Positive = 1.0

    def draw(self, random: Chance) -> float:
        scale = self.mean_s / math.gamma(1 + 1 / self.shape)
        return scale * math.pow(-math.log(max(random.random(), TINY)), 1 / self.shape)


@dataclass(frozen=True)
class Queue(Part):
    """A chat queue. Of two with work for an agent the higher `level` (1-10) goes first."""

    id: str
    name: str
    level: Annotated[int, Field(ge=1, le=10)] = 5
    schedule: str | None = None
    twin_of: str | None = None
    sla_s: Positive = 60.0


@dataclass(frozen=True)
class Agent(Part):
    """Someone who takes chats. `queues` maps queue ids to a level, 10 to 100, in tens.

    `shifts` names shifts of the world; `breaks` are the times of day at which one begins.
    """

    id: str
    name: str
    queues: dict[str, Annotated[int, Field(ge=10, le=100, multiple_of=10)]]
    shifts: tuple[str, ...]
    languages: tuple[str, ...] = ("en",)
    breaks: tuple[Minute, ...] = ()


@dataclass(frozen=True)
class Presence(Part):
    """How often (0-1) the bot has a piece of context; `channels` where that differs."""

    share: Share
    channels: dict[str, Share] = field(default_factory=dict)

    def on(self, channel: str) -> float:
        return self.channels.get(channel, self.share)


@dataclass(frozen=True)
class Rush(Hours):
    """Whole hours in which an intent comes `factor` times as often."""

    start: Hour = 0
    end: Hour = DAY_MINUTES
    factor: Positive = 1.0


@dataclass(frozen=True)
class Intent(Part):
    """What customers ask for: `weight` against the other intents, the queue that knows best.

    `variables` may be collected by the bot; `channels` and `languages` replace the world's mix.
    """

    name: str
    weight: Positive
    queue: str
    category: str
    variables: tuple[str, ...] = ()
    channels: dict[str, Positive] = field(default_factory=dict)
    languages: dict[str, Positive] = field(default_factory=dict)
    rushes: tuple[Rush, ...] = ()

    def weight_at(self, local: datetime) -> float:
        """The weight at a moment in the world's zone, rushes included."""
        factors = (rush.factor for rush in self.rushes if rush.holds(local))
        return self.weight * math.prod(factors)


@dataclass(frozen=True)
class Arrivals(Part):
    """When customers come: relative weights per local hour and weekday, and how many a day.

    `busyness` is the deviation of a day's lognormal factor: real days differ more than Poisson.
    `no_intent` and `vip` are shares (0-1) of all customers.
    """

    per_day: Positive
    hours: Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=24, max_length=24)]
    weekdays: Annotated[
        tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=7, max_length=7)
    ]
    channels: dict[str, Positive]
    languages: dict[str, Positive]
    busyness: Annotated[float, Field(ge=0)] = 0.0
    no_intent: Share = 0.0
    vip: Share = 0.0
    vip_queue: str | None = None


@dataclass(frozen=True)
class HandleTimes(Part):
    """Handle times: an intent's own, else the queue's, else the default."""

    default: Lognormal
    queues: dict[str, Lognormal] = field(default_factory=dict)
    intents: dict[str, Lognormal] = field(default_factory=dict)


@dataclass(frozen=True)
class Patience(Part):
    """Seconds a customer waits before leaving: an intent's own, else the default."""

    default: Weibull
    intents: dict[str, Weibull] = field(default_factory=dict)


@dataclass(frozen=True)
class Afterwards(Part):
    """What happens after the wait, as shares (0-1) of the customers concerned.

    `gone` had left silently when the agent came, who gives up after `gone_s`. `transfer` is passed
    on to `transfer_to` by the queue that knows best, `transfer_elsewhere` to that queue by any
    other. `ended_by_customer` closes the chat first. `retry` of those nobody took come back after
    `retry_after_s` (from, to).
    """

    gone: Share = 0.0
    gone_s: Positive = 90.0
    transfer: Share = 0.0
    transfer_to: str | None = None
    transfer_elsewhere: Share = 0.0
    ended_by_customer: Share = 0.0
    retry: Share = 0.0
    retry_after_s: tuple[Positive, Positive] = (120.0, 900.0)


@dataclass(frozen=True)
class Live(Part):
    """The live demonstration: handoffs a minute, and how much shorter its chats are."""

    per_minute: Positive = 20.0
    handle_factor: Positive = 0.1
