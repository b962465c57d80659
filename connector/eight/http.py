"""The one place that speaks HTTP to 8x8: one client, ten connections, a time limit on everything.

httpx's pool slows down with connections x waiting requests, so it never grows beyond ten and a
semaphore keeps the queue in front of it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from connector.eight.counting import count_request
from connector.errors import AnswerLost, EightError, NotSent, SettingsError

Transport = httpx.AsyncBaseTransport
CONNECTIONS = 10
LARGEST_ANSWER = 32 * 1024 * 1024
LARGEST_ERROR = 64 * 1024
# Servers close idle connections after five seconds or more. Leaving first avoids writing into
# one that is closing, where nobody can say whether the request was taken.
KEEP_ALIVE_S = 4.0
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


@dataclass(frozen=True)
class Timeouts:
    """Wall seconds for each part of a call; `whole` bounds an answer that trickles."""

    connect: float = 5.0
    read: float = 15.0
    write: float = 10.0
    pool: float = 60.0
    whole: float = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `cut` says that an error body was longer than anyone reads."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False


class Http:
    """Sends one request at a time per connection; knows nothing of what they mean."""

    def __init__(
        self,
        base: str,
        api_key: SecretStr | None,
        tenant_id: str | None,
        *,
        transport: Transport | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self.base = base.rstrip("/")
        self._timeouts = timeouts or Timeouts()
        self._headers = _headers(self.base, api_key, tenant_id)
        self._json_headers = httpx.Headers({**self._headers, "Content-Type": "application/json"})
        parts = self._timeouts
        limit = httpx.Timeout(
            connect=parts.connect, read=parts.read, write=parts.write, pool=parts.pool
        )
        self._extensions = {"timeout": limit.as_dict()}
        self._slots = asyncio.Semaphore(CONNECTIONS)
        self._client = httpx.AsyncClient(
            transport=transport,
            verify=_trusted(),
            timeout=limit,
            limits=httpx.Limits(
                max_connections=CONNECTIONS,
                max_keepalive_connections=CONNECTIONS,
                keepalive_expiry=KEEP_ALIVE_S,
            ),
            trust_env=(urlsplit(self.base).hostname or "") not in _LOOPBACK,
        )

    async def aclose(self) -> None:
        await self._client.aclose()

    async def send(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """One exchange. Raises NotSent when the request never left, AnswerLost when it did.

        The request is built here rather than by the client: that costs half as much, and the
        client's cookies and redirects are not wanted.
        """
        request = httpx.Request(
            method,
            self.base + path,
            headers=self._headers if body is None else self._json_headers,
            content=body,
            extensions=self._extensions,
        )
        await self._take_slot(method, path)
        count_request()
        try:
            async with asyncio.timeout(self._timeouts.whole):
                return await self._exchange(request)
        except (httpx.RequestError, TimeoutError, UnicodeError) as error:
            raise _failure(method, path, self.base, error) from error
        finally:
            self._slots.release()

    async def _take_slot(self, method: str, path: str) -> None:
        if not self._slots.locked():
            await self._slots.acquire()
            return
        try:
            async with asyncio.timeout(self._timeouts.pool):
                await self._slots.acquire()
        except TimeoutError:
            raise NotSent(
                f"{method} {_place(path)}: all {CONNECTIONS} connections to 8x8 were busy for "
                f"{self._timeouts.pool:g} s."
            ) from None

    async def _exchange(self, request: httpx.Request) -> Answer:
        response = await self._client.send(request, stream=True)
        try:
            good = response.is_success
            body, cut = await _read(response, LARGEST_ANSWER if good else LARGEST_ERROR)
        finally:
            await response.aclose()
        if good and cut:
            raise httpx.DecodingError(f"the answer is larger than {LARGEST_ANSWER} bytes")
        return Answer(response.status_code, response.headers, body, cut)


@cache
def _trusted() -> ssl.SSLContext:
    """Whom to trust: `SSL_CERT_FILE`, else certifi's list. Made once, being slow."""
    return httpx.create_ssl_context()


async def _read(response: httpx.Response, limit: int) -> tuple[bytes, bool]:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > limit:
            return bytes(body[:limit]), True
    return bytes(body), False


def _headers(base: str, api_key: SecretStr | None, tenant_id: str | None) -> httpx.Headers:
    headers = {
        **({"Host": netloc(base)} if base else {}),
        "Accept": "application/hal+json, application/json",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": "handoff-tuner",
    }
    if api_key is not None:
        headers["x-api-key"] = header_value("API Key", api_key.get_secret_value())
    if tenant_id:
        headers["X-8x8-Tenant"] = header_value("Tenant ID", tenant_id)
    return httpx.Headers(headers)


def netloc(base: str) -> str:
    """Host and port of an address. Raises SettingsError when calls cannot go there."""
    try:
        url = httpx.URL(base)
    except httpx.InvalidURL:
        url = httpx.URL()
    if not url.host or not 0 <= (url.port or 0) <= 65_535:
        raise SettingsError(f"Tenant URL `{base}` is not an address.")
    return url.netloc.decode("ascii")


def header_value(name: str, value: str) -> str:
    """Without outer blanks. Raises SettingsError when no header can carry it."""
    value = value.strip()
    if not value or not value.isascii() or not value.isprintable():
        raise SettingsError(
            f"{name} is empty or holds characters that none has. Copy it from 8x8 again."
        )
    return value


def _place(path: str) -> str:
    return path.partition("?")[0]


def _failure(method: str, path: str, base: str, error: Exception) -> EightError:
    call = f"{method} {_place(path)}"
    if isinstance(error, UnicodeError):
        return NotSent(f"{call}: {base} has no possible host name.")
    said = str(error) or type(error).__name__
    if isinstance(error, _NEVER_SENT):
        return NotSent(f"{call}: {base} could not be reached ({said}).")
    return AnswerLost(f"{call}: no answer came from {base} ({said}).")
