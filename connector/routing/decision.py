"""What routing hands on: a decision and the steps it plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from connector.handoff import FailurePathKind, Priority
from connector.policy import OpeningHours, SkipIf, SkipReason

NEVER = SkipIf()


@dataclass(frozen=True)
class PlannedStep:
    """One queue to try. `queue_id` is null when only the channel's own queue is left to try."""

    queue_id: str | None
    queue: str
    timeout_s: float
    skip_if: SkipIf = NEVER
    skill: str | None = None
    language: str | None = None
    skipped: SkipReason | None = None
    agents_available: int | None = None
    opening_hours: OpeningHours | None = None


@dataclass(frozen=True)
class Plan:
    """The steps of a decision, and the part of its trace that explains them."""

    steps: tuple[PlannedStep, ...]
    trace: tuple[str, ...]


class Decision(NamedTuple):
    """What the policy says for one handoff; `trace` explains it, `propensity` is a share 0-1.

    `inputs` are the values of the variables that conditions of the policy read. When `closed`, no
    step is tried: an emergency leads straight to the failure path. A tuple, because one is made
    for every handoff and a frozen dataclass takes five times as long to make.
    """

    policy_version: int
    rule: str
    decided_by: str
    steps: tuple[PlannedStep, ...]
    priority: Priority
    skill: str | None
    language: str
    failure_path: FailurePathKind
    failure_text: str
    required: tuple[str, ...]
    canary_arm: str | None
    propensity: float
    trace: tuple[str, ...]
    failure_target: str | None
    inputs: Mapping[str, str]
    closed: bool = False
