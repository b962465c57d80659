"""What a bot hears of its handoff, from the beginning, however late it listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from connector.clock import Clock
from connector.escalation.signals import BotEvent


class Telling:
    """The events of one handoff; any number may listen."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: list[BotEvent] = []
        self._news = asyncio.Event()
        self._done = False

    def tell(self, kind: str, **data: Any) -> None:
        self._told.append(BotEvent(kind, self._clock.now(), data))
        self._wake()

    def close(self) -> None:
        """Nothing follows any more."""
        self._done = True
        self._wake()

    async def events(self) -> AsyncIterator[BotEvent]:
        """Everything told so far, then what follows until the close."""
        heard = 0
        while True:
            news = self._news
            while heard < len(self._told):
                yield self._told[heard]
                heard += 1
            if self._done:
                return
            await news.wait()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
