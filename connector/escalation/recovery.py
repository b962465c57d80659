"""Attempts whose process is gone: 8x8 is asked what became of them."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connector.context import ATTEMPT_ID
from connector.errors import EightError, NotFound, Refused
from connector.escalation.record import Ending
from connector.handoff import Outcome, Result
from connector.log import OpenAttempt

if TYPE_CHECKING:
    from connector.escalation.connector import Connector

logger = logging.getLogger(__name__)
ASKED_FOR_S = 60.0


class Recovery:
    """Resolves every attempt a dead process left open; of several processes exactly one does.

    While 8x8 does not answer they are kept, for `ASKED_FOR_S` wall seconds, then unknown.
    """

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._open: dict[str, tuple[OpenAttempt, float]] = {}
        self._turn = asyncio.Lock()

    async def recover(self) -> None:
        """One round: take over what is left, and ask 8x8 about each until it does not answer."""
        async with self._turn:
            await self._take_over()
            for left, since in list(self._open.values()):
                if not await self._resolve(left, since):
                    return
                del self._open[left.attempt_id]

    async def _take_over(self) -> None:
        connector = self._connector
        for left in await asyncio.to_thread(connector.flusher.open_attempts_of_the_dead):
            await connector.station.record("adopted", left.attempt_id, {"attempt": left.started})
            adopted = await connector.ledger.take_over(
                left.attempt_id, from_instance=left.instance, to_instance=connector.instance
            )
            if adopted:
                self._open[left.attempt_id] = (left, time.monotonic())

    async def _resolve(self, left: OpenAttempt, since: float) -> bool:
        """False while 8x8 does not answer and may do so later."""
        connector = self._connector
        claim = await connector.ledger.claim_by_attempt(left.attempt_id)
        conversation_id = claim.conversation_id if claim else None
        try:
            conversation_id = conversation_id or await _search(connector, left.attempt_id)
            ending = await _ask(connector, conversation_id)
        except EightError as error:
            if not isinstance(error, Refused) and time.monotonic() - since < ASKED_FOR_S:
                return False
            logger.warning("attempt %s cannot be resolved: %s", left.attempt_id, error.reason)
            ending = Ending(Outcome.UNKNOWN, connector.clock.now(), error.reason)
            if conversation_id is not None:
                connector.station.ghosts.add(conversation_id)
        if conversation_id is None:
            connector.switchboard.give_up_on(left.attempt_id)
        await _conclude(connector, left, conversation_id, ending)
        return True


async def _search(connector: Connector, attempt_id: str) -> str | None:
    for conversation in await connector.station.tenant.eight.newest_conversations():
        if conversation.properties.get(ATTEMPT_ID) == attempt_id:
            return conversation.id
    return None


async def _ask(connector: Connector, conversation_id: str | None) -> Ending:
    """Accepted when an agent was in it; else what still waits is cancelled, for no bot listens."""
    lost = Ending(Outcome.FAILED, connector.clock.now(), "lost")
    if conversation_id is None:
        return lost
    eight = connector.station.tenant.eight
    try:
        if (await eight.conversation(conversation_id)).agent is None:
            await eight.end(conversation_id)
        seen = await eight.participants(conversation_id)
    except NotFound:
        return lost
    agent = next((who.id for who in seen if who.type == "agent"), None)
    if agent is None:
        return lost
    return Ending(Outcome.ACCEPTED, connector.clock.now(), agent=agent)


async def _conclude(
    connector: Connector, left: OpenAttempt, conversation_id: str | None, ending: Ending
) -> None:
    row = _row(left, conversation_id, ending)
    station = connector.station
    owed = station.owing.of_the_dead(row, station.policy)
    data = {"attempt": row, "steps": [_step(row, ending)], **owed}
    await station.record("ended", left.attempt_id, data)
    station.owing.tell(owed)
    result = Result(
        handoff_id=left.handoff_id,
        attempt_id=left.attempt_id,
        outcome=ending.outcome,
        reason=ending.reason,
        queue=row.get("queue"),
        queue_id=row.get("queue_id"),
        agent=ending.agent,
        conversation_id=conversation_id,
        failure_path=row.get("failure_path"),
    )
    await station.tell_result(left.attempt_id, result.model_dump_json())


def _row(left: OpenAttempt, conversation_id: str | None, ending: Ending) -> dict[str, Any]:
    started: dict[str, Any] = dict(left.started)
    return started | {
        "conversation_id": conversation_id,
        "ended_at": ending.at,
        "outcome": ending.outcome.value,
        "failure_reason": ending.reason,
        "failure_path": None if ending.accepted else started.get("failure_path"),
        "queues_tried": [started.get("queue")] if conversation_id else [],
        "wait_s": None,
        "agent_id": ending.agent,
        "delivered": conversation_id is not None,
    }


def _step(row: dict[str, Any], ending: Ending) -> dict[str, Any]:
    """The step the log can vouch for: the first queue, whose wait nobody measured."""
    started_at: datetime = row["started_at"]
    accepted = ending.outcome is Outcome.ACCEPTED
    return {
        "attempt_id": row["attempt_id"],
        "started_at": started_at,
        "step": 1,
        "queue_id": row.get("first_queue_id"),
        "queue": row.get("first_queue"),
        "offered_at": started_at,
        "left_at": ending.at,
        "wait_s": None,
        "timeout_s": row.get("timeout_s"),
        "agents_available": None,
        "result": "accepted" if accepted else "refused",
    }
