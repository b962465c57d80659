"""Claims, inbox, presences, slots, contacts: one SQLite file all processes of a home share."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from connector.log import claims, contacts, inbox
from connector.log.claims import Claim
from connector.log.inbox import InboxEvent, Presence
from connector.log.turns import Turns


class Ledger:
    """The ledger of a home, at `path`, for one event loop at a time.

    Every method may raise LogError, and ClaimsUnreachable when the file does not answer for 0.2
    wall seconds.
    """

    def __init__(self, path: Path) -> None:
        self._turns = Turns(path)

    async def claim(
        self,
        handoff_id: str,
        attempt_id: str,
        instance: str,
        *,
        at: datetime,
        customer_ref: str | None = None,
        bot_conversation: str | None = None,
    ) -> Claim:
        """Take a handoff_id for an attempt; the claim that holds it already when it is taken."""
        return await self._turns.write(
            lambda con: claims.claim(
                con,
                handoff_id,
                attempt_id,
                instance,
                at=at,
                customer_ref=customer_ref,
                bot_conversation=bot_conversation,
            )
        )

    async def set_conversation(self, attempt_id: str, conversation_id: str) -> None:
        """Note the conversation 8x8 made, by which other processes find the attempt."""
        await self._turns.write(
            lambda con: claims.set_conversation(con, attempt_id, conversation_id)
        )

    async def finish(self, attempt_id: str, result_json: str) -> None:
        """Note the result, for whoever asks with the same handoff_id."""
        await self._turns.write(lambda con: claims.finish(con, attempt_id, result_json))

    async def claim_of(self, handoff_id: str) -> Claim | None:
        return await self._turns.read(lambda con: claims.claim_where(con, "handoff_id", handoff_id))

    async def claim_by_attempt(self, attempt_id: str) -> Claim | None:
        return await self._turns.read(lambda con: claims.claim_where(con, "attempt_id", attempt_id))

    async def claim_by_conversation(self, conversation_id: str) -> Claim | None:
        return await self._turns.read(
            lambda con: claims.claim_where(con, "conversation_id", conversation_id)
        )

    async def take_over(self, attempt_id: str, *, from_instance: str, to_instance: str) -> bool:
        """Move an attempt of a dead process; of several that try, exactly one gets True."""
        return await self._turns.write(
            lambda con: claims.take_over(
                con, attempt_id, from_instance=from_instance, to_instance=to_instance
            )
        )

    async def earlier(
        self, *, customer_ref: str | None, bot_conversation: str | None, since: datetime
    ) -> str | None:
        """The newest handoff_id of the same customer or conversation claimed since `since`."""
        return await self._turns.read(
            lambda con: claims.earlier(
                con, customer_ref=customer_ref, bot_conversation=bot_conversation, since=since
            )
        )

    async def receive(
        self,
        event_id: str,
        conversation_id: str | None,
        body: bytes,
        headers_json: str | None = None,
    ) -> bool:
        """Keep a webhook event; False when it was received before."""
        return await self._turns.write(
            lambda con: inbox.receive(con, event_id, conversation_id, body, headers_json)
        )

    async def forget_events(self, older_than_s: float) -> None:
        """Wipe events received longer ago than so many wall seconds."""
        await self._turns.write(lambda con: inbox.forget_events(con, older_than_s=older_than_s))

    async def events_after(self, seq: int, limit: int = 500) -> list[InboxEvent]:
        """Events received after `seq`, in the order they came, by whichever process."""
        return await self._turns.read(lambda con: inbox.events_after(con, seq, limit))

    async def last_seq(self) -> int:
        """The newest event's seq, 0 before the first."""
        return await self._turns.read(inbox.last_seq)

    async def beat(self, presence: Presence) -> None:
        """Say that this process lives."""
        await self._turns.write(lambda con: inbox.beat(con, presence))

    async def presences(self, within_s: float = 5.0) -> list[Presence]:
        """Processes that beat within so many wall seconds, the newest first."""
        return await self._turns.read(lambda con: inbox.presences(con, within_s))

    async def gone(self, instance: str) -> None:
        """This process ends."""
        await self._turns.write(lambda con: inbox.gone(con, instance))

    async def take_slot(self, name: str, per_second: float) -> float:
        """Reserve a slot under a limit shared by the home; wall seconds to wait before using it."""
        return await self._turns.write(lambda con: inbox.take_slot(con, name, per_second))

    async def keep_contact(self, follow_up_id: str, sealed: bytes, key_id: str) -> None:
        """Keep how a customer is reached; the first contact of a follow-up stays."""
        await self._turns.write(lambda con: contacts.keep(con, follow_up_id, sealed, key_id))

    async def close(self) -> None:
        """Let go of the file."""
        await self._turns.close()
