"""The agents between chats: roster, breaks, wrap-up, and what a person told them to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from connector.clock import Clock
from connector.sandbox.agenda import Agenda
from connector.sandbox.dispatch import Seat, Status
from connector.sandbox.world import World

BREAK_AFTER_REJECT_S = 120.0
WITH_CUSTOMER: tuple[Status, ...] = ("offered", "busy", "post_process")


class Staff:
    """All agents of a tenant. `on_free` is called for each who becomes, or still is, available.

    With `auto_agents` they keep their roster; without, all of them are available until told
    otherwise.
    """

    def __init__(
        self,
        world: World,
        clock: Clock,
        agenda: Agenda,
        on_free: Callable[[Seat], None],
        *,
        auto_agents: bool,
    ) -> None:
        self._world, self._clock, self._agenda = world, clock, agenda
        self._on_free, self._auto_agents = on_free, auto_agents
        now = clock.now()
        self.seats = {agent.id: Seat(agent, "logged_out", now) for agent in world.agents}

    def keep_roster(self) -> None:
        """Send everybody to what they should be doing, now and whenever the roster changes."""
        for seat in self.seats.values():
            self.settle(seat)
        next_change = self._world.next_change(self._clock.now())
        self._agenda.at(next_change, self.keep_roster)

    def settle(self, seat: Seat) -> None:
        """Let an agent who holds no customer do what they should be doing now."""
        if seat.status in WITH_CUSTOMER:
            return
        now = self._clock.now()
        seat.turn(self._should_do(seat, now), now)
        if seat.status == "available":
            self._on_free(seat)

    def free(self, seat: Seat) -> None:
        """Done with a customer: on to whatever comes next, idle from this moment."""
        seat.turn("logged_out", self._clock.now())
        self.settle(seat)

    def wrap_up(self, seat: Seat) -> None:
        """After a chat; agents whom a person plays need no time for it."""
        if self._auto_agents and self._world.wrap_up_s > 0:
            now = self._clock.now()
            seat.turn("post_process", now)
            self._agenda.after(self._world.wrap_up_s, partial(self._wrapped_up, seat, now))
        else:
            self.free(seat)

    def _wrapped_up(self, seat: Seat, since: datetime) -> None:
        # Somebody may have played this agent into another chat meanwhile.
        if seat.status == "post_process" and seat.since == since:
            self.free(seat)

    def rest(self, seat: Seat) -> None:
        """Go On Break after a refused offer: for a while, or, when played, until told."""
        if self._auto_agents:
            seat.break_until = self._clock.now() + timedelta(seconds=BREAK_AFTER_REJECT_S)
            self._agenda.at(seat.break_until, partial(self.settle, seat))
        else:
            seat.told = "on_break"

    def _should_do(self, seat: Seat, now: datetime) -> Status:
        if seat.told is not None:
            return seat.told
        if not self._auto_agents:
            return "available"
        duty = self._world.duty(seat.agent, now)
        if duty == "offline":
            return "logged_out"
        resting = seat.break_until is not None and seat.break_until > now
        return "on_break" if resting or duty == "break" else "available"
