"""The rows an ended attempt leaves in the log. No text, name or number of a customer is in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.context import Payload
from connector.eight import CallCount
from connector.handoff import Handoff, Outcome
from connector.policy import SkipReason
from connector.routing import Decision, PlannedStep

SKIPPED: dict[SkipReason, str] = {
    "closed": "skipped_closed",
    "nobody_logged_in": "skipped_empty",
    "all_busy": "skipped_empty",
}


@dataclass
class StepRecord:
    """One queue as it was really tried."""

    number: int
    planned: PlannedStep
    offered_at: datetime
    queued_at: datetime | None = None
    people_ahead: int | None = None
    left_at: datetime | None = None
    result: str | None = None

    def close(self, result: str, at: datetime) -> None:
        self.result, self.left_at = result, max(at, self.offered_at)

    def row(self, attempt_id: str, started_at: datetime) -> dict[str, Any]:
        left_at = self.left_at or self.offered_at
        return {
            "attempt_id": attempt_id,
            "started_at": started_at,
            "step": self.number,
            "queue_id": self.planned.queue_id,
            "queue": self.planned.queue,
            "offered_at": self.offered_at,
            "left_at": left_at,
            "wait_s": (left_at - self.offered_at).total_seconds(),
            "timeout_s": self.planned.timeout_s,
            "agents_available": self.planned.agents_available,
            "result": self.result,
        }


@dataclass(frozen=True)
class Ending:
    """How an attempt ended; `at` is UTC.

    `ended_by` says who ended the conversation when that came with the acceptance: the agent joined
    while the customer left, or while we cancelled.
    """

    outcome: Outcome
    at: datetime
    reason: str | None = None
    agent: str | None = None
    ended_by: str | None = None

    @property
    def accepted(self) -> bool:
        return self.outcome is Outcome.ACCEPTED


@dataclass(frozen=True)
class Beginning:
    """What is known of an attempt before 8x8 is asked."""

    attempt_id: str
    handoff: Handoff
    started_at: datetime
    tenant: str | None
    source: str
    retry_of: str | None
    customer_ref: str | None

    def row(self) -> dict[str, Any]:
        handoff = self.handoff
        return {
            "attempt_id": self.attempt_id,
            "handoff_id": handoff.handoff_id,
            "retry_of": self.retry_of,
            "tenant": self.tenant,
            "bot": handoff.bot,
            "source": self.source,
            "started_at": self.started_at,
            "channel": handoff.channel,
            "language": handoff.language,
            "intent": handoff.intent,
            "category": handoff.category,
            "confidence": handoff.confidence,
            "inputs": {},
            "customer_ref": self.customer_ref,
        }


def decision_row(decision: Decision) -> dict[str, Any]:
    """The columns the decision fills."""
    first = decision.steps[0]
    return {
        "policy_version": decision.policy_version,
        "rule": decision.rule,
        "decided_by": decision.decided_by,
        "canary_arm": decision.canary_arm,
        "propensity": decision.propensity,
        "first_queue_id": first.queue_id,
        "first_queue": first.queue,
        "queue_id": first.queue_id,
        "queue": first.queue,
        "queues_tried": [],
        "skill": decision.skill,
        "priority": decision.priority,
        "timeout_s": first.timeout_s,
        "context_required": list(decision.required),
        "inputs": dict(decision.inputs),
        "failure_path": decision.failure_path,
    }


def attempt_row(
    beginning: Beginning,
    ending: Ending,
    *,
    decision: Decision | None,
    payload: Payload | None,
    steps: Iterable[StepRecord] | None,
    conversation_id: str | None,
    wait_s: float,
    calls: CallCount,
) -> dict[str, Any]:
    """All columns of `attempts`; what was never reached stays null."""
    row = beginning.row()
    if decision is not None:
        row |= decision_row(decision)
    if payload is not None:
        row |= _context(payload)
    offered = [step for step in steps or () if step.result not in SKIPPED.values()]
    row |= _queue(offered)
    return row | {
        "conversation_id": conversation_id,
        "delivered": conversation_id is not None,
        "ended_at": ending.at,
        "outcome": ending.outcome.value,
        "failure_reason": ending.reason,
        "failure_path": decision.failure_path if decision and not ending.accepted else None,
        "wait_s": wait_s,
        "http_requests": calls.requests,
        "retries": calls.retries,
        "agent_id": ending.agent,
    }


def _queue(offered: list[StepRecord]) -> dict[str, Any]:
    """Accepted, else last offered; when nothing was offered the first planned stays."""
    if not offered:
        return {}
    serving = next((step for step in offered if step.result == "accepted"), offered[-1])
    return {
        "queue_id": serving.planned.queue_id,
        "queue": serving.planned.queue,
        "skill": serving.planned.skill,
        "queues_tried": [step.planned.queue for step in offered],
    }


def _context(payload: Payload) -> dict[str, Any]:
    """Presence only."""
    return {
        "context_required": list(payload.required),
        "context_present": list(payload.present),
        "context_cut": list(payload.cut),
        "completeness": payload.completeness,
    }
