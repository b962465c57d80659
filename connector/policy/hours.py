"""Weekly hours as people write them: `mon-fri 08:00-20:00`, `sat 22:00-02:00`, `00:00-24:00`.

Times are wall time. A period that passes midnight belongs to the day on which it begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    field_validator,
    model_serializer,
    model_validator,
)

from connector.policy.part import Part, mistake

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60
WEEK = 7 * DAY
_TIMES = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_EVERY_DAY = tuple(range(7))


class Span(Part):
    """From `opens` until `closes`, minutes after midnight; past midnight when `closes` is less."""

    opens: int = Field(ge=0, lt=DAY)
    closes: int = Field(gt=0, le=DAY)

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: object) -> object:
        return cls._read(given) if isinstance(given, str) else given

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if self.opens == self.closes:
            raise mistake(
                "it opens and closes at the same time", fix="Write 00:00-24:00 for the whole day."
            )
        return self

    @model_serializer
    def _as_text(self) -> str:
        return str(self)

    @classmethod
    def _read(cls, text: str) -> dict[str, Any]:
        return _times(text)

    @property
    def ends(self) -> int:
        """`closes`, counted on from the midnight before `opens`."""
        return self.closes if self.closes > self.opens else self.closes + DAY

    def __str__(self) -> str:
        return f"{_clock(self.opens)}-{_clock(self.closes)}"


class Period(Span):
    """A span on some weekdays, Monday 0."""

    days: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(_EVERY_DAY, min_length=1)

    @field_validator("days")
    @classmethod
    def _in_order(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(set(days)))

    @classmethod
    def _read(cls, text: str) -> dict[str, Any]:
        *days, times = re.sub(r"\s*-\s*", "-", text.strip()).replace(",", " ").split() or [""]
        return _times(times) | {"days": _weekdays(days) if days else _EVERY_DAY}

    @property
    def weekly(self) -> Iterator[tuple[int, int]]:
        """From and until in minutes of the week; what passes Sunday's midnight comes in two."""
        for day in self.days:
            start, end = day * DAY + self.opens, day * DAY + self.ends
            yield start, min(end, WEEK)
            if end > WEEK:
                yield 0, end - WEEK

    def __str__(self) -> str:
        return f"{_day_words(self.days)} {super().__str__()}"


def _listed(given: object) -> object:
    return (given,) if isinstance(given, str) else given


Spans = Annotated[tuple[Span, ...], BeforeValidator(_listed)]
Periods = Annotated[tuple[Period, ...], BeforeValidator(_listed)]


def minute_of_week(at: datetime, zone: str) -> int:
    """The minute of the week, from Monday's midnight, that clocks in `zone` show at `at` (UTC)."""
    local = wall_time(at, zone)
    return local.weekday() * DAY + local.hour * 60 + local.minute


def wall_time(at: datetime, zone: str) -> datetime:
    """A UTC moment, naive or not, on the clocks of `zone`."""
    aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return aware.astimezone(ZoneInfo(zone))


def known_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise mistake(
            f"`{zone}` is not a time zone", fix="Write one such as Europe/Berlin."
        ) from None
    return zone


Zone = Annotated[str, AfterValidator(known_zone)]


def _times(text: str) -> dict[str, Any]:
    found = _TIMES.fullmatch(text.strip())
    if found is None:
        raise _unreadable(text)
    hours, minutes, until_hours, until_minutes = map(int, found.groups())
    opens, closes = hours * 60 + minutes, until_hours * 60 + until_minutes
    if max(minutes, until_minutes) > 59 or opens >= DAY or closes > DAY:
        raise _unreadable(text)
    # Midnight at the end of a day has two names.
    return {"opens": opens, "closes": closes or DAY}


def _weekdays(words: list[str]) -> tuple[int, ...]:
    """`mon-fri`, `tue` or `sat-mon wed` as numbers."""
    found: set[int] = set()
    for word in words:
        first, _, last = word.lower().partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise _unreadable(word)
        start, end = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(start, end + (1 if end >= start else 8))}
    return tuple(found)


def _unreadable(text: str) -> Exception:
    return mistake(
        f"`{text[:40]}` are no hours", fix="Write mon-fri 08:00-20:00, or 08:00-20:00 for all days."
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _day_words(days: tuple[int, ...]) -> str:
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return " ".join(
        DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs
    )
