"""The 8x8 conversation of one attempt: opened, moved, looked at, cancelled."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from connector.context import ATTEMPT_ID, Payload
from connector.errors import AnswerLost, EightError
from connector.escalation.station import Station

LOST_ANSWER_S = 5.0


@dataclass(frozen=True)
class Cancelled:
    """What came of giving up: the agent who had come first, and whether 8x8 ended it."""

    agent: str | None
    ended: bool


class ConversationCalls:
    """8x8's side of an attempt. `found` resolves to the conversation id once anyone learns it."""

    def __init__(self, station: Station, attempt_id: str) -> None:
        self._station, self._attempt_id = station, attempt_id
        self.id: str | None = None
        self.found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def open(self, channel_id: str, payload: Payload, queue_id: str | None) -> str:
        """Create the conversation and return its id.

        Raises InvalidQueue for a queue 8x8 does not have, other EightErrors, and AnswerLost with
        reason `lost` when no answer came and no conversation of ours can be found.
        """
        try:
            created = await self._station.tenant.eight.create_conversation(
                channel_id=channel_id,
                user=payload.user,
                history=payload.history,
                queue_id=queue_id,
            )
        except AnswerLost:
            created = await self._find()
        return await self._use(created)

    async def _use(self, conversation_id: str) -> str:
        self.id = conversation_id
        if not self.found.done():
            self.found.set_result(conversation_id)
        ledger = self._station.ledger
        await self._station.tell_ledger(
            lambda: ledger.set_conversation(self._attempt_id, conversation_id)
        )
        return conversation_id

    async def _find(self) -> str:
        """An event may name our attempt within 5 s; else the newest conversations are read once."""
        self._station.note(self._attempt_id, "answer_lost")
        try:
            wait = self._station.grace(LOST_ANSWER_S)
            return await asyncio.wait_for(asyncio.shield(self.found), wait)
        except TimeoutError:
            pass
        with contextlib.suppress(EightError):
            for conversation in await self._station.tenant.eight.newest_conversations():
                if conversation.properties.get(ATTEMPT_ID) == self._attempt_id:
                    return conversation.id
        lost = AnswerLost("8x8 did not answer the create call and has no such conversation.")
        lost.reason = "lost"
        raise lost

    async def move(self, queue_id: str) -> None:
        """Re-assign to another queue. Raises EightError when it did not happen."""
        eight = self._station.tenant.eight
        try:
            await eight.reassign(self._known, queue_id)
        except AnswerLost:
            if (await eight.conversation(self._known)).queue != queue_id:
                raise

    async def speak(self, language: str) -> None:
        """Change the customer's language while they wait. Raises EightError."""
        await self._station.tenant.eight.update_user(self._known, {"language": language})

    async def agent_seen(self) -> str | None:
        """An agent who is, or was, in the conversation. Raises EightError."""
        seen = await self._station.tenant.eight.participants(self._known)
        return next((who.id for who in seen if who.type == "agent"), None)

    async def is_over(self) -> bool:
        """Whether 8x8 calls the conversation over. Raises EightError."""
        return (await self._station.tenant.eight.conversation(self._known)).state == "idle"

    async def cancel(self, *, look_first: bool) -> Cancelled:
        """End it; an agent who joined before the end wins.

        With `look_first` a conversation that an agent already holds is left alone. What 8x8 does
        not end now is ended as soon as it answers again.
        """
        eight, ended = self._station.tenant.eight, False
        try:
            if look_first and (agent := (await eight.conversation(self._known)).agent):
                return Cancelled(agent, ended=False)
            await eight.end(self._known)
            ended = True
            return Cancelled(await self.agent_seen(), ended)
        except EightError as error:
            self._station.note(self._attempt_id, "cancel_failed", reason=error.reason)
            if not ended:
                self._station.ghosts.add(self._known)
            return Cancelled(None, ended)

    @property
    def _known(self) -> str:
        assert self.id is not None, "the conversation has been opened"
        return self.id
