"""Customer references as the log keeps them: `key_id:hash`, with a key nobody else has."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from connector.settings import Settings

KEY_FILE = "reference.key"


def customer_ref(reference: str | None, home: Path, settings: Settings) -> str | None:
    """The keyed hash of a bot's own key for a person; None when there is none."""
    if not reference:
        return None
    given = settings.hash_key
    key = given.get_secret_value().encode() if given else _home_key(home)
    key_id = hashlib.sha256(key).hexdigest()[:6]
    digest = hmac.new(key, reference.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[
        :32
    ]
    return f"{key_id}:{digest}"


@lru_cache(maxsize=8)
def _home_key(home: Path) -> bytes:
    """The home's own key (mode 0600), made on first use; whoever comes second reads the first's."""
    path = home / KEY_FILE
    draft = home / f".{KEY_FILE}.{secrets.token_hex(4)}"
    if not path.exists():
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(secrets.token_hex(32).encode())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
