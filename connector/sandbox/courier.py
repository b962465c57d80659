"""Delivers webhook events: signed, in order per conversation, again when not taken.

8x8 does not say how often and how fast it repeats; here it is after `RETRY_S` wall seconds.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connector.sandbox.agenda import Agenda
from connector.sandbox.post import NoAnswer, Post
from connector.sandbox.webhook_faults import WebhookFault, WebhookFaults

logger = logging.getLogger(__name__)
RETRY_S = (0.2, 0.4, 0.8, 1.5, 3.0, 5.0, 5.0, 5.0)
WORKERS = 24
OVERTAKEN_WITHIN_S = 1.0

Sign = Callable[["Event", WebhookFault | None], Mapping[str, str]]


@dataclass(eq=False)
class Event:
    """One event on its way. The id stays the same however often it is sent."""

    type: str
    conversation_id: str
    uri: str
    body: bytes
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    fault: WebhookFault | None = None
    statuses: list[int] = field(default_factory=list)
    given_up: bool = False

    @property
    def sent(self) -> int:
        return len(self.statuses)

    @property
    def taken(self) -> bool:
        return bool(self.statuses) and 200 <= self.statuses[-1] < 300

    def view(self) -> dict[str, Any]:
        return {
            "event_id": self.id,
            "type": self.type,
            "conversation_id": self.conversation_id,
            "uri": self.uri,
            "statuses": self.statuses,
            "fault": self.fault.kind if self.fault else None,
            "given_up": self.given_up,
        }


class Courier:
    """A line per conversation, worked off by a few workers, so that one slow receiver of one
    conversation holds up nobody else."""

    def __init__(self, agenda: Agenda, sign: Sign, *, log_size: int = 5_000) -> None:
        self.faults = WebhookFaults()
        self.log: deque[Event] = deque(maxlen=log_size)
        self._agenda, self._sign = agenda, sign
        self._post = Post()
        self._lines: dict[str, deque[Event]] = {}
        self._overtaken: dict[str, list[Event]] = {}
        self._ready: asyncio.Queue[str] = asyncio.Queue()
        self._workers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._workers = [asyncio.create_task(self._work()) for _ in range(WORKERS)]

    async def stop(self) -> None:
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self._post.close()

    @property
    def under_way(self) -> int:
        """Events waiting for their first delivery or a repetition."""
        return sum(len(line) for line in self._lines.values())

    def send(self, event: Event) -> None:
        self.log.append(event)
        event.fault = fault = self.faults.take(event.type)
        kind = fault.kind if fault else None
        if kind == "never":
            event.given_up = True
        elif fault is not None and kind == "late":
            self._agenda.after(fault.seconds, partial(self._enter, event, event.id))
        elif kind == "out_of_order":
            self._hold(event)
        else:
            self._enter(event, event.conversation_id)

    async def verify(self, uri: str, body: bytes) -> bool:
        """Send WEB_HOOK_VERIFY once; whether the receiver answered 2xx."""
        event = Event("WEB_HOOK_VERIFY", "", uri, body)
        self.log.append(event)
        await self._send_once(event)
        return event.taken

    def _enter(self, event: Event, line: str) -> None:
        waiting = self._lines.setdefault(line, deque())
        waiting.append(event)
        if len(waiting) == 1:
            self._ready.put_nowait(line)

    def _hold(self, event: Event) -> None:
        """Until the conversation's next event has been sent, if one comes soon."""
        self._overtaken.setdefault(event.conversation_id, []).append(event)
        loop = asyncio.get_running_loop()
        loop.call_later(OVERTAKEN_WITHIN_S, self._release, event.conversation_id)

    def _release(self, conversation_id: str) -> None:
        for event in self._overtaken.pop(conversation_id, ()):
            self._enter(event, event.id)

    async def _work(self) -> None:
        while True:
            line = await self._ready.get()
            waiting = self._lines[line]
            event = waiting[0]
            await self._send_once(event)
            if event.taken and event.fault and event.fault.kind == "twice" and event.sent == 1:
                await self._send_once(event)
            self._go_on(line, waiting, event)

    def _go_on(self, line: str, waiting: deque[Event], event: Event) -> None:
        loop = asyncio.get_running_loop()
        again = not event.taken and event.sent <= len(RETRY_S)
        event.given_up = not event.taken and not again
        if again and event.statuses[-1] == 0:
            # Nobody there: what follows would fare no better, so the order is kept.
            loop.call_later(RETRY_S[event.sent - 1], self._ready.put_nowait, line)
            return
        waiting.popleft()
        if again:
            loop.call_later(RETRY_S[event.sent - 1], self._enter, event, event.id)
        self._release(event.conversation_id)
        if waiting:
            self._ready.put_nowait(line)
        else:
            del self._lines[line]

    async def _send_once(self, event: Event) -> None:
        try:
            headers = {"content-type": "application/json", **self._sign(event, event.fault)}
            status = await self._post.send(event.uri, headers, event.body)
        except NoAnswer as error:
            logger.debug("webhook event %s not taken: %s", event.type, error)
            status = 0
        event.statuses.append(status)
