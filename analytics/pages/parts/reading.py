"""Reads the log for the pages: one lake per process, a cursor per thread, answers per snapshot."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import pandas as pd
import streamlit as st
from duckdb import DuckDBPyConnection

from analytics import metrics
from analytics.hidden import is_hidden, of_home
from analytics.metrics import Filters, LogSpan
from analytics.pages.context_fields.numbers import Context, read_context
from analytics.pages.parts.numbers import Overview, read_overview
from connector import audit as audits
from connector import emergency, publishing
from connector.access import Actor, Role
from connector.audit import AuditEntry
from connector.clock import Clock
from connector.emergency import Declared
from connector.errors import HandoffError
from connector.follow_ups import FollowUp, list_follow_ups, mark
from connector.log import Home, open_home
from connector.log.lake import repeated
from connector.policy import Policy
from connector.publishing import Published
from connector.settings import Settings, clock_of

Answer = TypeVar("Answer")
KEPT_S = 300
_OPENED: set[str] = set()
_FAILED: set[str] = set()
_PINNED = "snapshot pinned"
PATIENCE_S = 8.0
"""How long a page waits for a lake that others hold, before it says so."""


def settings() -> Settings:
    """The home's settings as they are now: another process may have saved others."""
    return Settings.load()


def clock() -> Clock:
    """World time of this home: that of the sandbox when one runs here."""
    return clock_of(settings())


def viewer_zone() -> str:
    """The zone of whoever looks at the page."""
    return st.context.timezone or "UTC"


def is_open() -> bool:
    """Whether this process has the lake open already; opening it takes a moment."""
    return _path() in _OPENED


def failed() -> bool:
    """Whether the lake was tried and did not open."""
    return _path() in _FAILED


def home() -> Home:
    """The open home, made on first use. Raises LogError; the next call tries again."""
    return _home(_path())


def policy() -> Policy:
    """The policy that decides now."""
    return _policy(_path(), snapshot())


def snapshot() -> int:
    """Of the lake now; answers are kept as long as it stays the same."""
    pinned: int | None = st.session_state.get(_PINNED)
    return home().lake.snapshot_id() if pinned is None else pinned


def pin(snapshot: int | None) -> None:
    """Let this session read from what is kept of `snapshot`; None ends it."""
    st.session_state[_PINNED] = snapshot


def span() -> LogSpan:
    """What the log holds."""
    return _span(_path(), snapshot())


def overview(filters: Filters, *, unit: str, zone: str) -> Overview:
    """All numbers of the Overview. Raises LogError when the lake does not answer."""
    return _overview(_path(), snapshot(), filters, unit, zone, hides_demo())


def context(filters: Filters) -> Context:
    """All numbers of the Context page. Raises LogError when the lake does not answer."""
    return _context(_path(), snapshot(), filters, hides_demo())


def choices(filters: Filters) -> dict[str, list[str | None]]:
    """Intents and channels one can filter by."""
    return _choices(_path(), snapshot(), filters, hides_demo())


def queues(filters: Filters) -> dict[str, str]:
    """Queue id -> latest name."""
    return _queues(_path(), snapshot(), filters, hides_demo())


def version(number: int) -> Policy:
    """A published policy by its number. Raises PolicyError when there is none."""
    return _version(_path(), number)


def published_at(number: int) -> datetime:
    """When a version was published, naive UTC."""
    return next(one.published_at for one in _history(_path(), number) if one.version == number)


def rules(filters: Filters) -> pd.DataFrame:
    """What the log says of each rule, kept for a minute whatever comes in meanwhile."""
    return _rules(_path(), filters, hides_demo())


def read(work: Callable[[DuckDBPyConnection], Answer]) -> Answer:
    """Run `work` on one snapshot of the lake as it is now; keeping the answer is the caller's."""
    return _read(_path(), work)


def follow_ups(sources: Collection[str]) -> list[FollowUp]:
    """Those of `sources` that are open, and those done that came up in the last 90 days."""
    day = clock().now().replace(hour=0, minute=0, second=0, microsecond=0)
    return _follow_ups(_path(), follow_up_mark(), day, tuple(sorted(sources)))


def follow_up_mark() -> tuple[int, int]:
    """Changes when a follow-up comes up or is worked on."""
    return mark(home().lake.query)


def hides_demo() -> bool:
    """Whether this home's demo data is left out."""
    return is_hidden(settings().home)


def emergencies() -> list[Declared]:
    """Emergencies in force now, newest first. Raises LogError."""
    now = clock().now()
    newest = home().lake.snapshot_id()  # a pinned page must not miss one
    return [one for one in _emergencies(_path(), newest) if one.holds(now)]


def audit(actor: Actor) -> list[AuditEntry]:
    """Every change there was, newest first. Raises NotAllowed and LogError."""
    actor.must_be(Role.ADMIN, to="read the audit")
    return _audit(_path(), snapshot(), actor)


def forget() -> None:
    """Drop every kept answer and the open lake, so that the next read starts afresh."""
    for kept in (
        _emergencies,
        _audit,
        _policy,
        _version,
        _history,
        _span,
        _overview,
        _context,
        _choices,
        _queues,
        _follow_ups,
        _rules,
    ):
        kept.clear()
    _home.clear()
    _OPENED.clear()
    _FAILED.clear()


def _path() -> str:
    return str(settings().home.resolve())


@st.cache_resource(show_spinner=False)
def _home(path: str) -> Home:
    try:
        opened = open_home(Settings.load(path))
    except HandoffError:
        _FAILED.add(path)
        raise
    _FAILED.discard(path)
    _OPENED.add(path)
    return opened


@st.cache_data(ttl=KEPT_S, max_entries=8, show_spinner=False)
def _emergencies(path: str, snapshot: int) -> list[Declared]:
    return emergency.emergencies(_home(path).lake)


@st.cache_data(ttl=KEPT_S, max_entries=2, show_spinner=False)
def _audit(path: str, snapshot: int, _actor: Actor) -> list[AuditEntry]:
    return audits.read(_home(path).lake, _actor)


@st.cache_data(ttl=KEPT_S, max_entries=8, show_spinner=False)
def _policy(path: str, snapshot: int) -> Policy:
    return publishing.current(_home(path).lake)


@st.cache_data(max_entries=8, show_spinner=False)
def _version(path: str, number: int) -> Policy:
    return publishing.version(_home(path).lake, number)


@st.cache_data(max_entries=8, show_spinner=False)
def _history(path: str, newest: int) -> list[Published]:
    return publishing.history(_home(path).lake)


@st.cache_data(ttl=60, max_entries=8, show_spinner=False)
def _rules(path: str, filters: Filters, hidden: bool) -> pd.DataFrame:
    return _read(path, lambda con: metrics.rule_numbers(con, filters))


@st.cache_data(ttl=KEPT_S, max_entries=8, show_spinner=False)
def _span(path: str, snapshot: int) -> LogSpan:
    return _read(path, metrics.log_span)


@st.cache_data(ttl=KEPT_S, max_entries=32, show_spinner=False)
def _overview(
    path: str, snapshot: int, filters: Filters, unit: str, zone: str, hidden: bool
) -> Overview:
    return _read(path, lambda con: read_overview(con, filters, unit=unit, zone=zone))


@st.cache_data(ttl=KEPT_S, max_entries=32, show_spinner=False)
def _context(path: str, snapshot: int, filters: Filters, hidden: bool) -> Context:
    return _read(path, lambda con: read_context(con, filters))


@st.cache_data(ttl=KEPT_S, max_entries=32, show_spinner=False)
def _choices(
    path: str, snapshot: int, filters: Filters, hidden: bool
) -> dict[str, list[str | None]]:
    return _read(path, lambda con: metrics.choices(con, filters))


@st.cache_data(ttl=KEPT_S, max_entries=32, show_spinner=False)
def _queues(path: str, snapshot: int, filters: Filters, hidden: bool) -> dict[str, str]:
    return _read(path, lambda con: metrics.queues(con, filters))


@st.cache_data(ttl=KEPT_S, max_entries=8, show_spinner=False)
def _follow_ups(
    path: str, mark: tuple[int, int], day: datetime, sources: tuple[str, ...]
) -> list[FollowUp]:
    lake = _home(path).lake
    return list_follow_ups(lake.query, now=day, view="all", sources=sources)


def _read(path: str, work: Callable[[DuckDBPyConnection], Answer]) -> Answer:
    """Run `work` on one snapshot, repeated while others hold the lake."""
    lake = _home(path).lake

    def once() -> Answer:
        cursor = of_home(lake.cursor(), Path(path))
        cursor.execute("BEGIN")
        try:
            return work(cursor)
        finally:
            cursor.execute("ROLLBACK")

    return repeated(once, deadline_s=PATIENCE_S)
