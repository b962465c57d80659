"""Saving the connection: by admins only, and audited, without the key."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connector import audit
from connector.access import Actor, Role
from connector.settings import save_connection, saved_connection

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from connector.log import Home

SECRET = ("api_key", "webhook_path")
"""Whoever knows them may act as the bot, or as 8x8."""


def change_connection(home: Home, changes: Mapping[str, Any], *, actor: Actor) -> None:
    """Write `changes` into `connection.toml`; None removes a field. What stays is not audited.

    Raises NotAllowed, and LogError or OSError when it cannot be written; nothing is changed then.
    """
    actor.must_be(Role.ADMIN, to="change the connection")
    before = saved_connection(home.path)
    changed = {name: value for name, value in changes.items() if before.get(name) != value}
    if not changed:
        return
    was = {name: before.get(name) for name in changed}

    def once(cursor: DuckDBPyConnection) -> None:
        audit.record(
            cursor,
            actor,
            "change connection",
            ", ".join(changed),
            before=_shown(was, "was set"),
            after=_shown(changed, "is set anew"),
        )
        save_connection(home.path, changed)

    try:
        home.lake.transaction(once)
    except BaseException:
        with contextlib.suppress(OSError):
            save_connection(home.path, was)
        raise


def _shown(fields: Mapping[str, Any], secret: str) -> dict[str, Any]:
    """Values for the audit: of a secret no more than that it is there."""
    return {
        name: secret if name in SECRET and value is not None else value
        for name, value in fields.items()
    }
