from datetime import datetime, timedelta

import pandas as pd
import pytest

from analytics import words


@pytest.mark.parametrize(
    ("duration", "written"),
    [
        (0, "0 s"),
        (22.4, "22 s"),
        (119.4, "119 s"),
        (120, "2 min"),
        (130, "2 min 10 s"),
        (3599.6, "1 h"),
        (3900, "1 h 5 min"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_durations_are_written_in_one_form(duration, written):
    assert words.seconds(duration) == written


def test_undefined_numbers_are_a_dash_everywhere():
    for write in (words.percent, words.count, words.seconds):
        assert write(pd.NA) == write(None) == write(float("nan")) == "–"
    assert words.percent_range(None, 0.5) == words.seconds_range(pd.NA, 1) == "–"
    assert words.points(pd.NA) is words.seconds_change(None) is None


def test_shares_counts_and_intervals():
    assert words.percent(0.8214) == "82%"
    assert words.percent(0.8214, 1) == "82.1%"
    assert words.percent_range(0.817, 0.825) == "81.7–82.5%"
    assert words.of_hundred(0.354) == "35 of 100"
    assert words.count(31000) == "31,000"
    assert words.seconds_range(22, 23) == "22.0–23.0 s"
    assert words.seconds_range(18, 23) == "18–23 s"


@pytest.mark.parametrize(
    ("change", "written"),
    [(0.0149, "+1.5 pts"), (-0.009, "-0.9 pts"), (0.0001, "0.0 pts"), (-0.0001, "0.0 pts")],
)
def test_a_change_carries_its_sign_and_none_when_it_rounds_to_nothing(change, written):
    assert words.points(change) == written


def test_seconds_of_change():
    assert words.seconds_change(-1.2) == "-1.2 s"
    assert words.seconds_change(12.4) == "+12 s"
    assert words.seconds_change(0) == "0.0 s"


def test_days_say_the_year_once():
    first, last = datetime(2026, 10, 26), datetime(2026, 11, 22)
    assert words.day_range(first, last) == "26 Oct – 22 Nov 2026"
    assert words.day_range(datetime(2025, 12, 26), datetime(2026, 1, 2)) == (
        "26 Dec 2025 – 2 Jan 2026"
    )
    assert words.day_range(last, last) == "22 Nov 2026"


def test_single_moments_are_in_the_viewers_zone():
    moment = datetime(2026, 11, 22, 23, 30)
    assert words.clock(moment, "UTC", now=moment) == "23:30:00"
    assert words.clock(moment, "Asia/Tokyo", now=moment) == "08:30:00"
    assert words.clock(moment, "UTC", now=datetime(2026, 11, 24)) == "22 Nov 2026 23:30:00"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (4, "4 s ago"),
        (-3, "0 s ago"),
        (60, "1 min ago"),
        (725, "12 min ago"),
        (3600, "1 h ago"),
        (40 * 3600, "40 h ago"),
        (5 * 86400, "5 days ago"),
    ],
)
def test_ages(seconds, written):
    assert words.ago(timedelta(seconds=seconds)) == written


def test_lists_and_counts_of_names():
    assert words.listing([]) == "none"
    assert words.listing(["Cards"]) == "Cards"
    assert words.listing(["Cards", "VIP", "General"]) == "Cards, VIP and General"
    assert words.listing(list("abcdef")) == "a, b, c, d and 2 more"
    assert (words.these(1, "queue"), words.these(1200, "queue")) == ("1 queue", "1,200 queues")
