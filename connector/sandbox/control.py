"""The sandbox's own control API under `/sandbox`: faults, agents, clock and counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.sandbox.dispatch import Seat, Status
from connector.sandbox.door import Door
from connector.sandbox.faults import Fault
from connector.sandbox.loopback import local_route, parsed
from connector.sandbox.problems import not_found
from connector.sandbox.tenant import Tenant
from connector.sandbox.webhook_faults import WebhookFault

TOLD: dict[str, Status | None] = {
    "available": "available",
    "break": "on_break",
    "offline": "logged_out",
    "roster": None,
}


class AgentStatus(BaseModel):
    status: Literal["available", "break", "offline", "roster"]


class HandleTime(BaseModel):
    handle_s: Annotated[float, Field(gt=0)]


def _plain(moment: datetime) -> datetime:
    """Naive UTC; without an offset it is UTC already."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


class Jump(BaseModel):
    to: Annotated[datetime, AfterValidator(_plain)]


FAULT, WEBHOOK_FAULT = TypeAdapter(Fault), TypeAdapter(WebhookFault)
STATUS, HANDLE, JUMP = TypeAdapter(AgentStatus), TypeAdapter(HandleTime), TypeAdapter(Jump)


class Control:
    """Answers for one sandbox."""

    def __init__(self, tenant: Tenant, door: Door, tenant_id: str) -> None:
        self._tenant, self._door, self._tenant_id = tenant, door, tenant_id

    def routes(self) -> list[Route]:
        return [
            local_route("GET", "/sandbox/world", self.world),
            local_route("GET", "/sandbox/summary", self.summary),
            local_route("GET", "/sandbox/deliveries", self.deliveries),
            local_route("POST", "/sandbox/clock", self.jump),
            local_route("POST", "/sandbox/faults", self.add_fault),
            local_route("DELETE", "/sandbox/faults", self.clear_faults),
            local_route("POST", "/sandbox/webhook-faults", self.add_webhook_fault),
            local_route("DELETE", "/sandbox/webhook-faults", self.clear_webhook_faults),
            local_route("PUT", "/sandbox/agents/{agent_id}", self.agent),
            local_route("PUT", "/sandbox/conversations/{conversation_id}/handle", self.handle),
        ]

    async def world(self, request: Request) -> Response:
        anchor, center = self._tenant.clock.anchor, self._tenant.center
        return JSONResponse(
            {
                "t0": anchor.t0.isoformat(),
                "wall0": anchor.wall0,
                "speed": anchor.speed,
                "now": self._tenant.clock.now().isoformat(),
                "tenant_id": self._tenant_id,
                "zone": self._tenant.world.zone,
                "auto_agents": center.auto_agents,
                "queues": [
                    {
                        "id": queue.id,
                        "name": queue.name,
                        "level": queue.level,
                        "twin_of": queue.twin_of,
                    }
                    for queue in self._tenant.world.queues
                ],
                "agents": [_seat_view(seat) for seat in center.seats.values()],
            }
        )

    async def summary(self, request: Request) -> Response:
        """Per queue, since the sandbox started, with `open` and `with_agent` as they are now.

        `created` counts conversations by first queue, `queued` every entry into the line,
        `accepted` first acceptances, `ended_waiting` customers removed from the line whom no agent
        ever had, `moved_on` new assignments away from it; the counts named `…transfers` are of
        customers whom an agent had passed on.
        """
        center = self._tenant.center
        serving = [found for found in self._tenant.conversations.values() if found.is_served]
        queues = [
            {
                "id": queue_id,
                "name": name,
                **center.counts.totals(queue_id),
                "open": len(center.lines.in_queue(queue_id)),
                "with_agent": sum(found.queue_id == queue_id for found in serving),
            }
            for queue_id, name in center.names.items()
        ]
        return JSONResponse({"queues": queues, "events_under_way": self._tenant.courier.under_way})

    async def deliveries(self, request: Request) -> Response:
        """8x8's event log: every event with the answers it got, 0 for none."""
        wanted = request.query_params.get("conversation_id")
        found = [
            event.view()
            for event in self._tenant.courier.log
            if wanted in (None, event.conversation_id)
        ]
        return JSONResponse({"deliveries": found})

    async def jump(self, request: Request) -> Response:
        self._tenant.clock.jump((await parsed(request, JUMP)).to)
        return await self.world(request)

    async def add_fault(self, request: Request) -> Response:
        self._door.faults.add(await parsed(request, FAULT))
        return Response(status_code=204)

    async def add_webhook_fault(self, request: Request) -> Response:
        self._tenant.courier.faults.add(await parsed(request, WEBHOOK_FAULT))
        return Response(status_code=204)

    async def clear_webhook_faults(self, request: Request) -> Response:
        self._tenant.courier.faults.clear()
        return Response(status_code=204)

    async def clear_faults(self, request: Request) -> Response:
        """Faults of both sorts."""
        self._door.faults.clear()
        self._tenant.courier.faults.clear()
        return Response(status_code=204)

    async def agent(self, request: Request) -> Response:
        status = await parsed(request, STATUS)
        seat = self._seat(request.path_params["agent_id"])
        self._tenant.center.tell(seat, TOLD[status.status])
        return JSONResponse(_seat_view(seat))

    async def handle(self, request: Request) -> Response:
        conversation = self._tenant.find(request.path_params["conversation_id"])
        conversation.handle_s = (await parsed(request, HANDLE)).handle_s
        self._tenant.center.plan_end(conversation)
        return Response(status_code=204)

    def _seat(self, agent_id: str) -> Seat:
        seat = self._tenant.center.seats.get(agent_id)
        if seat is None:
            raise not_found("Agent", agent_id)
        return seat


def _seat_view(seat: Seat) -> dict[str, Any]:
    agent = seat.agent
    return {
        "id": agent.id,
        "name": agent.name,
        "status": seat.status,
        "conversation_id": seat.conversation_id,
        "languages": agent.languages,
        "queues": agent.queues,
    }
