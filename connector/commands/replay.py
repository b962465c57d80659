"""Performs planned handoffs on a world clock, each through the whole path to its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.clock import Clock
from connector.errors import NoSuchAttempt
from connector.escalation import Connector
from connector.handoff import Handoff, Result
from connector.loopback import call

IDLE_GAP = timedelta(minutes=5)
LEAD_S, LEAD_WALL_S, LEAVING_S = 15.0, 1.0, 0.2


@dataclass(frozen=True)
class Planned:
    """A handoff and its moment (world time, naive UTC).

    The customer leaves after `patience_s`, and the agent is done after `handle_s`; None leaves the
    first to stay and the second to the sandbox.
    """

    handoff: Handoff
    starts_at: datetime
    patience_s: float | None = None
    handle_s: float | None = None


class Replay:
    """Performs a plan with one connector.

    `sandbox` is the address of the sandbox that takes handle times. With `may_jump` the clock jumps
    over stretches in which nobody waits, nobody talks and nobody comes. At most `at_once` customers
    are served at a time; the next one comes later then.
    """

    def __init__(
        self,
        connector: Connector,
        *,
        sandbox: str | None = None,
        may_jump: bool = False,
        at_once: int | None = None,
        on_result: Callable[[Result], None] = lambda result: None,
    ) -> None:
        self._connector, self._sandbox = connector, sandbox
        self._clock: Clock = connector.clock
        self._may_jump, self._on_result = may_jump, on_result
        # After a jump, what is known of the queues is renewed before the next customer comes.
        lead_s = max(LEAD_S, LEAD_WALL_S * self._clock.speed)
        self._lead = timedelta(seconds=lead_s)
        self._gap = max(IDLE_GAP, 2 * self._lead)
        self._open: dict[asyncio.Task[Result], str] = {}
        self._tasks: list[asyncio.Task[Result]] = []
        self._arriving: asyncio.Task[None] | None = None
        self._room = asyncio.Semaphore(at_once) if at_once else None

    async def perform(self, plan: Sequence[Planned]) -> list[Result]:
        """The results in order of start, once every conversation is over."""
        self._arriving = asyncio.create_task(self._arrive(plan))
        try:
            await asyncio.wait({self._arriving})
            if not self._arriving.cancelled():
                self._arriving.result()
            return [await task for task in self._tasks]
        finally:
            for task in (self._arriving, *self._open):
                task.cancel()

    async def leave(self) -> None:
        """Nobody comes any more, and whoever waits or talks leaves."""
        if self._arriving is not None:
            self._arriving.cancel()
        while self._open:
            await asyncio.gather(*map(self._abandon, self._open.values()))
            await asyncio.wait(set(self._open), timeout=LEAVING_S)

    async def _abandon(self, handoff_id: str) -> None:
        with contextlib.suppress(NoSuchAttempt):  # not begun yet, or over by now
            await self._connector.abandon(handoff_id)

    async def _arrive(self, plan: Sequence[Planned]) -> None:
        for planned in sorted(plan, key=lambda one: one.starts_at):
            if not self._tasks:
                self._jump_before(planned.starts_at)
            await self._until(planned.starts_at)
            if self._room is not None:
                await self._room.acquire()
            task = asyncio.create_task(self._serve(planned))
            self._open[task] = planned.handoff.handoff_id
            task.add_done_callback(self._close)
            self._tasks.append(task)

    def _close(self, task: asyncio.Task[Result]) -> None:
        self._open.pop(task, None)
        if self._room is not None:
            self._room.release()

    async def _until(self, moment: datetime) -> None:
        while self._may_jump and moment - self._clock.now() > self._gap:
            if not self._open:
                self._jump_before(moment)
                break
            left = (moment - self._gap - self._clock.now()).total_seconds()
            await asyncio.wait(set(self._open), timeout=self._clock.wall_seconds(max(left, 0.1)))
        await self._clock.sleep_until(moment)
        await asyncio.sleep(0)  # who is late does not hold up the others

    def _jump_before(self, moment: datetime) -> None:
        if self._may_jump:
            self._clock.jump(moment - self._lead)

    async def _serve(self, planned: Planned) -> Result:
        """One customer, from the request until the agent is done with them."""
        handoff_id = planned.handoff.handoff_id
        await self._connector.begin(planned.handoff)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._follow(planned))
            waiting = both.create_task(self._wait(handoff_id, planned.patience_s))
        return waiting.result()

    async def _wait(self, handoff_id: str, patience_s: float | None) -> Result:
        limit = None if patience_s is None else self._clock.wall_seconds(patience_s)
        result = await self._connector.wait(handoff_id, limit)
        if result.outcome is None:
            result = await self._connector.abandon(handoff_id)
        self._on_result(result)
        return result

    async def _follow(self, planned: Planned) -> None:
        """Tell the sandbox how long the agent will take, and stay until the end."""
        async for event in self._connector.events(planned.handoff.handoff_id):
            if event.kind == "created" and planned.handle_s is not None and self._sandbox:
                path = f"/sandbox/conversations/{event.data['conversation_id']}/handle"
                body = {"handle_s": planned.handle_s}
                await asyncio.to_thread(call, self._sandbox, "PUT", path, body)
