"""Every request and answer that passed a transport, kept for a look at them afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx


@dataclass(frozen=True)
class Exchange:
    """One request and what came back; `status` is None when no answer came."""

    method: str
    url: str
    request_headers: dict[str, str]
    request_body: bytes
    status: int | None = None
    response_headers: dict[str, str] | None = None
    response_body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query))

    @property
    def sent(self) -> Any:
        return json.loads(self.request_body) if self.request_body else None

    @property
    def answered(self) -> Any:
        return json.loads(self.response_body) if self.response_body else None

    @property
    def media_type(self) -> str:
        return (self.response_headers or {}).get("content-type", "").partition(";")[0]

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status}"


class RecordingTransport(httpx.AsyncBaseTransport):
    """Give it to a client as `transport`; `exchanges` then holds all that was said."""

    def __init__(self, inner: httpx.AsyncBaseTransport | None = None) -> None:
        self._inner = inner or httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_connections=10, keepalive_expiry=4)
        )
        self.exchanges: list[Exchange] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        asked = (request.method, str(request.url), _plain(request.headers), body)
        try:
            response = await self._inner.handle_async_request(request)
            content = b"".join([part async for part in response.aiter_raw()])
            await response.aclose()
        except BaseException:
            self.exchanges.append(Exchange(*asked))
            raise
        headers = _plain(response.headers)
        self.exchanges.append(Exchange(*asked, response.status_code, headers, content))
        return httpx.Response(response.status_code, headers=response.headers, content=content)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _plain(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
