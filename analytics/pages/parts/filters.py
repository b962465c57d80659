"""Filters of the pages. Each is in the address, so that a page can be sent to a colleague."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from analytics import words
from analytics.metrics import Filters
from analytics.pages.parts import reading
from connector.clock import Clock

DAYS = {"24 hours": 1, "7 days": 7, "28 days": 28, "90 days": 90}
ALL = "All"
USUAL = "28 days"
MANY = ("queue", "intent", "channel", "source")
LACKING = "-"
LACKS = {LACKING: "none given"}


@dataclass(frozen=True)
class Chosen:
    """What is counted: bounds in UTC, their words, and how fine the trend is (`day` or `hour`).

    `dates` says whether days were chosen instead of a period.
    """

    filters: Filters
    period: str
    unit: str
    dates: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether more than a period was chosen."""
        return self.dates or any(getattr(self.filters, name) for name in MANY)


def period_bar() -> None:
    """The period at hand."""
    st.segmented_control(
        "Period",
        [*DAYS, ALL],
        default=USUAL,
        key="period",
        bind="query-params",
        required=True,
        label_visibility="collapsed",
        disabled=bool(_kept("dates")),
    )


def filter_box(zone: str) -> None:
    """Everything else one can filter by."""
    names, found = warm(zone)
    sources = list(reading.span().by_source)
    in_use = sum(bool(_kept(name)) for name in (*MANY, "dates"))
    with st.popover(f"Filter ({in_use})" if in_use else "Filter", icon=":material/filter_list:"):
        st.date_input("Dates", value=[], key="dates", bind="query-params", format="DD.MM.YYYY")
        _many("Queue", "queue", names, names)
        _many("Intent", "intent", [value or LACKING for value in found["intent"]], LACKS)
        _many("Channel", "channel", [value or LACKING for value in found["channel"]], LACKS)
        _many("Source", "source", sources, help="Live alone counts as soon as there is any.")
        st.button("Clear filters", on_click=clear, type="tertiary", icon=":material/close:")


def warm(zone: str) -> tuple[dict[str, str], dict[str, list[str | None]]]:
    """The queues, intents and channels one can filter by, which are then at hand."""
    base = replace(_bounds(zone), source=tuple(_kept("source")) or None)
    if not _dates():
        base = replace(base, until=None)  # it moves with the clock, and nothing is after it
    return reading.queues(base), reading.choices(base)


def chosen(zone: str) -> Chosen:
    """What the viewer chose, in the center's `zone`."""
    filters = replace(
        _bounds(zone),
        source=tuple(_kept("source")) or None,
        queue=tuple(_kept("queue")),
        intent=tuple(None if value == LACKING else value for value in _kept("intent")),
        channel=tuple(None if value == LACKING else value for value in _kept("channel")),
    )
    if dates := _dates():
        days = (dates[1] - dates[0]).days + 1
        return Chosen(filters, words.these(days, "day"), "hour" if days <= 2 else "day", True)
    period = str(st.session_state.get("period") or USUAL)
    return Chosen(filters, period, "hour" if period == "24 hours" else "day")


def clear() -> None:
    """Back to the usual period and no filter."""
    for name in MANY:
        st.session_state[name] = []
    st.session_state["dates"] = ()
    st.session_state["period"] = USUAL


def everything() -> None:
    """The longest period there is."""
    st.session_state["period"] = ALL


def choose(name: str, value: str) -> None:
    """Filter by one value of `queue`, `intent`, `channel` or `source`."""
    st.session_state[name] = [value]


def since(period: str, clock: Clock, zone: str) -> tuple[datetime | None, datetime]:
    """Bounds of a period in naive UTC: whole days of `zone`, or hours back; to the next minute.

    Whole minutes, so that two looks within one are the same question.
    """
    now = clock.now()
    until = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    if period not in DAYS:
        return None, until
    if period == "24 hours":
        return until.replace(minute=0) - timedelta(hours=24), until
    today = words.local(now, zone).date()
    return _midnight(today - timedelta(days=DAYS[period] - 1), zone), until


def _bounds(zone: str) -> Filters:
    if dates := _dates():
        last = _midnight(dates[1] + timedelta(days=1), zone)
        return Filters(since=_midnight(dates[0], zone), until=last)
    period = str(st.session_state.get("period") or USUAL)
    first, until = since(period, reading.clock(), zone)
    return Filters(since=first, until=until if first else None)


def _dates() -> tuple[date, date] | None:
    found = st.session_state.get("dates") or ()
    return (found[0], found[-1]) if found else None


def _many(
    label: str,
    name: str,
    options: Iterable[str],
    labels: dict[str, str] | None = None,
    *,
    help: str | None = None,
) -> None:
    """A choice of several. What the address names stays an option, also when nothing has it.

    The address carries labels, as the viewer reads them.
    """
    values = {label: value for value, label in (labels or {}).items()}
    listed = list(dict.fromkeys([*options, *(values.get(kept, kept) for kept in _kept(name))]))
    st.multiselect(
        label,
        listed,
        key=name,
        bind="query-params",
        format_func=lambda value: (labels or {}).get(value, value),
        help=help,
    )


def _kept(name: str) -> list[str]:
    """What is chosen; on the first run of a session what the address says."""
    if name in st.session_state:
        return list(st.session_state[name] or [])
    return st.query_params.get_all(name)


def _midnight(day: date, zone: str) -> datetime:
    there = datetime.combine(day, time(), ZoneInfo(zone))
    return there.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
