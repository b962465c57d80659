"""Who serves whom: the rules by which 8x8 brings waiting customers and free agents together.

A queue is served before every queue of a lower level; queues of one level take turns, those of
level 8 share one order of age. Of the free agents who are members of the queue and speak the
customer's language the highest member level is asked first, then who has been idle longest.
Source: 8x8 Contact Center, routing between queues and agent skill levels. Pure but for the lines.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from connector.sandbox.parts import Agent

Status = Literal["available", "offered", "busy", "post_process", "on_break", "logged_out"]
AGEING_LEVEL = 8


@dataclass(eq=False)
class Ticket:
    """A customer's place in a queue. While offered to an agent it keeps its place.

    A `held` one is offered to nobody: a person plays whoever takes it.
    """

    conversation_id: str
    queue_id: str
    language: str
    since: datetime
    number: int
    offered: bool = False
    held: bool = False

    @property
    def age_order(self) -> tuple[datetime, int]:
        return self.since, self.number


@dataclass(eq=False)
class Seat:
    """An agent at work: what they do, since when, and for which conversation.

    `told` is what a person set this agent to; it goes before the roster.
    """

    agent: Agent
    status: Status
    since: datetime
    conversation_id: str | None = None
    told: Status | None = None
    break_until: datetime | None = None

    def turn(self, status: Status, at: datetime, conversation_id: str | None = None) -> None:
        if status != self.status:
            self.since = at
        self.status, self.conversation_id = status, conversation_id

    def can_take(self, ticket: Ticket) -> bool:
        return ticket.queue_id in self.agent.queues and ticket.language in self.agent.languages


class Lines:
    """All waiting customers: one line by age for each queue and language."""

    def __init__(self, levels: Mapping[str, int]) -> None:
        self._levels = levels
        self._lines: defaultdict[tuple[str, str], list[Ticket]] = defaultdict(list)
        self._tickets: dict[str, Ticket] = {}
        self._turns: Counter[str] = Counter()
        self._turn = 0

    def enter(self, ticket: Ticket) -> None:
        self._tickets[ticket.conversation_id] = ticket
        insort(self._lines[ticket.queue_id, ticket.language], ticket, key=_age)

    def leave(self, conversation_id: str) -> Ticket | None:
        ticket = self._tickets.pop(conversation_id, None)
        if ticket is not None:
            line = self._lines[ticket.queue_id, ticket.language]
            del line[bisect_left(line, ticket.age_order, key=_age)]
        return ticket

    def ticket(self, conversation_id: str) -> Ticket | None:
        return self._tickets.get(conversation_id)

    def in_queue(self, queue_id: str) -> list[Ticket]:
        return [
            ticket
            for (line_queue, _), line in self._lines.items()
            if line_queue == queue_id
            for ticket in line
        ]

    def take_turn(self, queue_id: str) -> None:
        """Note that a customer of this queue was offered, so that its equals come next."""
        self._turn += 1
        self._turns[queue_id] = self._turn

    def best_ticket(self, seat: Seat) -> Ticket | None:
        """The customer a free agent is offered next."""
        heads = [
            head
            for queue_id in seat.agent.queues
            for language in seat.agent.languages
            if (head := self._head(queue_id, language)) is not None
        ]
        return min(heads, key=self._order, default=None)

    def _head(self, queue_id: str, language: str) -> Ticket | None:
        line = self._lines.get((queue_id, language), ())
        return next((ticket for ticket in line if not (ticket.offered or ticket.held)), None)

    def _order(self, ticket: Ticket) -> tuple[int, int, datetime, int]:
        level = self._levels[ticket.queue_id]
        turn = 0 if level == AGEING_LEVEL else self._turns[ticket.queue_id]
        return -level, turn, *ticket.age_order


def _age(ticket: Ticket) -> tuple[datetime, int]:
    return ticket.age_order


def best_seat(ticket: Ticket, seats: Iterable[Seat]) -> Seat | None:
    """The free agent who is offered this customer, if any may take it."""
    free = [seat for seat in seats if seat.status == "available" and seat.can_take(ticket)]
    return min(
        free,
        key=lambda seat: (-seat.agent.queues[ticket.queue_id], seat.since, seat.agent.id),
        default=None,
    )
