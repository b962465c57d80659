"""Plain JSON calls to servers on this machine: the service, and the sandbox's own routes."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from connector.errors import HandoffError

TIMEOUT_S = 10.0


def call(
    address: str,
    method: str,
    path: str,
    body: Any = None,
    *,
    token: str | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Any:
    """The JSON answer, None when it is empty. Raises HandoffError with what the server says."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    content = None
    if body is not None:
        content, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    connection = HTTPConnection(urlsplit(address).netloc, timeout=timeout_s)
    try:
        connection.request(method, path, content, headers)
        answer = connection.getresponse()
        text, status = answer.read(), answer.status
    except (OSError, HTTPException) as error:
        raise HandoffError(f"{address} does not answer: {error}.") from None
    finally:
        connection.close()
    if status >= 400:
        raise HandoffError(f"{address} answers {status}: {_detail(text)}")
    return json.loads(text) if text else None


def _detail(text: bytes) -> str:
    try:
        said = json.loads(text)
        return str(said.get("detail") or said.get("message") or said)
    except (ValueError, AttributeError):
        return text.decode(errors="replace")[:200]
