"""Who changed what, and when, with the values before and after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connector.access import Actor, Role
from connector.clock import utc_now
from connector.log.extensions import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from connector.log import Lake


@dataclass(frozen=True)
class AuditEntry:
    """One change; `happened_at` is naive UTC, `before` and `after` go from place to value."""

    happened_at: datetime
    actor: str
    action: str
    subject: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    note: str | None = None


def record(
    cursor: DuckDBPyConnection,
    actor: Actor,
    action: str,
    subject: str,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    note: str | None = None,
    at: datetime | None = None,
) -> None:
    """Write an entry in the transaction that makes the change, so that neither is without it.

    `at` (naive UTC) is when it happened, now without it.
    """
    detail = json.dumps({"before": before, "after": after, "note": note}, ensure_ascii=False)
    # Binding values would load pandas into processes that only write.
    words = (str(at or utc_now()), actor.name, action, subject, detail)
    cursor.execute(f"INSERT INTO audit VALUES ({', '.join(map(quoted, words))})")


def read(lake: Lake, actor: Actor, *, since: datetime | None = None) -> list[AuditEntry]:
    """Entries from `since` (naive UTC) on, newest first. For admins."""
    actor.must_be(Role.ADMIN, to="read the audit")
    bound = f"WHERE happened_at >= {quoted(str(since))}" if since else ""
    rows = lake.query(f"FROM audit {bound} ORDER BY happened_at DESC")
    return [_entry(*row) for row in rows]


def _entry(*row: Any) -> AuditEntry:
    happened_at, actor, action, subject, text = row
    detail = json.loads(text or "{}")
    before, after = detail.get("before") or {}, detail.get("after") or {}
    return AuditEntry(happened_at, actor, action, subject, before, after, detail.get("note"))
