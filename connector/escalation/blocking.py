"""The connector for scripts and notebooks that do not await."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

from connector.escalation.connector import Connector
from connector.escalation.signals import BotEvent
from connector.handoff import Handoff, Result, Waiting
from connector.log import Home
from connector.settings import Settings

T = TypeVar("T")


class BlockingConnector:
    """A Connector that runs on a thread of its own; every call waits for its answer."""

    def __init__(self, settings: Settings, **options: Any) -> None:
        self._connector = Connector(settings, **options)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._listening: set[Future[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._do(self._connector.__aenter__())
        except BaseException:
            self._end_thread()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._do(self._connector.__aexit__(kind, error, trace))
        finally:
            self._end_thread()

    @property
    def home(self) -> Home:
        """The home it works in, while it is open."""
        return self._connector.home

    @property
    def settings(self) -> Settings:
        return self._connector.settings

    def hand_off(self, handoff: Handoff) -> Result:
        """Perform a handoff and return its outcome."""
        return self._do(self._connector.hand_off(handoff))

    def begin(self, handoff: Handoff) -> Result:
        """Start a handoff and return at once."""
        return self._do(self._connector.begin(handoff))

    def wait(self, handoff_id: str, timeout_s: float | None = None) -> Result:
        """The result once ended, or as it stands after `timeout_s` wall seconds."""
        return self._do(self._connector.wait(handoff_id, timeout_s))

    def read(self, handoff_id: str) -> Result:
        """The attempt of a handoff as it stands. Raises NoSuchAttempt."""
        return self._do(self._connector.read(handoff_id))

    def waiting(self, handoff_id: str) -> Waiting | None:
        """What to tell the customer while they wait."""
        return self._connector.waiting(handoff_id)

    def abandon(self, handoff_id: str) -> Result:
        """The customer left."""
        return self._do(self._connector.abandon(handoff_id))

    def end(self, handoff_id: str) -> None:
        """The bot hangs up after the agent took over."""
        self._do(self._connector.end(handoff_id))

    def hear(
        self, handoff_id: str, told: Callable[[BotEvent], None], over: Callable[[], None]
    ) -> None:
        """Call `told` with each event from the beginning, then `over`: on the other thread."""

        async def listen() -> None:
            try:
                async for event in self._connector.events(handoff_id):
                    told(event)
            finally:
                over()

        listening = asyncio.run_coroutine_threadsafe(listen(), self._loop)
        self._listening.add(listening)
        listening.add_done_callback(self._listening.discard)

    def feedback(self, handoff_id: str, resolved: bool) -> None:
        """Whether the matter was resolved."""
        self._do(self._connector.feedback(handoff_id, resolved))

    def _end_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, call: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(call, self._loop).result()
