"""Queue statistics and schedules as `/cc/v1` gives them.

Fields as read by published integrations of 8x8 Contact Center; the list holds queues of every
medium, of which only chat queues can take a conversation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.sandbox.counts import QueueCounts
from connector.sandbox.dispatch import Status
from connector.sandbox.door import Door
from connector.sandbox.parts import DAYS, Hours, Queue
from connector.sandbox.problems import not_found
from connector.sandbox.tenant import Tenant

VOICE_QUEUE: dict[str, Any] = {
    "queue-id": 901,
    "queue-name": "Voice line",
    "media-type": "phone",
    "queue-type": "inbound",
    "queue-size": 0,
    "longest-wait-time": 0,
    "agent-count-waitTransact": 0,
    "agent-count-busy": 0,
    "agent-count-onBreak": 0,
    "agent-count-postProcess": 0,
    "agent-count-workOffline": 0,
    "agent-count-loggedOut": 0,
    "assigned-agent-count": 0,
    "enabled-agent-count": 0,
    "day-queued": 0,
    "day-accepted": 0,
    "day-abandoned": 0,
}
COLUMNS: dict[Status, str] = {
    "available": "agent-count-waitTransact",
    "offered": "agent-count-busy",
    "busy": "agent-count-busy",
    "on_break": "agent-count-onBreak",
    "post_process": "agent-count-postProcess",
    "logged_out": "agent-count-loggedOut",
}


class Statistics:
    """Answers for one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant, self._world = tenant, tenant.world
        names = tenant.world.schedules
        self._schedules = {str(number): name for number, name in enumerate(names, 1)}

    def routes(self, door: Door) -> list[Route]:
        product = "Analytics for Contact Center"
        hours = "Contact Center Schedule"
        stats, schedules = "/cc/v1/stats/rt", "/cc/v1/schedules"
        one, status = stats + "/queue/{queue_id}", schedules + "/{schedule_id}/status"
        return [
            door.route("GET", stats + "/queues", self.queues, "queues", product=product),
            door.route("GET", one, self.queue, "queues", product=product),
            door.route("GET", schedules, self.schedules, "schedules", product=hours),
            door.route("GET", status, self.status, "schedules", product=hours),
        ]

    async def queues(self, request: Request) -> Response:
        found = [self._state(queue) for queue in self._world.queues]
        return JSONResponse({"queue": [*found, VOICE_QUEUE]})

    async def queue(self, request: Request) -> Response:
        queue_id = request.path_params["queue_id"]
        if queue_id == str(VOICE_QUEUE["queue-id"]):
            return JSONResponse({"queue": VOICE_QUEUE})
        for queue in self._world.queues:
            if queue.id == queue_id:
                return JSONResponse({"queue": self._state(queue)})
        raise not_found("Queue", queue_id)

    async def schedules(self, request: Request) -> Response:
        found = [
            {"id": number, "name": name, "week-days": _week(self._world.schedules[name])}
            for number, name in self._schedules.items()
        ]
        return JSONResponse({"schedules": {"schedule": found}})

    async def status(self, request: Request) -> Response:
        """0 is open, -1 closed."""
        schedule_id = request.path_params["schedule_id"]
        if schedule_id not in self._schedules:
            raise not_found("Schedule", schedule_id)
        now = self._tenant.clock.now()
        is_open = self._world.is_open(self._schedules[schedule_id], now)
        return JSONResponse({"schedule-status": {"status": 0 if is_open else -1}})

    def _state(self, queue: Queue) -> dict[str, Any]:
        center, now = self._tenant.center, self._tenant.clock.now()
        tickets = center.lines.in_queue(queue.id)
        members = [seat for seat in center.seats.values() if queue.id in seat.agent.queues]
        serving = [
            seat
            for seat in members
            if seat.status == "busy" and self._queue_of(seat.conversation_id) == queue.id
        ]
        oldest = min((ticket.since for ticket in tickets), default=now)
        offered = sum(ticket.offered for ticket in tickets)
        return {
            "queue-id": int(queue.id) if queue.id.isdigit() else queue.id,
            "queue-name": queue.name,
            "media-type": "chat",
            "queue-type": "inbound",
            "queue-size": len(tickets) - offered,
            "longest-wait-time": int((now - oldest).total_seconds()),
            "number-in-offered": offered,
            "number-in-progress": len(serving),
            "assigned-agent-count": len(members),
            "enabled-agent-count": len(members),
            "agent-count-workOffline": 0,
            **_agent_counts(seat.status for seat in members),
            **_history(center.counts.of(queue.id, now), queue),
        }

    def _queue_of(self, conversation_id: str | None) -> str | None:
        found = self._tenant.conversations.get(conversation_id or "")
        return found.queue_id if found else None


def _agent_counts(statuses: Iterable[Status]) -> dict[str, int]:
    counts: Counter[str] = Counter(COLUMNS[status] for status in statuses)
    return {column: counts[column] for column in COLUMNS.values()}


def _history(counts: QueueCounts, queue: Queue) -> dict[str, Any]:
    today, accepted = counts.today, counts.today["accepted"]
    recent = [wait_s for _, wait_s in counts.recent]
    in_time = sum(wait_s <= queue.sla_s for wait_s in recent)
    return {
        "day-queued": today["queued"],
        "day-accepted": accepted,
        "day-abandoned": today["abandoned"],
        "day-avg-wait-time": _whole(counts.waits_s, accepted),
        "day-avg-duration": _whole(counts.handle_s, counts.handled),
        "day-sla-activity": _whole(100 * today["accepted_in_time"], accepted),
        "thirty-min-accepted": len(recent),
        "thirty-min-avg-wait-time": _whole(sum(recent), len(recent)),
        "sla-activity": _whole(100 * in_time, len(recent)),
        "sla-target": queue.sla_s,
    }


def _whole(total: float, count: int) -> int:
    return round(total / count) if count else 0


def _week(hours: tuple[Hours, ...]) -> list[dict[str, str]]:
    return [
        {"day": DAYS[day], "from": _time(span.start), "to": _time(span.end)}
        for day in range(7)
        for span in hours
        if day in span.days
    ]


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
