"""The 8x8 tenant as a connector sees it: client, availability, channel."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connector.access import local_actor
from connector.clock import Clock
from connector.connection import CHANNEL_NAME, apply_setup
from connector.eight import Channel, Eight
from connector.errors import EightError, Refused
from connector.escalation.tasks import cancel_all
from connector.policy import Policy
from connector.queues import QueueBook, QueueState
from connector.routing import schedules_of
from connector.settings import Settings

logger = logging.getLogger(__name__)
CACHE_S, SCHEDULE_CACHE_S = 10.0, 60.0
LEAST_WALL_S, ADVISORY_WALL_S, FIRST_WALL_S = 0.25, 2.0, 10.0


Client = Callable[[Settings], Eight]


def eight_of(settings: Settings) -> Eight:
    """The client that follows from the settings."""
    return Eight(settings.api_base, settings.api_key, settings.tenant_id)


class NoChannel(Refused):
    """No Chat API channel of this tenant takes this handoff."""

    reason = "channel"


class Tenant:
    """One tenant at a time. `settings` may be replaced while attempts run."""

    def __init__(self, settings: Settings, clock: Clock, client: Client) -> None:
        self._clock, self._client = clock, client
        self._retired: list[Eight] = []
        self._reading: asyncio.Task[None] | None = None
        self._reading_since = 0.0
        self._take(settings)

    def _take(self, settings: Settings) -> None:
        self.settings = settings
        self.eight = self._client(settings)
        self.ok: bool | None = None
        self.detail = ""
        self._states: list[QueueState] | None = None
        self._book: QueueBook | None = None
        self._read_at: datetime | None = None
        self._fresh_until = self._open_until = 0.0
        self._open: dict[str, bool | None] = {}
        self._channel: str | None = settings.channel_id

    def replace(self, settings: Settings) -> None:
        """Go on with other settings; calls under way finish with the old client."""
        self._retired.append(self.eight)
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        self._take(settings)

    async def close(self) -> None:
        if self._reading is not None:
            await cancel_all([self._reading])
        for eight in (self.eight, *self._retired):
            await eight.aclose()

    async def book(self, policy: Policy, *, fresh: bool = False) -> QueueBook:
        """Queues with availability, at most 10 s old; advisory, so never an error.

        8x8 is given two seconds to answer, and ten when its queues are not known at all; then the
        queues known last have to do, of which nothing is skipped.
        """
        if fresh or self._book is None or time.monotonic() >= self._fresh_until:
            if self._reading is None or self._reading.done():
                self._reading_since = time.monotonic()
                self._reading = asyncio.create_task(self._read(policy))
            patience_s = FIRST_WALL_S if self._states is None else ADVISORY_WALL_S
            left = self._reading_since + patience_s - time.monotonic()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._reading), max(left, 0.0))
        return self._book or self._bound(policy)

    def waiting_in(self, queue_id: str, *, since: datetime) -> int | None:
        """Customers in a queue as read after `since` (world time); None when that is not known."""
        fresh = self._book is not None and self._read_at is not None and self._read_at > since
        state = self._book.state(queue_id) if fresh and self._book else None
        return state.waiting if state else None

    async def _read(self, policy: Policy) -> None:
        asked_at = self._clock.now()
        await self._read_states()
        if self.ok and time.monotonic() >= self._open_until:
            await self._read_schedules(policy)
        self._book, self._read_at = self._bound(policy), asked_at
        self._fresh_until = time.monotonic() + self._wall(CACHE_S)

    def _bound(self, policy: Policy) -> QueueBook:
        settings, states = self.settings, self._states
        if states is None:
            return QueueBook({}, settings.queue_map, settings.default_queue, known=False)
        book = QueueBook.of_tenant(states, settings, known=self.ok is True)
        opened = self._opened(policy, book)
        return replace(book, states={state.id: state for state in opened})

    def _opened(self, policy: Policy, book: QueueBook) -> list[QueueState]:
        schedules = schedules_of(policy, book)
        return [replace(state, is_open=self._is_open(schedules, state)) for state in book]

    async def _read_states(self) -> None:
        try:
            self._states = await self.eight.queue_states()
            self.ok, self.detail = True, ""
        except EightError as error:
            self.ok, self.detail = False, str(error)
            logger.warning("queues not read: %s", error)

    async def _read_schedules(self, policy: Policy) -> None:
        found: dict[str, bool | None] = {}
        wanted = {policy.schedule, *policy.schedules.values()} - {None}
        if wanted:
            with contextlib.suppress(EightError):
                for schedule in await self.eight.schedules():
                    if schedule.name in wanted or schedule.id in wanted:
                        status = await self.eight.schedule_status(schedule.id)
                        found[schedule.name] = found[schedule.id] = status != -1
        self._open = found
        self._open_until = time.monotonic() + self._wall(SCHEDULE_CACHE_S)

    def _is_open(self, schedules: Mapping[str, str], state: QueueState) -> bool | None:
        schedule = schedules.get(state.id)
        return self._open.get(schedule) if schedule else None

    def _wall(self, seconds: float) -> float:
        return max(self._clock.wall_seconds(seconds), LEAST_WALL_S)

    async def queue_states(self, policy: Policy) -> list[QueueState]:
        """Chat queues right now, open or not by the schedules of `policy`. Raises EightError."""
        states = await self.eight.queue_states()
        if time.monotonic() >= self._open_until:
            await self._read_schedules(policy)
        return self._opened(policy, QueueBook.of_tenant(states, self.settings))

    async def channel(self, policy: Policy, channel: str) -> str:
        """The Chat API channel id for a bot's channel.

        Raises NoChannel when the tenant has none, or several and none is ours.
        """
        if mapped := policy.channels.get(channel):
            return mapped
        if self._channel is None:
            self._channel = _ours(await self.eight.channels()).id
        return self._channel

    async def set_up(self, policy: Policy, receiver_url: str) -> None:
        """Create or re-use webhook and channel in a sandbox, pointing at our receiver."""
        reachable = self.settings.model_copy(update={"public_url": receiver_url})
        done: Mapping[str, Any] = await apply_setup(
            self.eight, reachable, policy, actor=local_actor()
        )
        self.settings = self.settings.model_copy(update=dict(done))
        self._channel = self.settings.channel_id


async def read_book(settings: Settings, policy: Policy, clock: Clock) -> QueueBook:
    """Queues with availability as they are now, for whoever keeps no connector; never an error."""
    tenant = Tenant(settings, clock, eight_of)
    try:
        return await tenant.book(policy)
    finally:
        await tenant.close()


def _ours(channels: list[Channel]) -> Channel:
    chat = [channel for channel in channels if channel.type == "ChatAPI"]
    named = [channel for channel in chat if channel.name == CHANNEL_NAME]
    if named or len(chat) == 1:
        return (named or chat)[0]
    raise NoChannel(
        f"8x8 lists {len(chat)} Chat API channels and none named `{CHANNEL_NAME}`. "
        "Run `handoff connect --apply`, or map the bot's channel to a channel id in the policy."
    )
