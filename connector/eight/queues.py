"""Queue statistics as 8x8's real-time API gives them (`/cc/v1/stats/rt/queues`)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from connector.eight.records import listed
from connector.queues import QueueState


def read_queues(content: object) -> list[QueueState]:
    """The chat queues among all queues: 8x8 takes no other as the target of a chat handoff."""
    found = content.get("queue") if isinstance(content, dict) else content
    return [read_queue(item) for item in listed(found) if _has_id(item) and _is_chat(item)]


def read_queue(found: Mapping[str, Any]) -> QueueState:
    """One queue; numbers may come as text, and any but the id may be missing."""
    queue_id = str(found["queue-id"])
    expected = _number(found.get("thirty-min-avg-wait-time"))
    return QueueState(
        id=queue_id,
        name=str(found.get("queue-name") or queue_id),
        available=_count(found, "agent-count-waitTransact"),
        busy=_count(found, "agent-count-busy"),
        on_break=_count(found, "agent-count-onBreak"),
        post_process=_count(found, "agent-count-postProcess"),
        work_offline=_count(found, "agent-count-workOffline"),
        enabled=_count(found, "enabled-agent-count"),
        waiting=_count(found, "queue-size"),
        longest_wait_s=_number(found.get("longest-wait-time")) or 0.0,
        expected_wait_s=expected,
        day_queued=_count(found, "day-queued"),
        day_accepted=_count(found, "day-accepted"),
        day_abandoned=_count(found, "day-abandoned"),
    )


def _has_id(found: Mapping[str, Any]) -> bool:
    return isinstance(found.get("queue-id"), int | str) and found["queue-id"] != ""


def _is_chat(found: Mapping[str, Any]) -> bool:
    return str(found.get("media-type", "chat")).casefold() == "chat"


def _count(found: Mapping[str, Any], name: str) -> int:
    return int(_number(found.get(name)) or 0)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None
