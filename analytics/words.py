"""How numbers and times are written: one form each, so that two pages never differ.

A missing number (None, NaN or NA) is written as a dash.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

NOTHING = "–"
_FAILURE_PATHS = {
    "callback": "Callback",
    "email": "E-mail",
    "message": "Message",
    "external": "External",
}


def missing(value: float | None) -> bool:
    """Whether a number is undefined; frames carry NaN or NA where the definition says null."""
    return bool(pd.isna(value))


def percent(share: float | None, digits: int = 0) -> str:
    """A share (0-1) as `82%`, or `82.1%` with one digit."""
    if share is None or missing(share):
        return NOTHING
    return f"{100 * share:.{digits}f}%"


def percent_range(low: float | None, high: float | None, digits: int = 1) -> str:
    """An interval of shares as `81.7–82.5%`."""
    if low is None or high is None or missing(low) or missing(high):
        return NOTHING
    return f"{100 * low:.{digits}f}–{100 * high:.{digits}f}%"


def of_hundred(share: float) -> str:
    """A share in a sentence: `35 of 100`."""
    return f"{100 * share:.0f} of 100"


def count(number: float | None) -> str:
    """`31,000`."""
    if number is None or missing(number):
        return NOTHING
    return f"{number:,.0f}"


def seconds(duration: float | None) -> str:
    """`22 s`, from 120 s `2 min 10 s`, from an hour `1 h 5 min`."""
    if duration is None or missing(duration):
        return NOTHING
    whole = round(duration)
    if whole < 120:
        return f"{whole} s"
    if whole >= 3600:
        hours, minutes = divmod(round(whole / 60), 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def seconds_range(low: float | None, high: float | None) -> str:
    """An interval of seconds as `22–23 s`."""
    if low is None or high is None or missing(low) or missing(high):
        return NOTHING
    if round(high) >= 120:
        return f"{seconds(low)} – {seconds(high)}"
    return f"{low:.0f}–{high:.0f} s" if high - low >= 2 else f"{low:.1f}–{high:.1f} s"


def mean_seconds(mean: float | None, low: float | None, high: float | None) -> tuple[str, str]:
    """A mean duration and its interval, both to the same digit: `24.0 s`, `23.7–24.4 s`."""
    interval = seconds_range(low, high)
    if mean is None or missing(mean) or "." not in interval:
        return seconds(mean), interval
    return f"{mean:.1f} s", interval


def points(change: float | None) -> str | None:
    """A change of a share for a tile: `+1.5 pts`, with the hyphen a tile needs to know the sign."""
    if change is None or missing(change):
        return None
    return f"{_signed(100 * change, 1)} pts"


def seconds_change(change: float | None) -> str | None:
    """A change of a duration for a tile: `-1 s`."""
    if change is None or missing(change):
        return None
    return f"{_signed(change, 0 if abs(change) >= 10 else 1)} s"


def _signed(number: float, digits: int) -> str:
    text = f"{number:+.{digits}f}"
    return f"0.{'0' * digits}".rstrip(".") if float(text) == 0 else text


def day(moment: datetime) -> str:
    """`22 Nov 2026`."""
    return f"{moment.day} {moment:%b %Y}"


def day_range(first: datetime, last: datetime) -> str:
    """`26 Oct – 22 Nov 2026`; the year is said once when it is the same."""
    if first.date() == last.date():
        return day(last)
    start = f"{first.day} {first:%b}" if first.year == last.year else day(first)
    return f"{start} – {day(last)}"


def local(moment: datetime, zone: str) -> datetime:
    """A naive UTC moment as naive local time of `zone`."""
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def clock(moment: datetime, zone: str, *, now: datetime | None = None) -> str:
    """A single moment in the viewer's zone: `14:05:09`, with its day when that is not today."""
    there = local(moment, zone)
    today = now is None or local(now, zone).date() == there.date()
    return f"{there:%H:%M:%S}" if today else f"{day(there)} {there:%H:%M:%S}"


def ago(duration: timedelta) -> str:
    """`4 s ago`, `12 min ago`, `3 h ago`, `5 days ago`."""
    whole = max(0, round(duration.total_seconds()))
    for size, unit in ((86_400, "day"), (3600, "h"), (60, "min")):
        if whole >= 2 * size or (unit != "day" and whole >= size):
            number = whole // size
            return f"{number:,} {unit}{'s' if unit == 'day' else ''} ago"
    return f"{whole} s ago"


def listing(names: list[str], *, most: int = 4) -> str:
    """`Cards, Payments and General`; beyond `most`, `... and 3 more`."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else "none"


def these(number: int, noun: str) -> str:
    """`1 queue`, `3 queues`."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def plain(text: str) -> str:
    """Text of others, such as an error or a queue's name, without meaning as Markdown."""
    for sign in "\\`*_[]$~:<#":
        text = text.replace(sign, f"\\{sign}")
    return text


def emphasised(text: str) -> str:
    """Like `plain`, but what stands in backticks is bold: code is too small to read."""
    return re.sub(r"\\`(.+?)\\`", r"**\1**", plain(text))


def failure_path(kind: object) -> str:
    """A failure path's kind as people read it."""
    return _FAILURE_PATHS.get(str(kind), str(kind))
