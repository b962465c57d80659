"""The sandbox's signing key, and the headers of a signed event."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from joserfc.jwk import RSAKey

from connector.clock import Clock
from connector.eight.signatures import sign
from connector.sandbox.courier import Event, Sign
from connector.sandbox.webhook_faults import WebhookFault

CUSTOMER_ID = "sandbox-customer"
EPOCH = datetime(1970, 1, 1)


@cache
def signing_key(name: str) -> tuple[str, RSAKey]:
    """Key id and key, made once in a process: making one takes a tenth of a second."""
    kid = secrets.token_urlsafe(16)
    return kid, RSAKey.generate_key(2048, {"kid": kid}, private=True)


def public_jwk(kid: str) -> dict[str, Any] | None:
    """The public part of the key in use, under its id."""
    own_kid, key = signing_key("own")
    if kid != own_kid:
        return None
    return {"kid": own_kid, **key.as_dict(private=False)}


def signer(clock: Clock, tenant_id: str) -> Sign:
    """How this tenant signs events; a fault may leave the signature out, or use a foreign key."""

    def headers(event: Event, fault: WebhookFault | None) -> Mapping[str, str]:
        kind = fault.kind if fault else None
        kid, own = signing_key("own")
        key = signing_key("foreign")[1] if kind == "wrongly_signed" else own
        signed = sign(
            event.body,
            key=key,
            kid=kid,
            tenant_id=tenant_id,
            customer_id=CUSTOMER_ID,
            event_id=event.id,
            retry=event.sent,
            transmission_ms=int(clock.seconds_since(EPOCH) * 1000),
        )
        if kind == "unsigned":
            return {name: value for name, value in signed.items() if name != "x-8x8-signature"}
        return signed

    return headers
