"""The contact center's floor, simulated in process: queues, agents, offers, breaks, wrap-up.

No policy and no HTTP. Who serves whom is decided by the sandbox's own rules; an agent serves one
customer at a time. Time is seconds since the start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

from connector.queues import QueueBook, QueueState
from connector.sandbox.dispatch import Lines, Seat, Status, Ticket, best_seat
from connector.sandbox.parts import Queue
from connector.sandbox.world import World

ROSTER_S = 900.0
_STATUS: dict[str, Status] = {
    "available": "available",
    "break": "on_break",
    "offline": "logged_out",
}
_SERVING = ("offered", "busy", "post_process")


@dataclass(eq=False)
class Visit:
    """A customer on the floor. `joined` returns how long (s) the agent is busy with them.

    `ended` is called when that time is over.
    """

    name: str
    language: str
    joined: Callable[[str], float]
    ended: Callable[[], None]
    ticket: Ticket | None = None
    offered_to: Seat | None = None
    offer: int = 0


@dataclass(eq=False)
class Desk:
    """A queue as the floor counts it; `state` is kept until something changes."""

    queue: Queue
    seats: list[Seat] = field(default_factory=list)
    status: Counter[Status] = field(default_factory=Counter)
    waiting: dict[str, float] = field(default_factory=dict)
    queued: int = 0
    accepted: int = 0
    abandoned: int = 0
    is_open: bool = True
    state: QueueState | None = None


class Floor:
    """Queues and agents of `world` from `start` (UTC) on; `run` moves time."""

    def __init__(self, world: World, start: datetime, random: Random) -> None:
        self.world, self.start, self._random = world, start, random
        self.now = 0.0
        self._events: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._order, self._tickets = count(), count()
        self._visits: dict[str, Visit] = {}
        self._lines = Lines({queue.id: queue.level for queue in world.queues})
        self.desks = {queue.id: Desk(queue) for queue in world.queues}
        self.seats = [Seat(agent, "logged_out", start) for agent in world.agents]
        for seat in self.seats:
            for queue_id in seat.agent.queues:
                self.desks[queue_id].seats.append(seat)
                self.desks[queue_id].status["logged_out"] += 1
        self._rosters: dict[tuple[int, int, int], list[Status]] = {}
        self._duty: dict[Seat, Status] = {}
        self._day = world.local(start).date()
        self._keep_roster()

    def at(self, seconds: float) -> datetime:
        """The moment `seconds` after the start (UTC)."""
        return self.start + timedelta(seconds=seconds)

    def plan(self, at: float, action: Callable[..., None], *given: Any) -> None:
        """Do `action` at `at` seconds, after whatever was planned before for that moment."""
        heappush(self._events, (at, next(self._order), action, given))

    def run(self, until: float) -> None:
        """Do everything planned before `until` seconds."""
        events = self._events
        while events and events[0][0] < until:
            self.now, _, action, given = heappop(events)
            action(*given)
        self.now = until

    # Customers

    def enter(self, visit: Visit, queue_id: str) -> None:
        """Put a customer into a queue's line, or move them there from another."""
        self._leave_line(visit)
        since = self.at(self.now)
        ticket = Ticket(visit.name, queue_id, visit.language, since, next(self._tickets))
        visit.ticket = ticket
        self._visits[visit.name] = visit
        self._lines.enter(ticket)
        desk = self.desks[queue_id]
        desk.queued += 1
        desk.waiting[visit.name] = self.now
        desk.state = None
        if seat := best_seat(ticket, desk.seats):
            self._offer(seat, ticket)

    def leave(self, visit: Visit) -> None:
        """The customer is gone, or the conversation cancelled, before an agent joined."""
        if visit.ticket is not None:
            self.desks[visit.ticket.queue_id].abandoned += 1
        self._leave_line(visit)

    def _leave_line(self, visit: Visit, *, keep: Seat | None = None) -> None:
        ticket, seat = visit.ticket, visit.offered_to
        if ticket is None:
            return
        self._lines.leave(visit.name)
        desk = self.desks[ticket.queue_id]
        del desk.waiting[visit.name], self._visits[visit.name]
        desk.state = None
        visit.ticket = visit.offered_to = None
        visit.offer += 1
        if seat is not None and seat is not keep:
            self._free(seat)

    # Agents

    def _offer(self, seat: Seat, ticket: Ticket) -> None:
        visit = self._visits[ticket.conversation_id]
        ticket.offered, visit.offered_to = True, seat
        self._lines.take_turn(ticket.queue_id)
        self._turn(seat, "offered", visit.name)
        takes = self._random.uniform(*self.world.answer_s)
        self.plan(self.now + takes, self._accept, seat, visit, visit.offer)

    def _accept(self, seat: Seat, visit: Visit, offer: int) -> None:
        if visit.offer != offer or visit.ticket is None:
            return
        self.desks[visit.ticket.queue_id].accepted += 1
        self._leave_line(visit, keep=seat)
        self._turn(seat, "busy", visit.name)
        self.plan(self.now + visit.joined(seat.agent.id), self._end, seat, visit)

    def _end(self, seat: Seat, visit: Visit) -> None:
        self._turn(seat, "post_process")
        self.plan(self.now + self.world.wrap_up_s, self._free, seat)
        visit.ended()

    def _free(self, seat: Seat) -> None:
        """Done with a customer: at once to whatever comes next, and idle from now on."""
        seat.since = self.at(self.now)
        self._turn(seat, self._duty[seat])
        if seat.status == "available" and (ticket := self._lines.best_ticket(seat)):
            self._offer(seat, ticket)

    def _turn(self, seat: Seat, status: Status, name: str | None = None) -> None:
        for queue_id in seat.agent.queues:
            desk = self.desks[queue_id]
            desk.status[seat.status] -= 1
            desk.status[status] += 1
            desk.state = None
        seat.turn(status, self.at(self.now), name)

    def _keep_roster(self) -> None:
        """Every quarter of an hour: who comes, goes or rests; queues open and close."""
        moment = self.at(self.now)
        local = self.world.local(moment)
        key = (local.weekday(), local.hour, local.minute)
        if key not in self._rosters:
            duties = (self.world.duty(seat.agent, moment) for seat in self.seats)
            self._rosters[key] = [_STATUS[duty] for duty in duties]
        self._duty = dict(zip(self.seats, self._rosters[key], strict=True))
        for desk in self.desks.values():
            desk.is_open, desk.state = self.world.is_open(desk.queue.schedule, moment), None
            if local.date() != self._day:
                desk.queued = desk.accepted = desk.abandoned = 0
        self._day = local.date()
        for seat, status in self._duty.items():
            if seat.status not in _SERVING and seat.status != status:
                self._free(seat)
        into = (moment.minute % 15) * 60 + moment.second + moment.microsecond / 1e6
        self.plan(self.now + ROSTER_S - into, self._keep_roster)

    # What routing and the log see

    def book(self) -> QueueBook:
        """The queues as routing sees them now."""
        return QueueBook({queue_id: self.state(queue_id) for queue_id in self.desks})

    def state(self, queue_id: str) -> QueueState:
        """A queue now, but for its longest wait."""
        desk = self.desks[queue_id]
        if desk.state is None:
            desk.state = _state(desk)
        return desk.state

    def longest_wait(self, queue_id: str) -> float:
        """Seconds the first in line has waited."""
        waiting = self.desks[queue_id].waiting
        return self.now - next(iter(waiting.values())) if waiting else 0.0


def _state(desk: Desk) -> QueueState:
    status = desk.status
    return QueueState(
        id=desk.queue.id,
        name=desk.queue.name,
        available=status["available"],
        busy=status["busy"] + status["offered"],
        on_break=status["on_break"],
        post_process=status["post_process"],
        enabled=len(desk.seats),
        waiting=len(desk.waiting),
        day_queued=desk.queued,
        day_accepted=desk.accepted,
        day_abandoned=desk.abandoned,
        is_open=desk.is_open,
    )
