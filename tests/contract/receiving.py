"""A webhook receiver for tests: keeps every event as it came."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from connector.eight import Event, parse_event
from tests.connector.eight.answering import answer, raw_server, read_request


@dataclass
class Inbox:
    """What came in; `status` is how the next events are answered."""

    url: str
    status: int = 204
    received: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def events(self) -> list[Event]:
        return [parse_event(body, headers) for body, headers in self.received]

    async def until(self, wanted, *, within_s: float = 5.0) -> Event:
        """The first event for which `wanted` holds."""
        async with asyncio.timeout(within_s):
            while True:
                self.arrived.clear()
                if found := next((event for event in self.events if wanted(event)), None):
                    return found
                await self.arrived.wait()


@contextlib.asynccontextmanager
async def receiver() -> AsyncIterator[Inbox]:
    """Listens on a free loopback port."""

    async def serve(reader, writer):
        while True:
            head, body = await read_request(reader)
            lines = head.decode().split("\r\n")[1:]
            headers = dict(line.split(": ", 1) for line in lines if line)
            inbox.received.append((body, {name.lower(): headers[name] for name in headers}))
            inbox.arrived.set()
            writer.write(answer(b"", f"{inbox.status} Taken"))
            await writer.drain()

    async with raw_server(serve) as port:
        inbox = Inbox(f"http://127.0.0.1:{port}")
        yield inbox
