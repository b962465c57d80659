"""Servers for tests: a function that answers, and raw sockets that misbehave."""

import asyncio
import contextlib
import json

import httpx
from pydantic import SecretStr

from connector.eight import Eight, Repeating, Timeouts

QUICK = Repeating(first_wait_s=0.01, longest_wait_s=0.02)
BASE = "https://api.8x8.com"


class Script(httpx.AsyncBaseTransport):
    """Answers the calls in order (the last answer again and again), and keeps what was asked.

    An answer is (status, content), (status, content, headers), or an exception to raise.
    """

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    async def handle_async_request(self, request):
        await request.aread()
        self.asked.append(request)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        status, content, *rest = answer
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return httpx.Response(status, content=body, headers=rest[0] if rest else {})

    @property
    def calls(self):
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.asked]

    @property
    def sent(self):
        return [json.loads(request.content) for request in self.asked if request.content]


def client(transport, *, key="secret-key", tenant="acme01", repeating=QUICK, **more):
    return Eight(
        BASE,
        SecretStr(key) if key is not None else None,
        tenant,
        transport=transport,
        repeating=repeating,
        **more,
    )


def ask(transport, call, **more):
    """What `call(eight)` returns over this transport."""

    async def asking():
        async with client(transport, **more) as eight:
            return await call(eight)

    return asyncio.run(asking())


@contextlib.asynccontextmanager
async def raw_server(serve, **listening):
    """A socket server on a free port; `serve(reader, writer)` speaks. Yields its port."""
    tasks = set()

    async def connected(reader, writer):
        tasks.add(asyncio.current_task())
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # a cancelled handler that ends as such is reported by asyncio as a mistake
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, **listening)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def read_request(reader):
    """The head and body of one request; raises IncompleteReadError at the end of the stream."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return head, await reader.readexactly(length)


def answer(content, status="200 OK", *more):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *more]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


ONCE = Repeating(attempts=1)


def at(port, *, repeating=ONCE, scheme="http", host="127.0.0.1", **timeouts):
    """A client of a local server, by default without repeats."""
    return Eight(
        f"{scheme}://{host}:{port}",
        SecretStr("secret-key"),
        "acme01",
        repeating=repeating,
        timeouts=Timeouts(**timeouts),
    )
