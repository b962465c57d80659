"""Settings of follow-ups: the key that seals contacts, conversation links, notifications."""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr

KEY_BYTES = 32
PLACES = ("conversation_id", "handoff_id", "bot")
"""What the address of a bot's conversation may leave open, in braces."""
# Between two addresses; one may hold commas of its own.
_BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z0-9]+://)")


def new_key() -> str:
    """A fresh key for `HANDOFF_CONTACT_KEY`: 32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def key_bytes(text: str) -> bytes:
    """The key that `text` writes. Raises ValueError when it is none."""
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError("is no key; make one with `handoff follow-ups key`")
    return key


def _usable_key(key: SecretStr | None) -> SecretStr | None:
    if key is None or not key.get_secret_value().strip():
        return None
    key_bytes(key.get_secret_value())
    return key


def _template(given: str | None) -> str | None:
    """An address with at least one of PLACES in it, and nothing else in braces."""
    if given is None or not given.strip():
        return None
    found = set(re.findall(r"\{([^{}]*)\}", given))
    if not given.strip().startswith(("https://", "http://")) or not found or found - {*PLACES}:
        raise ValueError(
            "is no address such as https://bot.example/chats/{conversation_id}; "
            f"in braces go {', '.join(PLACES)}"
        )
    return given.strip()


def _listed(given: object) -> object:
    """A JSON list, or text with blanks or commas between the addresses."""
    if not isinstance(given, str):
        return given
    text = given.strip()
    try:
        found = json.loads(text) if text.startswith("[") else _BETWEEN.split(text)
    except ValueError:
        raise ValueError("is not JSON") from None
    addresses = [str(one).strip() for one in found if str(one).strip()]
    if not all("://" in one for one in addresses):
        raise ValueError("holds something that is no address such as mailto://… or slack://…")
    return addresses


ContactKey = Annotated[SecretStr | None, AfterValidator(_usable_key)]
ConversationUrl = Annotated[str | None, AfterValidator(_template)]
Addresses = Annotated[tuple[SecretStr, ...], BeforeValidator(_listed)]
