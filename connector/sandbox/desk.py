"""The agent's desk: who waits and who is being served, and what a player of the agent can do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pydantic import BaseModel, ConfigDict, TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from connector.sandbox.conversation import Conversation
from connector.sandbox.dispatch import Seat, best_seat
from connector.sandbox.loopback import local_route, parsed
from connector.sandbox.page import Page
from connector.sandbox.problems import Problem, not_found
from connector.sandbox.tenant import Tenant

PREFIX = "/sandbox/agent/conversations"


class Wish(BaseModel):
    """What the player of an agent wants; a form of the page carries `back`."""

    model_config = ConfigDict(extra="ignore")

    agent: str | None = None
    text: str = ""
    queue: str = ""
    back: str | None = None


WISH = TypeAdapter(Wish)
Act = Callable[[Conversation, Wish], None]


class Desk:
    """Answers for one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._page = Page(tenant)

    def routes(self) -> list[Route]:
        wishes: dict[str, Act] = {
            "hold": self._hold,
            "accept": self._accept,
            "reject": self._reject,
            "write": self._write,
            "typing": self._typing,
            "transfer": self._transfer,
            "end": self._end,
        }
        return [
            local_route("GET", "/sandbox/", self._page.answer),
            local_route("GET", PREFIX, self.conversations),
            local_route("GET", f"{PREFIX}/{{conversation_id}}", self.conversation),
            *(
                local_route("POST", f"{PREFIX}/{{conversation_id}}/{name}", partial(self.wish, act))
                for name, act in wishes.items()
            ),
        ]

    async def conversations(self, request: Request) -> Response:
        """Waiting and active conversations, oldest first; `?state=all` gives ended ones too."""
        everything = request.query_params.get("state") == "all"
        names = self._tenant.center.names
        return JSONResponse(
            {
                "conversations": [
                    found.desk_view(names[found.queue_id])
                    for found in self._tenant.conversations.values()
                    if everything or found.state == "active"
                ]
            }
        )

    async def conversation(self, request: Request) -> Response:
        """One conversation as the agent sees it, also when it has ended."""
        return self._view(self._tenant.find(request.path_params["conversation_id"]))

    async def wish(self, act: Act, request: Request) -> Response:
        conversation = self._tenant.find(request.path_params["conversation_id"])
        wish = await parsed(request, WISH)
        act(conversation, wish)
        if wish.back is not None:
            return RedirectResponse(f"/sandbox/?conversation={conversation.id}", 303)
        return self._view(conversation)

    def _view(self, conversation: Conversation) -> Response:
        names = self._tenant.center.names
        return JSONResponse(conversation.desk_view(names[conversation.queue_id]))

    def _hold(self, conversation: Conversation, wish: Wish) -> None:
        self._tenant.center.hold(conversation)

    def _accept(self, conversation: Conversation, wish: Wish) -> None:
        seat = self._player(conversation, wish)
        if not self._tenant.center.accept(conversation, seat, played=True):
            raise _conflict("This conversation no longer waits, or this agent is busy.")

    def _reject(self, conversation: Conversation, wish: Wish) -> None:
        seat = self._player(conversation, wish)
        if not conversation.is_waiting or seat.status not in ("available", "offered"):
            raise _conflict("This conversation is not offered to this agent.")
        if seat.conversation_id not in (None, conversation.id):
            raise _conflict("This agent is being offered another conversation.")
        self._tenant.center.reject(seat)

    def _write(self, conversation: Conversation, wish: Wish) -> None:
        self._take_over(conversation)
        self._tenant.agent_writes(conversation, wish.text)

    def _typing(self, conversation: Conversation, wish: Wish) -> None:
        self._take_over(conversation)
        self._tenant.agent_types(conversation)

    def _transfer(self, conversation: Conversation, wish: Wish) -> None:
        self._tenant.check_queue(wish.queue, "queue")
        self._take_over(conversation)
        self._tenant.center.transfer(conversation, wish.queue)

    def _end(self, conversation: Conversation, wish: Wish) -> None:
        self._take_over(conversation)
        self._tenant.center.end(conversation)

    def _take_over(self, conversation: Conversation) -> None:
        """From here a person acts for the agent: nothing more is said or ended by itself."""
        if not conversation.is_served:
            raise _conflict("No agent has this conversation.")
        if not conversation.played:
            conversation.played = True
            conversation.stop_timers()

    def _player(self, conversation: Conversation, wish: Wish) -> Seat:
        """The named agent, else the one who has the offer, else whom 8x8 would ask.

        A named one must be a member of the queue; the language is the player's own business.
        """
        ticket = self._tenant.center.lines.ticket(conversation.id)
        if ticket is None:
            raise _conflict("This conversation does not wait for an agent.")
        seats = self._tenant.center.seats
        named = wish.agent or conversation.offered_to
        seat = self._seat(named) if named else best_seat(ticket, seats.values())
        if seat is None or ticket.queue_id not in seat.agent.queues:
            raise _conflict("No such member of this conversation's queue is free.")
        return seat

    def _seat(self, agent_id: str) -> Seat:
        seat = self._tenant.center.seats.get(agent_id)
        if seat is None:
            raise not_found("Agent", agent_id)
        return seat


def _conflict(message: str) -> Problem:
    return Problem(409, "conflict", message)
