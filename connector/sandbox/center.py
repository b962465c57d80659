"""The contact center at work: customers queue, agents are offered them, accept, serve and leave.

Behaves as 8x8 does: a customer whom nobody takes waits for ever, an offer that is refused puts
the agent On Break and the customer back in line, and none of that is told to the webhook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from connector.clock import Clock
from connector.sandbox.agenda import Agenda
from connector.sandbox.conversation import Conversation, Interaction, new_id
from connector.sandbox.counts import Counts
from connector.sandbox.dispatch import Lines, Seat, Status, Ticket, best_seat
from connector.sandbox.staff import Staff
from connector.sandbox.world import World

Notify = Callable[[Conversation, str, dict[str, Any] | None], None]


class Center:
    """Agents and lines of one tenant.

    With `auto_agents` the agents take what they are offered; without, nobody is offered anything,
    and whoever plays the agents accepts.
    """

    def __init__(
        self,
        world: World,
        clock: Clock,
        agenda: Agenda,
        notify: Notify,
        conversations: dict[str, Conversation],
        *,
        seed: int,
        auto_agents: bool,
    ) -> None:
        self.world, self.counts, self.auto_agents = world, Counts(world), auto_agents
        self.names = {queue.id: queue.name for queue in world.queues}
        self.lines = Lines({queue.id: queue.level for queue in world.queues})
        self._clock, self._agenda, self._notify, self._seed = clock, agenda, notify, seed
        self._conversations = conversations
        self.staff = Staff(world, clock, agenda, self._find_ticket, auto_agents=auto_agents)
        self.seats = self.staff.seats
        self.on_accept: list[Callable[[Conversation, Seat], None]] = []
        self.staff.keep_roster()

    def random(self, conversation: Conversation, purpose: str) -> Random:
        """Chance that depends on seed, conversation and purpose alone, not on what else happens."""
        return Random(f"{self._seed} {conversation.number} {purpose}")

    # Customers

    def enter(self, conversation: Conversation, queue_id: str) -> None:
        """Put a conversation into a queue's line and tell the webhook."""
        now = self._clock.now()
        if not conversation.interactions or conversation.interactions[-1].ended_at:
            name = f"int-{new_id()}-chat-00"
            conversation.interactions.append(Interaction(name, now))
            conversation.times_accepted = 0
        conversation.state, conversation.agent_id = "active", None
        conversation.queue_id, conversation.queued_at = queue_id, now
        ticket = self._line_up(conversation, now)
        self.counts.queued(queue_id, now)
        self.tell_state(conversation)
        queued = {"queueId": queue_id, "queueName": self.names[queue_id]}
        self._notify(conversation, "QUEUED", queued)
        self._find_seat(ticket)

    def move(self, conversation: Conversation, queue_id: str) -> None:
        """Re-queue a waiting customer; an agent who has accepted meanwhile keeps the chat."""
        if conversation.state == "created":
            conversation.queue_id, conversation.script_id = queue_id, None
        elif conversation.is_waiting:
            self._leave_line(conversation)
            self.counts.moved_on(conversation.queue_id)
            self.enter(conversation, queue_id)

    def change_language(self, conversation: Conversation) -> None:
        """A waiting customer turns out to speak another language; the place in line stays."""
        ticket = self.lines.ticket(conversation.id)
        if ticket is not None and ticket.language != conversation.language:
            since = ticket.since
            self._leave_line(conversation)
            self._find_seat(self._line_up(conversation, since))

    def hold(self, conversation: Conversation) -> None:
        """Offer this customer to nobody from now on: a person plays whoever takes them."""
        conversation.held = True
        ticket = self.lines.ticket(conversation.id)
        if ticket is not None:
            ticket.held = True
            if (seat := self._withdraw(conversation)) is not None:
                self.staff.free(seat)

    def remove_user(self, conversation: Conversation) -> bool:
        """The customer leaves, which ends the interaction; False when it had ended before."""
        if conversation.state == "idle":
            return False
        now = self._clock.now()
        conversation.member("user", "user").removed = True
        left = {"memberType": "user", "change": "left", "id": "user"}
        self._notify(conversation, "MEMBERS_CHANGED", left)
        if conversation.is_served:
            self._agent_leaves(conversation, transfer=False)
        elif conversation.is_waiting:
            self._leave_line(conversation)
            first = conversation.times_accepted == 0
            self.counts.ended_waiting(conversation.queue_id, now, first=first)
        self._close(conversation)
        return True

    # Agents

    def accept(self, conversation: Conversation, seat: Seat, *, played: bool = False) -> bool:
        """An agent takes a waiting customer; False when either of them is no longer there."""
        if not conversation.is_waiting or seat.status == "busy":
            return False
        if seat.conversation_id not in (None, conversation.id):
            self._put_back(seat, "busy")
        self._leave_line(conversation, keep=seat)
        now, agent_id = self._clock.now(), seat.agent.id
        seat.turn("busy", now, conversation.id)
        wait_s = (now - (conversation.queued_at or now)).total_seconds()
        first = conversation.times_accepted == 0
        self.counts.accepted(conversation.queue_id, now, wait_s, first=first)
        conversation.agent_id, conversation.accepted_at = agent_id, now
        conversation.times_accepted += 1
        conversation.played = played
        conversation.member(agent_id, "agent").removed = False
        joined = {"memberType": "agent", "change": "joined", "id": agent_id}
        self._notify(conversation, "MEMBERS_CHANGED", joined)
        self.tell_state(conversation)
        if not played:
            self.plan_end(conversation)
        for told in self.on_accept:
            told(conversation, seat)
        return True

    def reject(self, seat: Seat) -> None:
        """The agent goes On Break, the customer back to the line; no event tells of it."""
        self.staff.rest(seat)
        self._put_back(seat, "on_break")

    def plan_end(self, conversation: Conversation) -> None:
        """Set when the agent will be done: the given handle time, else one drawn by seed."""
        if not conversation.is_served or conversation.accepted_at is None or conversation.played:
            return
        conversation.stop_timers()
        handle_s = conversation.handle_s
        if handle_s is None:
            handle_s = self.drawn_handle_s(conversation)
        done_at = conversation.accepted_at + timedelta(seconds=handle_s)
        conversation.timers.append(self._agenda.at(done_at, partial(self.end, conversation)))

    def end(self, conversation: Conversation) -> None:
        """The agent closes the chat."""
        if conversation.is_served:
            self._agent_leaves(conversation, transfer=False)
            self._close(conversation)

    def transfer(self, conversation: Conversation, queue_id: str) -> None:
        """The agent passes the customer on to another queue."""
        if conversation.is_served:
            self._agent_leaves(conversation, transfer=True)
            self.enter(conversation, queue_id)

    def tell(self, seat: Seat, status: Status | None) -> None:
        """Set what an agent does, whatever the roster says; None gives them back to it."""
        seat.told, seat.break_until = status, None
        if seat.status == "offered" and status != "available":
            self._put_back(seat, "on_break")
        self.staff.settle(seat)

    # How it goes on

    def _line_up(self, conversation: Conversation, since: datetime) -> Ticket:
        ticket = Ticket(
            conversation.id,
            conversation.queue_id,
            conversation.language,
            since,
            conversation.number,
            held=conversation.held,
        )
        self.lines.enter(ticket)
        return ticket

    def _find_seat(self, ticket: Ticket) -> None:
        if ticket.held:
            return
        if self.auto_agents and (seat := best_seat(ticket, self.seats.values())):
            self._offer(seat, ticket)

    def _find_ticket(self, seat: Seat) -> None:
        if self.auto_agents and (ticket := self.lines.best_ticket(seat)):
            self._offer(seat, ticket)

    def _offer(self, seat: Seat, ticket: Ticket) -> None:
        conversation = self._conversations[ticket.conversation_id]
        ticket.offered, conversation.offered_to = True, seat.agent.id
        self.lines.take_turn(ticket.queue_id)
        seat.turn("offered", self._clock.now(), conversation.id)
        answer_s = self.random(conversation, "answer").uniform(*self.world.answer_s)
        answer = partial(self.accept, conversation, seat)
        conversation.timers.append(self._agenda.after(answer_s, answer))

    def _withdraw(self, conversation: Conversation) -> Seat | None:
        """Take an offer back; the customer keeps the place in line."""
        conversation.stop_timers()
        ticket = self.lines.ticket(conversation.id)
        if ticket is not None:
            ticket.offered = False
        if conversation.offered_to is None:
            return None
        seat = self.seats[conversation.offered_to]
        conversation.offered_to = None
        return seat

    def _put_back(self, seat: Seat, status: Status) -> None:
        """An agent lets go of an offer; somebody else is asked."""
        conversation_id = seat.conversation_id
        seat.turn(status, self._clock.now())
        ticket = self.lines.ticket(conversation_id) if conversation_id else None
        if ticket is not None:
            self._withdraw(self._conversations[ticket.conversation_id])
            self._find_seat(ticket)

    def _leave_line(self, conversation: Conversation, *, keep: Seat | None = None) -> None:
        """Out of the line; whoever had been offered this customer, but for `keep`, is free."""
        seat = self._withdraw(conversation)
        self.lines.leave(conversation.id)
        if seat is not None and seat is not keep:
            self.staff.free(seat)

    def _agent_leaves(self, conversation: Conversation, *, transfer: bool) -> None:
        now = self._clock.now()
        agent_id = conversation.agent_id or ""
        conversation.stop_timers()
        conversation.member(agent_id, "agent").removed = True
        handle_s = (now - (conversation.accepted_at or now)).total_seconds()
        self.counts.left_agent(conversation.queue_id, now, handle_s, transfer=transfer)
        for event_type, data in self._leaving(conversation, agent_id, transfer):
            self._notify(conversation, event_type, data)
        self.staff.wrap_up(self.seats[agent_id])

    def _leaving(
        self, conversation: Conversation, agent_id: str, transfer: bool
    ) -> Iterator[tuple[str, dict[str, Any] | None]]:
        left = {"memberType": "agent", "change": "left", "id": agent_id}
        first = self.random(conversation, "leaving").random() < 0.5
        # 8x8 does not say which of the two comes first: here it is one or the other, by seed.
        if transfer and first:
            yield "TRANSFER", None
        yield "MEMBERS_CHANGED", left
        if transfer and not first:
            yield "TRANSFER", None

    def _close(self, conversation: Conversation) -> None:
        conversation.stop_timers()
        conversation.state = "idle"
        if conversation.interactions:
            conversation.interactions[-1].ended_at = self._clock.now()
        self.tell_state(conversation)

    def tell_state(self, conversation: Conversation) -> None:
        """Tell the webhook of state, assignment and user."""
        data = {
            "state": conversation.state,
            "assignment": conversation.assignment,
            "user": conversation.user,
            "channel": "ChatAPI",
        }
        self._notify(conversation, "CONVERSATION_UPDATE", data)

    def drawn_handle_s(self, conversation: Conversation) -> float:
        """How long the agent will need, in seconds: the same for the same seed."""
        intent = conversation.properties.get("intent")
        times = self.world.handle_time(conversation.queue_id, intent)
        return times.draw(self.random(conversation, f"handle {conversation.times_accepted}"))
