"""The backstop for webhooks that do not come, and the only source when nobody receives any."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from connector.errors import EightError, NotFound
from connector.escalation.attempt import Attempt
from connector.escalation.signals import Gone, Joined, Text

if TYPE_CHECKING:
    from connector.escalation.connector import Connector

SILENT_S, SILENT_WITHOUT_RECEIVER_S = 30.0, 2.0
REQUESTS_PER_S = 5.0


class Polling:
    """Asks 8x8 about conversations that have been silent, oldest first, at most 5 requests/s."""

    every_s = 0.5

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def poll(self) -> None:
        """One round over what is silent; `SILENT_S` is world time, the rate is wall time."""
        received = await self._received()
        silent_s = SILENT_S if received else SILENT_WITHOUT_RECEIVER_S
        now = self._connector.clock.now()
        waiting = [one for one in self._connector.switchboard if _polled(one)]
        silent = [one for one in waiting if (now - one.hearing.at).total_seconds() >= silent_s]
        for attempt in sorted(silent, key=lambda one: one.hearing.at):
            if _polled(attempt):
                await self._take_turn()
                await self._ask(attempt)
                if attempt.engagement is not None:
                    await self._take_turn()
                    await self._read_messages(attempt)

    async def _received(self) -> bool:
        if self._connector.receiver_url is not None:
            return True
        return any(one.receiver for one in await self._connector.ledger.presences())

    async def _take_turn(self) -> None:
        pause = await self._connector.ledger.take_slot("poll", REQUESTS_PER_S)
        await asyncio.sleep(pause)

    async def _ask(self, attempt: Attempt) -> None:
        assert attempt.conversation.id is not None
        clock, hearing = self._connector.clock, attempt.hearing
        hearing.at = clock.now()
        try:
            conversation = await self._connector.station.tenant.eight.conversation(
                attempt.conversation.id
            )
        except NotFound:
            hearing.deliver(Gone(clock.now()))
            return
        except EightError:
            return
        if conversation.state == "idle":
            hearing.deliver(Gone(clock.now()))
        elif conversation.agent is not None:
            hearing.deliver(Joined(clock.now(), conversation.agent, assigned=True))

    async def _read_messages(self, attempt: Attempt) -> None:
        assert attempt.conversation.id is not None
        try:
            messages = await self._connector.station.tenant.eight.messages(attempt.conversation.id)
        except EightError:
            return
        now = self._connector.clock.now()
        attempt.hearing.read(
            Text(message.at or now, message.text, message.text)
            for message in messages
            if message.author == "agent"
        )


def _polled(attempt: Attempt) -> bool:
    """Whether 8x8 holds an open conversation for this attempt."""
    return attempt.conversation.id is not None and not attempt.finished.is_set()
