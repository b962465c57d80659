"""Which attempts are counted: period, source, and what they are about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from duckdb import DuckDBPyConnection

from analytics.hidden import hides
from connector.errors import SettingsError

Chosen = tuple[str | None, ...]


@dataclass(frozen=True)
class Filters:
    """The attempts to count: `since` <= started_at < `until`, in naive UTC; None is no bound.

    Each tuple keeps the attempts with one of its values, an empty one keeps all; None in it stands
    for attempts without that value. `queue` takes ids (a name also finds what was logged under it):
    the queue an attempt ended in, or, where steps are counted, the queue of the step. Without
    `include_closed`, attempts that found every queue closed are left out of every number.
    """

    since: datetime | None = None
    until: datetime | None = None
    source: tuple[str, ...] | None = None
    queue: Chosen = ()
    intent: Chosen = ()
    category: Chosen = ()
    channel: Chosen = ()
    language: Chosen = ()
    priority: Chosen = ()
    bot: Chosen = ()
    rule: Chosen = ()
    policy_version: tuple[int | None, ...] = ()
    include_closed: bool = True

    def resolved(self, con: DuckDBPyConnection) -> Filters:
        """With the sources that are counted when none is chosen.

        That is `live` alone as soon as one live attempt exists, else all but `test` and, where
        the home hides it, `demo`.
        """
        if self.source:
            return self
        logged = con.execute("SELECT DISTINCT source FROM attempts").fetchall()
        present = {source for (source,) in logged if source is not None}
        counted = usual_sources(present, hidden=hides(con))
        return replace(self, source=tuple(sorted(counted)))

    def previous(self) -> Filters | None:
        """The period of the same length just before; None when this one has no beginning or end."""
        if self.since is None or self.until is None:
            return None
        return replace(self, since=self.since - (self.until - self.since), until=self.since)


def usual_sources(present: set[str], *, hidden: bool) -> set[str]:
    """Of the sources a log has, those that count when nobody chooses."""
    if "live" in present:
        return {"live"}
    return present - ({"test", "demo"} if hidden else {"test"})


# Column of `attempts` per filter that keeps equal values.
_EQUAL = ("intent", "category", "channel", "language", "priority", "bot", "rule", "policy_version")


class Conditions:
    """Filters as SQL conditions with bound parameters."""

    def __init__(self, filters: Filters) -> None:
        self._filters = filters
        self.values: dict[str, Any] = {}

    def period(self, alias: str = "") -> str:
        """Bounds of `started_at`, which every table carries."""
        column = f"{alias}.started_at" if alias else "started_at"
        parts = ["true"]
        if self._filters.since is not None:
            self.values["since"] = self._filters.since
            parts.append(f"{column} >= $since")
        if self._filters.until is not None:
            self.values["until"] = self._filters.until
            parts.append(f"{column} < $until")
        return " AND ".join(parts)

    def since_then(self) -> str:
        """The period and all that follows it."""
        return "true" if self._filters.since is None else "started_at >= $since"

    def sources(self) -> str:
        self.values["source"] = list(self._filters.source or ())
        return "source = ANY($source::VARCHAR[])"

    def attempts(self, *, by_queue: bool = True) -> str:
        """Everything an attempt must meet; the queue only on request."""
        parts = [self.period(), self.sources()]
        parts += [self._one_of(name, getattr(self._filters, name)) for name in _EQUAL]
        if by_queue:
            parts.append(self.queue())
        if not self._filters.include_closed:
            parts.append("(outcome <> 'no_agents' OR failure_reason IS DISTINCT FROM 'closed')")
        return "\n      AND ".join(part for part in parts if part != "true")

    def queue(self, alias: str = "") -> str:
        if not self._filters.queue:
            return "true"
        prefix = f"{alias}." if alias else ""
        self.values["queue"] = [value for value in self._filters.queue if value is not None]
        found = " OR ".join(
            f"{prefix}{column} = ANY($queue::VARCHAR[])" for column in ("queue_id", "queue")
        )
        lacking = f" OR {prefix}queue IS NULL" if None in self._filters.queue else ""
        return f"({found}{lacking})"

    def _one_of(self, name: str, chosen: tuple[Any, ...]) -> str:
        if not chosen:
            return "true"
        self.values[name] = [value for value in chosen if value is not None]
        kind = "INTEGER" if name == "policy_version" else "VARCHAR"
        lacking = f" OR {name} IS NULL" if None in chosen else ""
        return f"({name} = ANY(${name}::{kind}[]){lacking})"


def moment(text: str, zone: str = "UTC") -> datetime:
    """A point in time as naive UTC: `2026-11-24`, `2026-11-24T18:00`, `2026-11-24T18:00+02:00`.

    Without an offset it is in `zone`, the center's own; a date alone is its midnight there.
    Raises SettingsError when it cannot be read.
    """
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise SettingsError(
            f"`{text}` is not a point in time. Write 2026-11-24, 2026-11-24T18:00 "
            f"or 2026-11-24T18:00+02:00."
        ) from None
    if read.tzinfo is None:
        read = read.replace(tzinfo=ZoneInfo(zone))
    return read.astimezone(UTC).replace(tzinfo=None)
