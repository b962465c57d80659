"""Which attempt an event belongs to: by conversation, else by the attempt_id it carries."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator

from connector.eight import Event
from connector.errors import EightError
from connector.escalation.attempt import Attempt
from connector.escalation.ghosts import Ghosts
from connector.escalation.signals import Joined, signals_of

EARLY_WALL_S, EARLY_MOST = 60.0, 20_000
REMEMBER_MOST, DONE_MOST = 50_000, 5_000


class Switchboard:
    """The attempts of one process. `hang_up` ends a conversation nobody waits for any more."""

    def __init__(self, hang_up: Callable[[str], Awaitable[object]], ghosts: Ghosts) -> None:
        self._hang_up, self._ghosts = hang_up, ghosts
        self._by_handoff: dict[str, Attempt] = {}
        self._done: OrderedDict[str, Attempt] = OrderedDict()
        self._by_attempt: dict[str, Attempt] = {}
        self._by_conversation: dict[str, Attempt] = {}
        self._early: OrderedDict[str, tuple[float, list[Event]]] = OrderedDict()
        self._over: OrderedDict[str, None] = OrderedDict()
        self._lost: OrderedDict[str, None] = OrderedDict()
        self._chores: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator[Attempt]:
        return iter(list(self._by_attempt.values()))

    def __len__(self) -> int:
        return len(self._by_attempt)

    def of_handoff(self, handoff_id: str) -> Attempt | None:
        """The attempt of a handoff, also some time after it is over."""
        return self._by_handoff.get(handoff_id) or self._done.get(handoff_id)

    def plug_in(self, attempt: Attempt) -> None:
        self._by_handoff[attempt.handoff.handoff_id] = attempt
        self._by_attempt[attempt.attempt_id] = attempt
        attempt.conversation.found.add_done_callback(lambda found: self._connect(attempt, found))

    def unplug(self, attempt: Attempt) -> None:
        """Forget an attempt that is over for good; a late agent is hung up on."""
        self._by_handoff.pop(attempt.handoff.handoff_id, None)
        self._done[attempt.handoff.handoff_id] = attempt
        if len(self._done) > DONE_MOST:
            self._done.popitem(last=False)
        self._by_attempt.pop(attempt.attempt_id, None)
        if attempt.conversation.id is not None:
            self._by_conversation.pop(attempt.conversation.id, None)
            if not attempt.result.accepted:
                remember(self._over, attempt.conversation.id)
        else:
            # 8x8 may have made one all the same, whatever it answered.
            self.give_up_on(attempt.attempt_id)

    def give_up_on(self, attempt_id: str) -> None:
        """Cancel at once whatever conversation turns up for this attempt."""
        remember(self._lost, attempt_id)

    def holds(self, event: Event) -> bool:
        """Whether the event is about an attempt of this process."""
        known = event.conversation_id in self._by_conversation
        return known or event.attempt_id in self._by_attempt

    def dispatch(self, event: Event) -> None:
        """Hand an event to its attempt; keep it a while when its conversation is not known yet."""
        attempt = self._by_conversation.get(event.conversation_id)
        if attempt is None and event.attempt_id is not None:
            attempt = self._by_attempt.get(event.attempt_id)
            if attempt is not None and not attempt.conversation.found.done():
                attempt.conversation.found.set_result(event.conversation_id)
        if attempt is not None:
            self._deliver(attempt, event)
        elif not self._nobody_waits(event):
            self._keep(event)

    def _connect(self, attempt: Attempt, found: asyncio.Future[str]) -> None:
        if found.cancelled():
            return
        self._by_conversation[found.result()] = attempt
        _, early = self._early.pop(found.result(), (0.0, []))
        for event in early:
            self._deliver(attempt, event)

    def _deliver(self, attempt: Attempt, event: Event) -> None:
        for signal in signals_of(event):
            attempt.hearing.deliver(signal)

    def _nobody_waits(self, event: Event) -> bool:
        """End a conversation whose customer was told that nobody came."""
        joined = any(isinstance(signal, Joined) for signal in signals_of(event))
        given_up = event.attempt_id in self._lost and not event.idle
        if given_up or (joined and event.conversation_id in self._over):
            chore = asyncio.ensure_future(self._end(event.conversation_id))
            self._chores.add(chore)
            chore.add_done_callback(self._chores.discard)
            return True
        return False

    async def _end(self, conversation_id: str) -> None:
        try:
            await self._hang_up(conversation_id)
        except EightError:
            self._ghosts.add(conversation_id)

    def _keep(self, event: Event) -> None:
        now = time.monotonic()
        kept = self._early.setdefault(event.conversation_id, (now, []))
        kept[1].append(event)
        while self._early:
            oldest = next(iter(self._early))
            if len(self._early) <= EARLY_MOST and now - self._early[oldest][0] < EARLY_WALL_S:
                return
            self._early.pop(oldest)


def remember(names: OrderedDict[str, None], name: str) -> None:
    """Keep a name, and only the newest of many."""
    names[name] = None
    if len(names) > REMEMBER_MOST:
        names.popitem(last=False)
