"""Events of one handoff as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from connector.escalation import BotEvent

KEEP_ALIVE_S = 15.0


async def server_sent(
    events: AsyncIterator[BotEvent], *, keep_alive_s: float = KEEP_ALIVE_S
) -> AsyncIterator[str]:
    """One frame per event: its kind, and as data kind, time (UTC) and detail as JSON.

    A comment goes out after `keep_alive_s` of silence, so that proxies keep the stream and a
    client that has gone is noticed.
    """
    upcoming: asyncio.Future[BotEvent] | None = None
    try:
        while True:
            upcoming = upcoming or asyncio.ensure_future(anext(events))
            done, _ = await asyncio.wait({upcoming}, timeout=keep_alive_s)
            if not done:
                yield ": still here\n\n"
                continue
            try:
                event = upcoming.result()
            except StopAsyncIteration:
                return
            upcoming = None
            yield frame(event)
    finally:
        if upcoming is not None:
            upcoming.cancel()


def frame(event: BotEvent) -> str:
    body = {"kind": event.kind, "at": f"{event.at.isoformat()}Z", "data": dict(event.data)}
    return f"event: {event.kind}\ndata: {json.dumps(body, ensure_ascii=False, default=str)}\n\n"
