"""Opening hours agree with a calendar that counts minutes, in zones whose clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.errors import PolicyError
from connector.policy import OpeningHours, Period, is_open, parse_policy

from .conftest import POLICY

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FIRST, LAST = datetime(2026, 1, 1), datetime(2028, 1, 1)
WEEK = ("mon-fri 08:00-20:00", "sat 22:00-02:30", "sun 00:00-03:00", "wed 20:30-24:00")
CLOSED = {date(2026, 12, 24), date(2027, 3, 27)}
OPEN = {date(2026, 4, 5): ("01:30-03:30",), date(2026, 10, 24): ("23:00-03:00", "10:00-12:15")}
HOURS = OpeningHours(week=WEEK, holidays="DE", closed_on=CLOSED, open_on=OPEN)
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kolkata",
)
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def clock_minutes(text):
    """The minutes that a clock shows while `HH:MM-HH:MM` lasts, counted on past midnight."""
    start, end = ((int(time[:2]) * 60 + int(time[3:])) for time in text.split("-"))
    return range(start, end if end > start else end + 1440)


def begins_on(day):
    """The spans that begin on a day, as texts."""
    if day in OPEN:
        return OPEN[day]
    if day in CLOSED or day in german_holidays():
        return ()
    return [line.split()[1] for line in WEEK if NAMES[day.weekday()] in weekdays(line.split()[0])]


def weekdays(text):
    return NAMES[:5] if text == "mon-fri" else (text,)


def german_holidays():
    """National ones that fall in the two years, from the law and the date of Easter."""
    found = set()
    for year, easter in ((2025, (4, 20)), (2026, (4, 5)), (2027, (3, 28))):
        fixed = ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))
        moving = (date(year, *easter) + offset * DAY for offset in (-2, 1, 39, 50))
        found |= {date(year, *day) for day in fixed} | set(moving)
    return found


def calendar():
    """Each wall-clock minute of the two years in which they are open."""
    found = set()
    day = FIRST.date() - 2 * DAY
    while day <= LAST.date() + DAY:
        midnight = datetime(day.year, day.month, day.day)
        for text in begins_on(day):
            found |= {midnight + minute * MINUTE for minute in clock_minutes(text)}
        day += DAY
    return found


@pytest.fixture(scope="module")
def open_minutes():
    return calendar()


def changes(zone):
    """The hours (UTC) in which clocks change."""
    at, found = FIRST.replace(tzinfo=UTC), []
    while at.replace(tzinfo=None) < LAST:
        if at.astimezone(zone).utcoffset() != (at + HOUR).astimezone(zone).utcoffset():
            found.append(at.replace(tzinfo=None))
        at += HOUR
    return found


@pytest.mark.parametrize("name", ZONES)
def test_they_agree_with_a_calendar_over_two_years_and_around_clock_changes(name, open_minutes):
    zone = ZoneInfo(name)
    hours = HOURS.model_copy(update={"zone": name})
    # An odd distance, so that over two years every minute of the week comes up often.
    moments = [FIRST + n * 67 * MINUTE for n in range(int((LAST - FIRST) / (67 * MINUTE)))]
    changed = changes(zone)
    for change in changed:
        moments += [change - 4 * HOUR + minute * MINUTE for minute in range(12 * 60)]

    wrong = [
        at
        for at in moments
        if is_open(hours, at)
        != (at.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) in open_minutes)
    ]

    assert wrong == []
    assert len(changed) == (0 if name == "Asia/Kolkata" else 4)


def test_hours_are_read_and_written_as_people_write_them():
    texts = ["mon-fri 08:00-20:00", "sat 22:00-02:00", "mon wed-thu 00:00-24:00"]

    assert [str(Period.model_validate(text)) for text in texts] == texts
    assert str(Period.model_validate("sat-mon, wed 8:00 - 00:00")) == "mon wed sat-sun 08:00-24:00"
    assert str(Period.model_validate("9:30-17:00")) == "mon-sun 09:30-17:00"


@pytest.mark.parametrize(
    "text",
    [
        "mon",
        "mon 8-20",
        "mon 08:00-08:00",
        "fun 08:00-20:00",
        "",
        "mon 24:00-25:00",
        "mon 08:60-20:00",
        "08:00-20:00 mon",
    ],
)
def test_what_are_no_hours_is_refused_with_an_example(text):
    with pytest.raises(PolicyError, match="Write"):
        parse_policy(f"{POLICY}opening_hours:\n  Cards: {{week: ['{text}']}}\n")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("holidays: Narnia", "holidays of `Narnia` are not known"),
        ("holidays: DE-XX", "`XX` is no part of DE"),
        ("zone: Mars/Base", "`Mars/Base` is not a time zone"),
        ("closed_on: [2026-12-24], open_on: {2026-12-24: []}", "2026-12-24 is in `closed_on` and"),
    ],
)
def test_a_mistake_in_opening_hours_says_what_to_write(wrong, said):
    text = f"{POLICY}opening_hours:\n  Cards: {{week: ['mon 08:00-20:00'], {wrong}}}\n"

    with pytest.raises(PolicyError, match=said) as caught:
        parse_policy(text)

    assert caught.value.line == len(text.splitlines())


def test_a_queue_has_one_set_of_opening_hours():
    text = (
        f"{POLICY}opening_hours:\n"
        "  Cards: {week: ['mon 08:00-20:00']}\n"
        "  card teams: {week: ['tue 08:00-20:00'], queues: [Disputes, cards]}\n"
    )

    with pytest.raises(PolicyError, match="queue `cards` has opening hours under `Cards` and"):
        parse_policy(text)


def test_hours_are_those_of_their_zone():
    hours = OpeningHours(week="08:00-09:00")

    assert is_open(hours, datetime(2026, 7, 1, 8, 30))
    assert not is_open(hours.model_copy(update={"zone": "Europe/Berlin"}), datetime(2026, 7, 1, 8))
