"""One handoff_id, one attempt: whoever asks, in whichever process, before and after a crash."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.errors import ClaimsUnreachable, LogError, NoSuchAttempt
from connector.escalation.record import Beginning
from connector.escalation.station import Station
from connector.handoff import Handoff, Result
from connector.log import Claim, Home, Journal
from connector.references import customer_ref
from connector.settings import Settings, Source

RETRY_WINDOW = timedelta(minutes=30)
LOOK_S, LONGEST_LOOK_S = 0.2, 2.0


@dataclass(frozen=True)
class Taken:
    """A handoff that is ours to serve; not `protected` when only this process guards its id."""

    beginning: Beginning
    protected: bool


class Claiming:
    """Takes handoffs for one process. `recover` resolves what dead processes left open."""

    def __init__(
        self, home: Home, station: Station, recover: Callable[[], Awaitable[None]]
    ) -> None:
        self._home, self._station, self._recover = home, station, recover

    async def take(self, handoff: Handoff, settings: Settings, source: Source) -> Taken | Result:
        """The handoff to serve, or the result, as it stands, of the attempt that has its id."""
        attempt_id, now = secrets.token_hex(12), self._station.clock.now()
        reference = customer_ref(handoff.customer.reference, self._home.path, settings)
        protected, retry_of = True, handoff.retry_of
        try:
            retry_of = retry_of or await self._earlier(handoff, reference, now)
            claim = await self._claim(handoff, attempt_id, reference, now)
            if claim.attempt_id != attempt_id and not await self._inherits(claim):
                return await self.read(handoff.handoff_id)
            attempt_id = claim.attempt_id
        except ClaimsUnreachable:
            protected = False
        beginning = Beginning(
            attempt_id=attempt_id,
            handoff=handoff,
            started_at=now,
            tenant=settings.tenant_id,
            source=source,
            retry_of=retry_of if retry_of != handoff.handoff_id else None,
            customer_ref=reference,
        )
        return Taken(beginning, protected)

    async def read(self, handoff_id: str) -> Result:
        """What the claim tells of an attempt. Raises NoSuchAttempt."""
        claim = await self._station.ledger.claim_of(handoff_id)
        if claim is None:
            raise NoSuchAttempt(f"No attempt is known under handoff_id `{handoff_id}`.")
        return _result(claim)

    async def began(self, handoff_id: str) -> datetime | None:
        """When an attempt began (UTC), as its claim tells; None when nobody can say."""
        with contextlib.suppress(LogError):
            if (claim := await self._station.ledger.claim_of(handoff_id)) is not None:
                return claim.claimed_at
        return None

    async def wait(self, handoff_id: str) -> Result:
        """The result of an attempt that another process serves, or served.

        Raises NoSuchAttempt when nobody knows it, or its process died before it began.
        """
        pause = LOOK_S
        while True:
            with contextlib.suppress(ClaimsUnreachable):
                result = await self.read(handoff_id)
                if result.outcome is not None:
                    return result
                await self._check_owner(handoff_id)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_LOOK_S)

    async def _earlier(self, handoff: Handoff, reference: str | None, now: datetime) -> str | None:
        """The handoff this one tries again: same customer or conversation within 30 minutes."""
        if reference is None and not handoff.conversation_id:
            return None
        return await self._station.ledger.earlier(
            customer_ref=reference,
            bot_conversation=_bot_conversation(handoff),
            since=now - RETRY_WINDOW,
        )

    async def _claim(
        self, handoff: Handoff, attempt_id: str, reference: str | None, now: datetime
    ) -> Claim:
        return await self._station.ledger.claim(
            handoff.handoff_id,
            attempt_id,
            self._station.instance,
            at=now,
            customer_ref=reference,
            bot_conversation=_bot_conversation(handoff),
        )

    async def _inherits(self, claim: Claim) -> bool:
        """Whether an attempt is ours to serve because its process died before it began.

        Its start would be in the journal before anything left for 8x8, so nothing did.
        """
        if claim.result is not None or self._lives(claim):
            return False
        await self._recover()
        return await self._station.ledger.take_over(
            claim.attempt_id,
            from_instance=claim.instance,
            to_instance=self._station.instance,
        )

    async def _check_owner(self, handoff_id: str) -> None:
        before = await self._station.ledger.claim_of(handoff_id)
        if before is None or before.result is not None or self._lives(before):
            return
        await self._recover()
        if await self._station.ledger.claim_of(handoff_id) == before:
            raise NoSuchAttempt(
                f"The process that took `{handoff_id}` died before it began: hand it in again."
            )

    def _lives(self, claim: Claim) -> bool:
        return Journal(self._home.outbox_path / f"{claim.instance}.jsonl").owner_lives()


def _bot_conversation(handoff: Handoff) -> str | None:
    """A conversation by its bot and the bot's id: two bots may count from 1."""
    return f"{handoff.bot}/{handoff.conversation_id}" if handoff.conversation_id else None


def _result(claim: Claim) -> Result:
    if claim.result is not None:
        return Result.model_validate_json(claim.result)
    return Result(
        handoff_id=claim.handoff_id,
        attempt_id=claim.attempt_id,
        conversation_id=claim.conversation_id,
    )
