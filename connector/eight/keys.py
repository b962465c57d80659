"""8x8's public signing keys, fetched when first needed and kept by id."""

from __future__ import annotations

import asyncio
import base64
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from joserfc.jwk import RSAKey

from connector.eight.client import KEY_ID
from connector.errors import EightError, SignatureRefused

FetchKey = Callable[[str], Awaitable[Mapping[str, Any]]]
MOST_KEYS = 32
# Anyone may send an event with any key id: this bounds what that makes us ask 8x8.
FETCHES, FETCHES_WITHIN_S = 10, 60.0
# A key this old (wall seconds) may have been replaced under the same id.
RENEW_AFTER_S = 10.0
LEAST_BITS = 2048


class KeyRing:
    """Keys of one tenant. A key is fetched once, however many events wait for it."""

    def __init__(self, fetch: FetchKey) -> None:
        self._fetch = fetch
        self._keys: dict[str, tuple[RSAKey, float]] = {}
        self._fetched: deque[float] = deque(maxlen=FETCHES)
        self._fetching = asyncio.Lock()

    async def key(self, kid: str) -> RSAKey:
        """Raises SignatureRefused when 8x8 knows no such key or cannot be asked."""
        if kid in self._keys:
            return self._keys[kid][0]
        if not KEY_ID.fullmatch(kid):
            raise SignatureRefused("The id of the signing key is not one that 8x8 gives.")
        async with self._fetching:
            if kid not in self._keys:
                await self._take(kid)
            return self._keys[kid][0]

    async def renewed(self, kid: str, than: RSAKey) -> RSAKey | None:
        """The key fetched anew; None when `than` is too fresh to have been replaced."""
        async with self._fetching:
            held, since = self._keys.get(kid, (than, 0.0))
            if held is not than:
                return held
            if time.monotonic() - since < RENEW_AFTER_S:
                return None
            await self._take(kid)
            return self._keys[kid][0]

    async def _take(self, kid: str) -> None:
        now = time.monotonic()
        if len(self._fetched) == FETCHES and now - self._fetched[0] < FETCHES_WITHIN_S:
            raise SignatureRefused("Too many unknown signing keys in a short time.")
        self._fetched.append(now)
        try:
            found = await self._fetch(kid)
        except EightError as error:
            raise SignatureRefused(f"The signing key could not be fetched: {error}") from error
        key = _imported(found)
        self._keys.pop(kid, None)
        while len(self._keys) >= MOST_KEYS:
            del self._keys[next(iter(self._keys))]
        self._keys[kid] = (key, now)


def _imported(jwk: Mapping[str, Any]) -> RSAKey:
    if jwk.get("kty") != "RSA" or jwk.get("alg", "RS256") != "RS256":
        raise SignatureRefused("The signing key is not an RSA key for RS256.")
    try:
        public = RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"])).public_key()
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise SignatureRefused("The signing key cannot be read.") from error
    if public.key_size < LEAST_BITS:
        raise SignatureRefused(f"The signing key has {public.key_size} bits, not {LEAST_BITS}.")
    return RSAKey.import_key(public)


def _number(base64url: str) -> int:
    padded = base64url + "=" * (-len(base64url) % 4)
    return int.from_bytes(base64.b64decode(padded, altchars="-_", validate=True), "big")
