"""Who really sent a webhook event: RS256 over detached content (RFC 7797), as 8x8 signs.

8x8 Chat Gateway v1, signature: what is signed is compact JSON of the CRC32 of the raw body and the
identifying headers. CRC32 is no protection against a forged body with the same sum, so tenant and
age are checked too, and the webhook's address should not be guessable.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from connector.clock import Clock
from connector.eight.events import EPOCH, EVENT_ID, TRANSMITTED
from connector.eight.keys import FetchKey, KeyRing
from connector.errors import SignatureRefused

ALGORITHM = "RS256"
TENANT, CUSTOMER, RETRY = "x-8x8-tenant-id", "x-8x8-customer-id", "x-8x8-retry"
SIGNATURE = "x-8x8-signature"
_NEEDED = (TENANT, CUSTOMER, EVENT_ID, RETRY, TRANSMITTED, SIGNATURE)
_WHOLE = re.compile(r"-?\d{1,18}")


@dataclass(frozen=True)
class Signed:
    """A signature taken apart: its header as sent and as read, and its bytes."""

    token: str
    header_b64: bytes
    header: Mapping[str, Any]
    signature: bytes

    @property
    def kid(self) -> str:
        return str(self.header.get("kid", ""))


class SignatureCheck:
    """Verifies events of one tenant. `max_age_s` is wall seconds, either way."""

    def __init__(
        self,
        fetch_jwk: FetchKey,
        *,
        tenant_id: str | None,
        clock: Clock,
        max_age_s: float = 300.0,
    ) -> None:
        self._keys = KeyRing(fetch_jwk)
        self._tenant_id, self._clock, self._max_age_s = tenant_id, clock, max_age_s

    async def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Raises SignatureRefused unless 8x8 signed this body for this tenant, just now."""
        given = {name.lower(): value for name, value in headers.items()}
        if absent := [name for name in _NEEDED if not given.get(name)]:
            raise SignatureRefused(f"The event lacks {', '.join(absent)}.")
        self._check_tenant(given[TENANT])
        self._check_age(given[TRANSMITTED])
        signed, payload = read_signature(given[SIGNATURE]), _payload(body, given)
        key = await self._keys.key(signed.kid)
        if _holds(signed, payload, key):
            return
        # A tenant may get a new key under an id seen before, as a restarted sandbox does.
        renewed = await self._keys.renewed(signed.kid, key)
        if renewed is None or not _holds(signed, payload, renewed):
            raise SignatureRefused("The signature does not fit the event.")

    def _check_tenant(self, tenant_id: str) -> None:
        if self._tenant_id and tenant_id != self._tenant_id:
            raise SignatureRefused("The event is for another tenant.")

    def _check_age(self, transmitted: str) -> None:
        try:
            sent = EPOCH + timedelta(milliseconds=_integer(transmitted))
        except OverflowError:
            raise SignatureRefused("The event's time of transmission is no time.") from None
        age_s = abs(self._clock.wall_seconds(self._clock.seconds_since(sent)))
        if age_s > self._max_age_s:
            raise SignatureRefused(f"The event was signed {age_s:.0f} s from now.")


def read_signature(token: str) -> Signed:
    """Take `header..signature` apart. Raises SignatureRefused when 8x8 would not sign so."""
    parts = token.encode("ascii", "replace").split(b".")
    if len(parts) != 3 or parts[1]:
        raise SignatureRefused("The signature is not a detached one.")
    try:
        header = json.loads(_decoded(parts[0]))
        signature = _decoded(parts[2])
    except (ValueError, binascii.Error, RecursionError):
        raise SignatureRefused("The signature cannot be read.") from None
    if not isinstance(header, dict) or header.get("alg") != ALGORITHM:
        raise SignatureRefused(f"The signature is not {ALGORITHM}.")
    if header.get("b64") is not False or header.get("crit", ["b64"]) != ["b64"]:
        raise SignatureRefused("The signature covers something else than the plain content.")
    return Signed(token, parts[0], header, signature)


def _holds(signed: Signed, payload: bytes, key: RSAKey) -> bool:
    if "crit" not in signed.header:
        return _holds_without_crit(signed, payload, key)
    try:
        jws.deserialize_compact(signed.token, key, algorithms=[ALGORITHM], payload=payload)
    except (JoseError, ValueError):
        return False
    return True


def _holds_without_crit(signed: Signed, payload: bytes, key: RSAKey) -> bool:
    """RFC 7797 demands `crit` with `b64`, joserfc insists; 8x8 is not known to send it."""
    public = key.public_key
    assert isinstance(public, RSAPublicKey)
    try:
        public.verify(signed.signature, signed.header_b64 + b"." + payload, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def sign(
    body: bytes,
    *,
    key: RSAKey,
    kid: str,
    tenant_id: str,
    customer_id: str,
    event_id: str,
    retry: int,
    transmission_ms: int,
) -> dict[str, str]:
    """The headers of an event as 8x8 would send it."""
    headers = {
        TENANT: tenant_id,
        CUSTOMER: customer_id,
        EVENT_ID: event_id,
        RETRY: str(retry),
        TRANSMITTED: str(transmission_ms),
    }
    protected = {"alg": ALGORITHM, "kid": kid, "b64": False, "crit": ["b64"]}
    token = jws.serialize_compact(protected, _payload(body, headers), key)
    return {**headers, SIGNATURE: token}


def _payload(body: bytes, headers: Mapping[str, str]) -> bytes:
    """What is signed; the order of its keys is part of it."""
    content = {
        "checksum": zlib.crc32(body),
        "cid": headers[CUSTOMER],
        "eid": headers[EVENT_ID],
        "retry": _integer(headers[RETRY]),
        "tid": headers[TENANT],
        "tt": _integer(headers[TRANSMITTED]),
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def _integer(value: str) -> int:
    if not _WHOLE.fullmatch(value):
        raise SignatureRefused("A number in the event's headers is none.")
    return int(value)


def _decoded(part: bytes) -> bytes:
    return base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
