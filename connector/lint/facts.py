"""What lint knows besides the policy: the tenant as it is, and what its customers did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connector.eight import Channel
from connector.policy import Period
from connector.queues import QueueBook

ENOUGH = 100
"""Attempts below which the log says nothing about customers."""
QUARTER_MIN = 15


@dataclass(frozen=True)
class TenantFacts:
    """A tenant at one moment. What could not be read is None.

    `own_channel` says whether a bot's channel that the policy does not map has one to go through.
    `schedules` are the weekly hours of 8x8's schedules by id and by name, in the policy's zone;
    one whose hours 8x8 gives in another form is left out.
    """

    book: QueueBook
    channels: tuple[Channel, ...] | None = None
    own_channel: bool = True
    schedules: Mapping[str, tuple[Period, ...]] | None = None


@dataclass(frozen=True)
class Traffic:
    """Attempts that are alike in all that conditions read.

    `quarters`: quarter of an hour of the week, from Monday's midnight in the policy's zone,
    -> attempts.
    """

    intent: str | None
    quarters: Mapping[int, int]
    category: str | None = None
    channel: str | None = None
    language: str | None = None
    confidence: float | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Patience:
    """How long customers of one intent wait, out of `attempts` who had to.

    `half_gone_s`: seconds after which more than half of those not served yet have left (the upper
    end of the 95 % interval is below one half); None when the log does not show such a moment.
    """

    attempts: int
    half_gone_s: float | None


@dataclass(frozen=True)
class LogFacts:
    """What the log of a period (naive UTC) says about the customers a policy is for.

    `sent` are the names of the context fields that any bot has sent; `patience` goes by intent.
    """

    since: datetime
    until: datetime
    attempts: int
    traffic: tuple[Traffic, ...] = ()
    sent: frozenset[str] = frozenset()
    patience: Mapping[str | None, Patience] = field(default_factory=dict)

    @property
    def is_enough(self) -> bool:
        return self.attempts >= ENOUGH
