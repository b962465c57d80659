"""Opening hours of a queue or a group of queues, and whether they are open at a moment."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator, model_validator

from connector.policy.hours import Period, Periods, Span, Spans, Zone, wall_time
from connector.policy.part import Part, mistake

YESTERDAY = timedelta(days=1)


def _codes(given: object) -> object:
    return (given,) if isinstance(given, str) else given


class OpeningHours(Part):
    """When its queues are open; without `queues` it is that of the queue it is named after.

    `open_on` goes before `closed_on`, that before `holidays` (`DE`, or `DE-BY` for a part of the
    country), those before the week. Times are those of `zone`, default the policy's.
    """

    week: Periods = Field(min_length=1)
    queues: tuple[str, ...] = ()
    zone: Zone | None = None
    holidays: Annotated[tuple[str, ...], BeforeValidator(_codes)] = ()
    closed_on: tuple[date, ...] = ()
    open_on: dict[date, Spans] = Field(default_factory=dict)

    @field_validator("holidays")
    @classmethod
    def _known_countries(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        for code in codes:
            _known_country(code)
        return codes

    @model_validator(mode="after")
    def _not_both(self) -> OpeningHours:
        if both := [day for day in self.closed_on if day in self.open_on]:
            raise mistake(
                f"{both[0]} is in `closed_on` and in `open_on`",
                at=("open_on", str(both[0])),
                fix="Leave it in one of them.",
            )
        return self

    def spans(self, day: date) -> tuple[Span, ...]:
        """What begins on `day`."""
        if day in self.open_on:
            return self.open_on[day]
        begin: tuple[Period, ...] = tuple(p for p in self.week if day.weekday() in p.days)
        if not begin or day in self.closed_on or self.is_holiday(day):
            return ()
        return begin

    def is_holiday(self, day: date) -> bool:
        return any(day in _holidays(code, day.year) for code in self.holidays)


def is_open(hours: OpeningHours, at: datetime) -> bool:
    """Whether they are open at `at` (UTC); hours without a zone are in UTC."""
    local = wall_time(at, hours.zone or "UTC")
    today, minute = local.date(), local.hour * 60 + local.minute
    if any(span.opens <= minute < span.ends for span in hours.spans(today)):
        return True
    late = minute + 24 * 60
    return any(late < span.ends for span in hours.spans(today - YESTERDAY))


def _known_country(code: str) -> None:
    # Loading all calendars takes a moment, so only who needs them waits for it.
    from holidays import list_supported_countries

    countries = list_supported_countries(include_aliases=True)
    country, dash, part = code.partition("-")
    if country not in countries:
        raise mistake(
            f"holidays of `{code}` are not known", fix="Write a country as DE, or a part as DE-BY."
        )
    if dash and part not in countries[country]:
        known = ", ".join(countries[country])
        raise mistake(
            f"`{part}` is no part of {country} with holidays of its own",
            fix=f"Write one of {known}." if known else f"Write {country}.",
        )


@lru_cache(maxsize=256)
def _holidays(code: str, year: int) -> frozenset[date]:
    from holidays import country_holidays

    country, _, part = code.partition("-")
    return frozenset(country_holidays(country, subdiv=part or None, years=year))
