"""Who may call: bearer tokens, unless the caller is plainly on this machine."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.requests import Request

from connector.direct import is_direct, is_loopback
from connector.errors import SettingsError


class Access:
    """Decides on each request of the bot API.

    A request passes without a token only when the server is bound to loopback, and neither a proxy
    (a forwarding header, or the Host of another machine) nor a page of another site (Origin)
    stands behind it. All tokens are compared in constant time.
    """

    def __init__(self, bound_to: str, tokens: Sequence[SecretStr]) -> None:
        self._local = is_loopback(bound_to)
        given = [token.get_secret_value().strip() for token in tokens]
        if not all(given):
            raise SettingsError("HANDOFF_TOKENS holds a blank token, which would let anyone in.")
        self._digests = [_digest(token) for token in given]
        if not self._local and not self._digests:
            raise SettingsError(
                f"Serving on {bound_to} lets other machines in, and no token is set. "
                "Set HANDOFF_TOKENS to a long random text, or serve on 127.0.0.1."
            )

    def check(self, request: Request) -> None:
        """Raises HTTPException 401 when the request may not pass."""
        if self._local and is_direct(request.headers):
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        given = _digest(token.strip())
        matches = [hmac.compare_digest(given, digest) for digest in self._digests]
        if scheme.casefold() != "bearer" or not any(matches):
            raise HTTPException(
                401,
                "Send `Authorization: Bearer <token>` with one of the service's tokens.",
                {"WWW-Authenticate": "Bearer"},
            )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
