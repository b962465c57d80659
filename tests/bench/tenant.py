"""A sandbox in a process of its own, for measurements that must not share its event loop.

Prints its address once it is up and ends with its standard input. Its agents take nobody; the
channel `Handoff Tuner` sends its events to a sink in this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator

from pydantic import SecretStr

from connector.connection import CHANNEL_NAME
from connector.eight import Eight
from connector.sandbox import Sandbox, load_world

API_KEY, TENANT_ID, QUEUE_ID = "sandbox-key", "sandbox", "101"
_ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


@contextlib.asynccontextmanager
async def tenant() -> AsyncIterator[str]:
    """The sandbox's address while the block runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.tenant",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.stdin.close()
        await process.wait()


async def main() -> None:
    world = load_world().around_the_clock()
    sink = await asyncio.start_server(_take_event, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{sink.sockets[0].getsockname()[1]}/webhook"
    async with sink, Sandbox(world, auto_agents=False) as sandbox:
        async with Eight(sandbox.base_url, SecretStr(API_KEY), TENANT_ID) as eight:
            webhook = await eight.create_webhook(CHANNEL_NAME, address)
            await eight.create_channel(CHANNEL_NAME, webhook_id=webhook.id, queue_id=QUEUE_ID)
        print(sandbox.base_url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


async def _take_event(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in head.lower().splitlines()
            if line.startswith(b"content-length:")
        )
        await reader.readexactly(length)
        writer.write(_ANSWER)
        await writer.drain()
    writer.close()


if __name__ == "__main__":
    asyncio.run(main())
