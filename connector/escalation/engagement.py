"""What follows acceptance: relayed words, transfers, the end, and the row that tells of it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connector.eight import NAMELESS, Conversation
from connector.errors import EightError, NotFound
from connector.escalation.record import Ending
from connector.escalation.signals import (
    Gone,
    Joined,
    Leave,
    Left,
    Moved,
    Queued,
    Signal,
    Text,
    Typing,
)

if TYPE_CHECKING:
    from connector.escalation.attempt import Attempt

logger = logging.getLogger(__name__)
# 8x8 does not document whether TRANSFER comes before or after agent/left.
HOLD_LEFT_S = 3.0


class Engagement:
    """One conversation with an agent, from acceptance to its end."""

    def __init__(self, attempt: Attempt, ending: Ending) -> None:
        self._attempt, self._station = attempt, attempt.station
        self.accepted_at, self.agent = ending.at, ending.agent
        self._ended_by, self._came_at = ending.ended_by, ending.at
        result = attempt.result
        self._queue_id, self._queue = result.queue_id, result.queue
        self._transfers = 0
        self._requeued = self._moving = self._customer_wrote = False
        self._left_at: datetime | None = None

    async def run(self) -> None:
        """Relay until the end, then record it."""
        if self._ended_by is not None:
            await self._record(self._ended_by, self._station.clock.now())
            return
        ended_at: datetime | None
        while True:
            signal = await self._attempt.hearing.next(self._deadline())
            if isinstance(signal, Gone):
                ended_by, ended_at = "agent", self._left_at or signal.at
                break
            if isinstance(signal, Leave):
                ended_by, ended_at = await self._hang_up(signal)
                break
            if signal is not None:
                self._hear(signal)
            elif await self._is_over():
                ended_by, ended_at = "agent", self._left_at
                break
        await self._record(ended_by, ended_at)

    def _deadline(self) -> datetime | None:
        if self._left_at is None:
            return None
        hold = self._station.grace_world(HOLD_LEFT_S)
        return self._station.clock.now() + timedelta(seconds=hold)

    async def _is_over(self) -> bool:
        """Whether the agent who left was the end: the event of a transfer may have been lost."""
        eight, conversation_id = self._station.tenant.eight, self._attempt.conversation.id
        assert conversation_id is not None
        try:
            found = await eight.conversation(conversation_id)
            if found.state == "idle":
                return True
            if found.agent == self.agent:
                present = await eight.participants(conversation_id)
                if not any(who.id == self.agent and not who.removed for who in present):
                    return True
        except NotFound:
            return True
        except EightError:
            return False
        self._follow(found)
        return False

    def _follow(self, found: Conversation) -> None:
        """Where 8x8 says the conversation is, when no event told."""
        self._left_at, now = None, self._station.clock.now()
        if found.agent == self.agent:
            return
        self._transferred()
        if found.agent is not None:
            self._taken_over(Joined(now, found.agent))
        elif found.queue is not None:
            self._entered(Queued(now, found.queue, found.queue))

    def _hear(self, signal: Signal) -> None:
        match signal:
            case Text():
                self._attempt.telling.tell("message", text=signal.text)
                self._note("agent_wrote", length=len(signal.text))
            case Typing():
                self._attempt.telling.tell("typing", on=signal.on)
            case Moved() | Queued() if signal.at < self._came_at:
                pass  # of before the agent who has it now
            case Moved() if not self._moving:
                self._transferred()
            case Queued() if self._moving:
                self._entered(signal)
            case Queued() if self._left_at is not None:
                self._transferred()
                self._entered(signal)
            case Joined() if self._is_new(signal):
                self._taken_over(signal)
            case Left() if not self._moving and self._is_mine(signal):
                self._left_at = signal.at
            case _:
                pass

    def _is_new(self, joined: Joined) -> bool:
        """Whether somebody else took it: old news of an agent comes late or twice."""
        if joined.at < self._came_at:
            return False
        return joined.agent != self.agent or (self._moving and not joined.assigned)

    def _is_mine(self, left: Left) -> bool:
        return left.agent in (self.agent, NAMELESS) and left.at >= self._came_at

    def _transferred(self) -> None:
        self._transfers += 1
        self._moving, self._left_at = True, None
        self._attempt.telling.tell("transferred")
        self._note("transferred")

    def _entered(self, signal: Queued) -> None:
        self._requeued = self._requeued or signal.queue_id != self._queue_id
        self._queue_id, self._queue = signal.queue_id, signal.queue

    def _taken_over(self, signal: Joined) -> None:
        if not self._moving:  # the news of the transfer was lost, or comes after this
            self._transfers += 1
        self.agent, self._moving, self._left_at = signal.agent, False, None
        self._came_at = signal.at
        self._attempt.telling.tell("accepted", agent=signal.agent, queue=self._queue)
        self._note("accepted", agent_id=signal.agent)

    async def _hang_up(self, leave: Leave) -> tuple[str, datetime | None]:
        if leave.by == "connector":
            return "lost", None
        conversation_id = self._attempt.conversation.id
        assert conversation_id is not None
        self._attempt.closing = True
        try:
            await self._station.tenant.eight.end(conversation_id)
        except EightError as error:
            self._note("end_failed", reason=error.reason)
            self._station.ghosts.add(conversation_id)
        return leave.by, leave.at

    async def _record(self, ended_by: str, ended_at: datetime | None) -> None:
        ended = max(ended_at, self.accepted_at) if ended_at else None
        row = {
            "attempt_id": self._attempt.attempt_id,
            "started_at": self._attempt.beginning.started_at,
            "accepted_at": self.accepted_at,
            "ended_at": ended,
            "agent_id": self.agent,
            "queue_id": self._queue_id,
            "queue": self._queue,
            "handle_s": (ended - self.accepted_at).total_seconds() if ended else None,
            "transfers": self._transfers,
            "requeued": self._requeued,
            "customer_wrote": self._customer_wrote,
            "ended_by": ended_by,
        }
        await self._station.record("engagement", self._attempt.attempt_id, row)
        self._attempt.telling.tell("ended", by=ended_by)

    def wrote(self) -> None:
        """The customer wrote after acceptance: they were still there."""
        self._customer_wrote = True

    def _note(self, event: str, **detail: object) -> None:
        self._station.note(self._attempt.attempt_id, event, **detail)
