"""Where an attempt stands: what is known of it by now, as the bot may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connector.context import Payload
from connector.escalation.conversation import ConversationCalls
from connector.escalation.record import Beginning, Ending, StepRecord
from connector.escalation.station import Station
from connector.escalation.steps import Steps
from connector.handoff import Result, Waiting
from connector.policy import Policy
from connector.routing import Decision, PlannedStep


@dataclass
class Standing:
    """Filled as the attempt goes on; `requested_at` (UTC) is when 8x8 was first asked."""

    station: Station
    beginning: Beginning
    policy: Policy
    conversation: ConversationCalls
    protected: bool = True
    decision: Decision | None = None
    payload: Payload | None = None
    steps: Steps | None = None
    requested_at: datetime | None = None
    ending: Ending | None = None

    @property
    def result(self) -> Result:
        """The attempt as it stands; `outcome` is null until it has ended."""
        ending, decision, payload = self.ending, self.decision, self.payload
        lost = decision is not None and ending is not None and not ending.accepted
        serving = self._serving
        return Result(
            handoff_id=self.beginning.handoff.handoff_id,
            attempt_id=self.beginning.attempt_id,
            outcome=ending.outcome if ending else None,
            reason=ending.reason if ending else None,
            queue=serving.queue if serving else None,
            queue_id=serving.queue_id if serving else None,
            wait_s=self.waited(ending.at) if ending else None,
            agent=ending.agent if ending else None,
            conversation_id=self.conversation.id,
            context_delivered=payload.present if payload and self.conversation.id else (),
            context_missing=payload.missing if payload else (),
            failure_path=decision.failure_path if decision and lost else None,
            failure_text=decision.failure_text if decision and lost else None,
            failure_target=decision.failure_target if decision and lost else None,
            trace=decision.trace if decision else (),
            protected=self.protected,
        )

    @property
    def waiting(self) -> Waiting | None:
        """What to tell the customer meanwhile; None once the attempt has ended."""
        if self.ending is not None:
            return None
        step = self.steps.serving if self.steps else None
        return Waiting(
            message=self.policy.waiting_message,
            queue=step.planned.queue if step else None,
            people_ahead=self._people_ahead(step) if step else None,
            waited_s=self.waited(self.station.clock.now()),
        )

    def waited(self, until: datetime) -> float:
        """Seconds from the request to 8x8 until then; 0 when 8x8 was not asked."""
        if self.requested_at is None:
            return 0.0
        return max(0.0, (until - self.requested_at).total_seconds())

    @property
    def _serving(self) -> PlannedStep | None:
        """The queue that took it, else the last offered, else the first planned."""
        if self.steps is not None and (step := self.steps.serving) is not None:
            return step.planned
        return self.decision.steps[0] if self.decision else None

    def _people_ahead(self, step: StepRecord) -> int | None:
        """Whoever was ahead at first, less those who have left the queue since, as far as known."""
        if step.people_ahead is None or step.planned.queue_id is None:
            return None
        tenant = self.station.tenant
        waiting = tenant.waiting_in(step.planned.queue_id, since=step.offered_at)
        if waiting is None:
            return step.people_ahead
        return min(step.people_ahead, max(waiting - 1, 0))
