"""The connector as a library: performs handoffs, many at once, and logs every attempt."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import socket
import time
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import Self

from connector import context, routing
from connector.clock import Clock
from connector.errors import (
    BadHandoff,
    ConnectorClosed,
    NoSuchAttempt,
)
from connector.escalation.attempt import Attempt
from connector.escalation.background import Background
from connector.escalation.claiming import Claiming
from connector.escalation.owing import Owing
from connector.escalation.receiving import Receiving
from connector.escalation.signals import BotEvent, Leave
from connector.escalation.station import Station
from connector.escalation.switchboard import Switchboard
from connector.escalation.tasks import cancel_all
from connector.escalation.tenant import Client, Tenant, eight_of
from connector.follow_ups.notifying import Notifier
from connector.handoff import Handoff, Result, Waiting
from connector.log import Flusher, Home, Ledger, Outbox, open_home
from connector.policy import Policy
from connector.publishing import current
from connector.receiver import Receiver
from connector.routing import Decision
from connector.settings import Settings, clock_of

logger = logging.getLogger(__name__)
CLOSE_WALL_S = 15.0
_numbers = itertools.count(1)


class Connector:
    """Performs handoffs for one home.

    `listen` is a loopback address (host, port; port 0 for any) on which this process receives
    8x8's webhook itself; `receiver_url` says that someone else in this process does. Without
    either it reads what a receiver on the same home hands on, and polls when none is alive.
    `client` makes the 8x8 client from settings.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        client: Client = eight_of,
        listen: tuple[str, int] | None = None,
        receiver_url: str | None = None,
        kind: str = "connector",
    ) -> None:
        self.clock = clock or clock_of(settings)
        self.kind, self.receiver_url = kind, receiver_url
        self.instance = f"{socket.gethostname()}-{os.getpid()}-{time.time_ns()}-{next(_numbers)}"
        self._closing = False
        self._settings, self._client = settings, client
        self._receiver = Receiver(self, *listen) if listen else None
        self._beginning: dict[str, asyncio.Task[Result]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self.home: Home = await asyncio.to_thread(open_home, self._settings)
        self.outbox = Outbox(self.home.path / "outbox", self.instance)
        self.ledger = Ledger(self.home.ledger_path)
        self.flusher = Flusher(self.home, instance=self.instance)
        self.flusher.start()
        tenant = Tenant(self._settings, self.clock, self._client)
        policy = await asyncio.to_thread(current, self.home.lake)
        notifier = Notifier(self._settings.notify, self.home.ledger_path)
        self.station = Station(
            instance=self.instance,
            source=self._settings.attempt_source,
            clock=self.clock,
            tenant=tenant,
            policy=policy,
            outbox=self.outbox,
            ledger=self.ledger,
            owing=Owing(lambda: tenant.settings, self.ledger, notifier),
        )
        self.switchboard = Switchboard(
            lambda conversation: tenant.eight.end(conversation), self.station.ghosts
        )
        self.receiving = Receiving(self.ledger, self.switchboard)
        self.receiving.trust(tenant, self.clock)
        if self._receiver is not None:
            self.receiver_url = await self._receiver.start()
        self._background = Background(self)
        self._claiming = Claiming(self.home, self.station, self._background.recover)
        await self._background.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # In this order, the last first, and all of it whatever goes wrong on the way.
        async with contextlib.AsyncExitStack() as closing:
            closing.push_async_callback(self.station.tenant.close)
            closing.push_async_callback(self.ledger.close)
            closing.push_async_callback(asyncio.to_thread, self.flusher.stop)
            closing.push_async_callback(self.outbox.close)
            closing.push_async_callback(self._background.stop)
            if self._receiver is not None:
                closing.push_async_callback(self._receiver.stop)
            closing.push_async_callback(self._hand_over)

    @property
    def settings(self) -> Settings:
        """Settings as they are now; they follow `connection.toml`."""
        return self.station.tenant.settings if hasattr(self, "station") else self._settings

    @property
    def policy(self) -> Policy:
        return self.station.policy

    async def hand_off(self, handoff: Handoff) -> Result:
        """Perform a handoff and return its outcome; the same handoff_id is the same attempt.

        The attempt goes on when the caller is cancelled: `abandon` ends it. Raises BadHandoff, and
        ConnectorClosed when this process ends before the outcome is known.
        """
        while True:
            begun = await self.begin(handoff)
            if begun.outcome is not None:
                return begun
            try:
                ended = await self.wait(handoff.handoff_id)
            except NoSuchAttempt:
                continue
            return ended.model_copy(update={"repeated": begun.repeated})

    async def begin(self, handoff: Handoff) -> Result:
        """Start a handoff and return at once; `outcome` is null unless it had ended before."""
        handoff_id = handoff.handoff_id
        if self._closing:
            raise ConnectorClosed("This connector closes and takes no handoffs any more.")
        if (attempt := self.switchboard.of_handoff(handoff_id)) is not None:
            return attempt.result.model_copy(update={"repeated": True})
        if (beginning := self._beginning.get(handoff_id)) is not None:
            begun = await asyncio.shield(beginning)
            return begun.model_copy(update={"repeated": True})
        task = asyncio.create_task(self._begin(handoff))
        self._beginning[handoff_id] = task
        task.add_done_callback(lambda _: self._beginning.pop(handoff_id, None))
        return await asyncio.shield(task)

    async def wait(self, handoff_id: str, timeout_s: float | None = None) -> Result:
        """The result once the attempt has ended, or as it stands after `timeout_s` wall seconds.

        Raises NoSuchAttempt, and ConnectorClosed when this process ends before it is known.
        """
        try:
            async with asyncio.timeout(timeout_s):
                attempt = self.switchboard.of_handoff(handoff_id)
                if attempt is None:
                    return await self._claiming.wait(handoff_id)
                await attempt.over.wait()
        except TimeoutError:
            return await self.read(handoff_id)
        return _ended(attempt)

    async def read(self, handoff_id: str) -> Result:
        """The attempt of a handoff as it stands. Raises NoSuchAttempt."""
        if (attempt := self.switchboard.of_handoff(handoff_id)) is not None:
            return attempt.result
        return await self._claiming.read(handoff_id)

    def waiting(self, handoff_id: str) -> Waiting | None:
        """What to tell the customer while they wait; None when they do not wait here."""
        attempt = self.switchboard.of_handoff(handoff_id)
        return attempt.waiting if attempt else None

    async def abandon(self, handoff_id: str) -> Result:
        """The customer left. An agent who joined before that stays the outcome."""
        attempt = await self._held(handoff_id)
        if not attempt.finished.is_set():
            attempt.hearing.deliver(Leave(self.clock.now(), "customer"))
        await attempt.over.wait()
        return _ended(attempt)

    async def end(self, handoff_id: str) -> None:
        """The bot hangs up after the agent took over."""
        attempt = await self._held(handoff_id)
        if attempt.finished.is_set():
            return
        attempt.hearing.deliver(Leave(self.clock.now(), "bot"))
        await attempt.finished.wait()

    async def feedback(self, handoff_id: str, resolved: bool) -> None:
        """Whether the matter was resolved, told by the bot. Raises NoSuchAttempt."""
        result = await self.read(handoff_id)
        held = self.switchboard.of_handoff(handoff_id)
        began = held.beginning.started_at if held else await self._claiming.began(handoff_id)
        told = {"resolved": resolved}
        await self.station.record("feedback", result.attempt_id, told, started_at=began)

    async def say(self, handoff_id: str, text: str) -> None:
        """Pass a customer's words on. Raises BadHandoff when nobody could read them."""
        attempt = await self._held(handoff_id)
        self._open_conversation(attempt)
        for piece in context.pieces(text):
            conversation_id = self._open_conversation(attempt)
            await self.station.tenant.eight.send_message(conversation_id, piece)
        if attempt.engagement is not None:
            attempt.engagement.wrote()
        self.station.note(attempt.attempt_id, "customer_wrote", length=len(text))

    async def typing(self, handoff_id: str) -> None:
        """Show the agent that the customer is typing."""
        attempt = await self._held(handoff_id)
        await self.station.tenant.eight.typing(self._open_conversation(attempt))

    async def events(self, handoff_id: str) -> AsyncIterator[BotEvent]:
        """What the bot hears of a handoff, from its beginning. Raises NoSuchAttempt."""
        attempt = await self._held(handoff_id)
        async for event in attempt.telling.events():
            yield event

    async def explain(self, handoff: Handoff, at: datetime | None = None) -> Decision:
        """The decision for a handoff without performing it; availability as it is now."""
        book = await self.station.tenant.book(self.policy)
        moment = at or self.clock.now()
        decision = routing.decide(self.policy, handoff, book, moment)
        emergencies = self.station.emergencies
        return routing.under_emergency(decision, handoff, emergencies, book, moment)

    async def receive(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Take one webhook event: verify it, keep it, hand it on.

        Returns once it is safe to answer 2xx. Raises SignatureRefused, and counts it; and
        ClaimsUnreachable for an event of another process that could not be kept for it: 8x8 sends
        it again.
        """
        await self.receiving.receive(body, headers)

    @property
    def bad_signatures(self) -> int:
        """Events refused because they were not from 8x8."""
        return self.receiving.bad_signatures if hasattr(self, "receiving") else 0

    async def drain(self) -> None:
        """Wait until every attempt and engagement of this process is over."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    def follow(self, settings: Settings) -> None:
        """Go on with other settings; open conversations keep their ids."""
        self.station.tenant.replace(settings)
        self.station.source = settings.attempt_source
        self.receiving.trust(self.station.tenant, self.clock)

    async def _begin(self, handoff: Handoff) -> Result:
        taken = await self._claiming.take(handoff, self.settings, self.station.source)
        if isinstance(taken, Result):
            return taken.model_copy(update={"repeated": True})
        attempt = Attempt(self.station, taken.beginning, protected=taken.protected)
        self._run(attempt)
        return attempt.result

    def _run(self, attempt: Attempt) -> None:
        self.switchboard.plug_in(attempt)
        task = asyncio.create_task(attempt.serve(), name=f"attempt {attempt.attempt_id}")
        self._tasks.add(task)
        task.add_done_callback(lambda _: self.switchboard.unplug(attempt))
        task.add_done_callback(self._tasks.discard)

    async def _held(self, handoff_id: str) -> Attempt:
        attempt = self.switchboard.of_handoff(handoff_id)
        if attempt is not None:
            return attempt
        await self.read(handoff_id)
        raise NoSuchAttempt(f"Handoff `{handoff_id}` is not served by this process.")

    def _open_conversation(self, attempt: Attempt) -> str:
        # 8x8 starts a new interaction when an ended conversation gets a message.
        gone = attempt.closing or attempt.finished.is_set()
        gone = gone or (attempt.over.is_set() and not attempt.engagement)
        if gone or attempt.conversation.id is None:
            raise BadHandoff("There is no open conversation to write to.")
        return attempt.conversation.id

    async def _hand_over(self) -> None:
        """End what still waits; the bot hears its failure path before the process goes.

        What 8x8 does not end in time is left to the next process, which finds it in the journal.
        """
        self._closing = True
        for attempt in self.switchboard:
            attempt.hearing.deliver(Leave(self.clock.now(), "connector"))
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=CLOSE_WALL_S)
        await cancel_all(list(self._tasks))


def _ended(attempt: Attempt) -> Result:
    if attempt.result.outcome is None:
        raise ConnectorClosed(
            "This connector closed before the outcome was known. Hand the same handoff_id in again."
        )
    return attempt.result
