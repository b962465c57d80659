"""How to reach a customer, and the seal under which that is kept outside the lake."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connector.errors import ContactUnreadable
from connector.follow_up_settings import key_bytes
from connector.handoff import Customer
from connector.settings import Settings

NONCE_BYTES, LONGEST = 12, 500


@dataclass(frozen=True)
class Contact:
    """What the bot told of its customer; None where it told nothing."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    best_time: str | None = None

    @classmethod
    def of(cls, customer: Customer) -> Self | None:
        """None when nothing in it helps to reach the customer."""
        fields = (customer.name, customer.phone, customer.email, customer.best_time)
        name, phone, email, best_time = ((text or "").strip()[:LONGEST] or None for text in fields)
        return cls(name, phone, email, best_time) if name or phone or email else None


class Seal:
    """Seals contacts with one key, each to its follow-up: moved to another, it does not open."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self.key_id = hashlib.sha256(key).hexdigest()[:8]

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """That of `HANDOFF_CONTACT_KEY`; None without one."""
        key = settings.contact_key
        return cls(key_bytes(key.get_secret_value())) if key else None

    def close(self, contact: Contact, follow_up_id: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        text = json.dumps(asdict(contact)).encode()
        return nonce + self._cipher.encrypt(nonce, text, follow_up_id.encode())

    def open(self, sealed: bytes, follow_up_id: str) -> Contact:
        """Raises ContactUnreadable when it was sealed with another key, or changed since."""
        nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return Contact(**json.loads(self._cipher.decrypt(nonce, text, follow_up_id.encode())))
        except InvalidTag:
            raise ContactUnreadable(
                "This contact was sealed with another HANDOFF_CONTACT_KEY. Set the key of then to "
                "read it."
            ) from None
