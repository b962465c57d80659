"""The serving of one handoff: decide, record, create, wait, move on or give up.

claim -> decide -> record start -> availability -> create -> wait -> next step on timeout
(re-assign, never create again) -> accepted, or cancel and failure path.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from datetime import datetime, timedelta
from typing import TypeVar

from connector import context, routing
from connector.eight import counting
from connector.errors import EightError, InvalidQueue, Refused
from connector.escalation.conversation import ConversationCalls
from connector.escalation.engagement import Engagement
from connector.escalation.hearing import Hearing
from connector.escalation.owing import BOT_CONVERSATION, bot_conversation
from connector.escalation.record import Beginning, Ending, StepRecord, attempt_row, decision_row
from connector.escalation.signals import Gone, Joined, Leave, Left, Queued, Signal
from connector.escalation.standing import Standing
from connector.escalation.station import Station
from connector.escalation.steps import Steps
from connector.escalation.telling import Telling
from connector.handoff import Outcome, Result, Waiting
from connector.routing import PlannedStep

logger = logging.getLogger(__name__)
S = TypeVar("S", Joined, Queued)
LATE_S, MOVED_S = 3.0, 1.0


class Attempt:
    """One attempt from its claim to its outcome, and the engagement after it.

    `over` is set once the outcome is recorded, `finished` once the engagement is over too; both
    also when the process ends before. `closing` is set while and after we end the conversation.
    """

    def __init__(self, station: Station, beginning: Beginning, *, protected: bool = True) -> None:
        self.station, self.beginning = station, beginning
        self.attempt_id, self.handoff = beginning.attempt_id, beginning.handoff
        self.conversation = ConversationCalls(station, self.attempt_id)
        self.telling = Telling(station.clock)
        self.hearing = Hearing(station.clock, beginning.started_at)
        self.engagement: Engagement | None = None
        self.over, self.finished = asyncio.Event(), asyncio.Event()
        self.closing = False
        self._policy = station.policy
        self._standing = Standing(station, beginning, self._policy, self.conversation, protected)
        self._early: list[Signal] = []

    @property
    def result(self) -> Result:
        """The attempt as it stands; `outcome` is null until it has ended."""
        return self._standing.result

    @property
    def waiting(self) -> Waiting | None:
        """What to tell the customer meanwhile; None once the attempt has ended."""
        return self._standing.waiting

    async def serve(self) -> None:
        """Run to the outcome, record it, and go on with the engagement when an agent took it."""
        try:
            await self._serve()
        finally:
            # Also when the process ends first: whoever waits must hear that nothing follows.
            self.over.set()
            self.finished.set()
            self.telling.close()

    async def _serve(self) -> None:
        with counting() as self._calls:
            try:
                ending = await self._reach_an_agent()
            except EightError as error:
                ending = self._refused(error)
            except Exception as error:  # a bug of ours is an outcome too: the bot must hear one
                ending = self._bug(error)
            await self._conclude(ending)
        if self.engagement is not None:
            self.hearing.again(self._early)
            await self.engagement.run()

    async def _reach_an_agent(self) -> Ending:
        steps = await self._decide()
        step = await self._next_step(steps)
        if step is None:
            return Ending(Outcome.NO_AGENTS, self._now(), steps.why_skipped)
        step = await self._open(steps, step)
        while True:
            ending = await self._wait_for_agent(steps, step)
            if ending is not None:
                return ending
            step.close("step_timeout", self._now())
            self.station.note(self.attempt_id, "step_timeout", queue_id=step.planned.queue_id)
            following = await self._move_on(steps)
            if following is None:
                return await self._give_up(steps, Outcome.TIMED_OUT)
            step = following

    async def _decide(self) -> Steps:
        station = self.station
        book = await station.tenant.book(self._policy)
        now, handoff = self._now(), self.handoff
        decision = routing.decide(self._policy, handoff, book, now)
        decision = routing.under_emergency(decision, handoff, station.emergencies, book, now)
        self._standing.decision, self._standing.steps = decision, Steps(decision)
        self._standing.payload = context.build(
            self._policy, self.handoff, decision, self.attempt_id
        )
        started = {
            **self.beginning.row(),
            **decision_row(decision),
            BOT_CONVERSATION: bot_conversation(self.handoff),
        }
        await station.record("started", self.attempt_id, {"attempt": started})
        station.note(self.attempt_id, "decided", trace=list(decision.trace))
        if unmarked := context.unmarked(self._policy, self.handoff):
            station.note(self.attempt_id, "unmarked", fields=list(unmarked))
        return self._standing.steps

    async def _next_step(self, steps: Steps) -> StepRecord | None:
        """The next step worth trying; those skipped on the way are recorded."""
        while steps.more:
            step = steps.next(await self.station.tenant.book(self._policy), self._now())
            if step.result is None:
                return step
            self.station.note(
                self.attempt_id, "skipped", queue_id=step.planned.queue_id, result=step.result
            )
        return None

    async def _open(self, steps: Steps, step: StepRecord) -> StepRecord:
        """Create the conversation; a queue 8x8 does not have is replaced by the default once."""
        assert self._standing.payload is not None
        channel_id = await self.station.tenant.channel(self._policy, self.handoff.channel)
        self._standing.requested_at = step.offered_at = self._now()
        context.aim(self._standing.payload, self.handoff, step.planned)
        try:
            await self.conversation.open(channel_id, self._standing.payload, step.planned.queue_id)
        except InvalidQueue:
            step = await self._on_default_queue(steps, step)
            await self.conversation.open(channel_id, self._standing.payload, step.planned.queue_id)
        self.station.note(self.attempt_id, "created", conversation_id=self.conversation.id)
        self.telling.tell("created", conversation_id=self.conversation.id)
        self._tell_step(step)
        return step

    async def _on_default_queue(self, steps: Steps, refused: StepRecord) -> StepRecord:
        refused.close("refused", self._now())
        self.station.note(self.attempt_id, "invalid_queue", queue_id=refused.planned.queue_id)
        book = await self.station.tenant.book(self._policy, fresh=True)
        queue = routing.default_queue(self._policy, book)
        planned = PlannedStep(
            queue_id=queue.id if queue else None,
            queue=queue.name if queue else self._policy.default_queue,
            timeout_s=refused.planned.timeout_s,
        )
        steps.leave_out(planned.queue_id)
        return steps.add(planned, self._now())

    async def _wait_for_agent(self, steps: Steps, step: StepRecord) -> Ending | None:
        """The ending that came within the step's timeout, else None."""
        deadline = step.offered_at + timedelta(seconds=step.planned.timeout_s)
        while (signal := await self.hearing.next(deadline)) is not None:
            match signal:
                case Joined():
                    return await self._accepted(steps, signal)
                case Leave(by="connector"):
                    return await self._give_up(steps, Outcome.FAILED, "lost")
                case Leave():
                    return await self._give_up(steps, Outcome.ABANDONED, leaves=signal.by)
                case Queued():
                    steps.queued(signal.queue_id, signal.queue, signal.at)
                case Gone() | Left():
                    if (ending := await self._look(steps, signal.at)) is not None:
                        return ending
                case _:  # what an agent wrote may come before the news that one joined
                    self._early.append(signal)
        return None

    async def _move_on(self, steps: Steps) -> StepRecord | None:
        """Re-assign to the next step 8x8 takes; None when there is none."""
        while (step := await self._next_step(steps)) is not None:
            try:
                if step.planned.queue_id is None:
                    raise InvalidQueue("no queue to re-assign to")
                await self._speak(step)
                await self.conversation.move(step.planned.queue_id)
            except EightError as error:
                step.close("refused", self._now())
                self.station.note(self.attempt_id, "refused", reason=error.reason)
                continue
            self.station.note(self.attempt_id, "step", queue_id=step.planned.queue_id)
            self._tell_step(step)
            return step
        return None

    def _tell_step(self, step: StepRecord) -> None:
        self.telling.tell("step", queue=step.planned.queue, timeout_s=step.planned.timeout_s)
        if (waiting := self.waiting) is not None:
            self.telling.tell("waiting", **waiting.model_dump(exclude={"waited_s"}))

    async def _accepted(
        self, steps: Steps, joined: Joined, *, ended_by: str | None = None
    ) -> Ending:
        """The agent who joined wins, whatever we were doing meanwhile."""
        for signal in self.hearing.take(Queued):
            steps.queued(signal.queue_id, signal.queue, signal.at)
        if steps.may_have_moved(joined.at) and (moved := await self._late(Queued, MOVED_S)):
            steps.queued(moved.queue_id, moved.queue, moved.at)
        at = min(max(joined.at, self._standing.requested_at or joined.at), self._now())
        steps.accept(joined.at, at)
        return Ending(Outcome.ACCEPTED, at, agent=joined.agent, ended_by=ended_by)

    async def _give_up(
        self,
        steps: Steps,
        outcome: Outcome,
        reason: str | None = None,
        *,
        leaves: str = "connector",
    ) -> Ending:
        """Cancel in 8x8. An agent who joins while we cancel wins; `leaves` says who gives up."""
        left_at, self.closing = self._now(), True
        cancelled = await self.conversation.cancel(look_first=leaves == "connector")
        self.closing = cancelled.ended
        joined = next(iter(self.hearing.take(Joined)), None)
        if joined is None and cancelled.agent is not None:
            joined = Joined(self._now(), cancelled.agent)
        if joined is not None:
            self.station.ghosts.discard(self.conversation.id or "")
            return await self._accepted(steps, joined, ended_by=leaves if cancelled.ended else None)
        self.closing = True
        steps.close_open("abandoned", left_at)
        return Ending(outcome, left_at, reason)

    async def _look(self, steps: Steps, at: datetime) -> Ending | None:
        """What became of a conversation 8x8 calls over though no agent was seen."""
        try:
            if (agent := await self.conversation.agent_seen()) is not None:
                return await self._accepted(
                    steps, await self._late(Joined, LATE_S) or Joined(at, agent)
                )
            over = await self.conversation.is_over()
        except EightError as error:
            return self._refused(error) if isinstance(error, Refused) else None
        if not over:
            return None
        steps.close_open("abandoned", at)
        return Ending(Outcome.FAILED, self._now(), "lost")

    async def _late(self, kind: type[S], seconds: float) -> S | None:
        """An event that tells when or where it was, given a moment to arrive."""
        deadline, others = self._now() + timedelta(seconds=self.station.grace_world(seconds)), []
        found: S | None = None
        while found is None and (signal := await self.hearing.next(deadline)) is not None:
            if isinstance(signal, kind):
                found = signal
            else:
                others.append(signal)
        self.hearing.again(others)
        return found

    async def _speak(self, step: StepRecord) -> None:
        """Tell 8x8 the language of a step: it decides which agents are offered the customer."""
        if self._standing.payload and context.aim(
            self._standing.payload, self.handoff, step.planned
        ):
            await self.conversation.speak(self._standing.payload.user["language"])

    def _refused(self, error: EightError) -> Ending:
        if self._standing.steps is not None:
            self._standing.steps.close_open("refused", self._now())
        self.station.note(
            self.attempt_id,
            "eight_error",
            status=error.status,
            code=error.code,
            reason=error.reason,
        )
        logger.warning("attempt %s: %s", self.attempt_id, error.reason)
        outcome = Outcome.REJECTED if isinstance(error, Refused) else Outcome.FAILED
        return Ending(outcome, self._now(), error.reason)

    def _bug(self, error: Exception) -> Ending:
        place = traceback.extract_tb(error.__traceback__)[-1]
        kind = type(error).__name__
        logger.error("attempt %s: %s at %s:%s", self.attempt_id, kind, place.filename, place.lineno)
        if self._standing.steps is not None:
            self._standing.steps.close_open("refused", self._now())
        return Ending(Outcome.FAILED, self._now(), "bug")

    async def _conclude(self, ending: Ending) -> None:
        """Record the outcome, then let the bot hear it."""
        self._standing.ending = ending
        if ending.accepted:
            self.engagement = Engagement(self, ending)
        row = attempt_row(
            self.beginning,
            ending,
            decision=self._standing.decision,
            payload=self._standing.payload,
            steps=self._standing.steps,
            conversation_id=self.conversation.id,
            wait_s=self._standing.waited(ending.at),
            calls=self._calls,
        )
        started_at = self.beginning.started_at
        steps = [step.row(self.attempt_id, started_at) for step in self._standing.steps or ()]
        owed = await self.station.owing.of_attempt(row, self._policy, self.handoff)
        ended = {"attempt": row, "steps": steps, **owed}
        await self.station.record("ended", self.attempt_id, ended)
        self.station.owing.tell(owed)
        await self.station.tell_result(self.attempt_id, self.result.model_dump_json())
        if ending.accepted:
            self.telling.tell("accepted", agent=ending.agent, queue=self.result.queue)
        self.telling.tell("outcome", **self.result.model_dump(mode="json"))
        self.over.set()

    def _now(self) -> datetime:
        return self.station.clock.now()
