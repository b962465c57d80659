"""Sends webhook events over HTTP connections that stay open.

Much lighter than a general client: the sandbox shares its core with the connector it serves.
"""

from __future__ import annotations

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from collections import defaultdict
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

Origin = tuple[str, str, int]
Connection = tuple[StreamReader, StreamWriter]
PORTS = {"http": 80, "https": 443}


class NoAnswer(Exception):
    """The receiver was not reached, or did not answer in time."""


class Post:
    """Keeps idle connections per receiver; at most as many as events are under way at once."""

    def __init__(self, *, timeout_s: float = 10.0) -> None:
        self._timeout_s = timeout_s
        self._idle: defaultdict[Origin, list[Connection]] = defaultdict(list)

    async def send(self, uri: str, headers: Mapping[str, str], body: bytes) -> int:
        """POST and return the status. Raises NoAnswer after `timeout_s` wall seconds."""
        address = urlsplit(uri)
        origin = (address.scheme, address.hostname or "", address.port or PORTS[address.scheme])
        request = _request(address, headers, body)
        try:
            async with asyncio.timeout(self._timeout_s):
                while idle := self._idle[origin]:
                    # A kept connection may have been closed meanwhile; then the next one is tried.
                    with contextlib.suppress(OSError, EOFError):
                        return await self._exchange(origin, idle.pop(), request)
                return await self._exchange(origin, await _connect(origin), request)
        except (OSError, EOFError, ValueError, LookupError, asyncio.LimitOverrunError) as error:
            raise NoAnswer(str(error) or type(error).__name__) from None

    async def _exchange(self, origin: Origin, connection: Connection, request: bytes) -> int:
        reader, writer = connection
        kept = False
        try:
            writer.write(request)
            await writer.drain()
            status, kept = await _answer(reader)
            return status
        finally:
            if kept:
                self._idle[origin].append(connection)
            else:
                writer.close()

    async def close(self) -> None:
        for connections in self._idle.values():
            for _, writer in connections:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
        self._idle.clear()


async def _connect(origin: Origin) -> Connection:
    scheme, host, port = origin
    return await asyncio.open_connection(host, port, ssl=scheme == "https" or None)


def _request(address: SplitResult, headers: Mapping[str, str], body: bytes) -> bytes:
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    lines = [f"POST {path} HTTP/1.1", f"host: {address.netloc.rpartition('@')[2]}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("ascii") + body


async def _answer(reader: StreamReader) -> tuple[int, bool]:
    """Status, and whether the connection can be used again."""
    status = 100
    while status < 200:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        status = int(head[0].split(" ")[1])
    fields = dict(line.split(":", 1) for line in head[1:] if ":" in line)
    length = "0" if status in (204, 304) else fields.get("content-length")
    if length is None:
        return status, False
    await reader.readexactly(int(length))
    return status, fields.get("connection", "").strip() != "close"
