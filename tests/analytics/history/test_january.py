"""The month of real calls, against the numbers its description gives."""

import csv

import pytest

from analytics.history.anonymous_bank import import_files
from analytics.metrics import Filters, moment, records, report
from connector.log import open_home
from connector.settings import Settings

ZONE = "Asia/Jerusalem"
NAMES = ("attempts", "accepted", "abandoned", "wait_mean_s", "wait_p50_s", "handle_mean_s")
DESCRIBED = {
    "IN": (265, 207, 58, 89.52, 51, 269.38),
    "NE": (1_560, 1_476, 84, 46.66, 11, 323.81),
    "NW": (5_233, 4_017, 1_216, 49.87, 23, 106.70),
    "PE": (156, 134, 22, 51.90, 21, 236.43),
    "PS": (22_033, 20_374, 1_659, 34.15, 8, 192.34),
    "TT": (914, 852, 62, 19.80, 0, 98.15),
}


@pytest.fixture(scope="module")
def month(shared_data):
    return shared_data / "anonymous-bank-1999-01.txt"


@pytest.fixture(scope="module")
def home(month, tmp_path_factory):
    """A home into which January was imported twice."""
    home = open_home(Settings(home=tmp_path_factory.mktemp("home")))
    first, second = import_files(home, [month]), import_files(home, [month])
    yield home, first, second
    home.lake.close()


def test_the_rows_are_those_described_and_the_second_time_adds_none(home):
    _, first, second = home
    assert first.as_json() == {
        "rows": 31_599,
        "imported": 30_161,
        "already_present": 0,
        "skipped": {"phantom": 240, "left_before_queue": 1_198},
        "malformed": 0,
        "rejects_file": None,
    }
    assert second.as_json() == first.as_json() | {"imported": 0, "already_present": 30_161}


@pytest.mark.parametrize("by", ["queue", "intent"])
def test_the_report_gives_the_described_numbers(home, by):
    found = {row[by]: row for row in records(report(home[0].lake.cursor(), by=by))}
    rounded = {key: tuple(round(row[name], 2) for name in NAMES) for key, row in found.items()}
    assert rounded == DESCRIBED


def test_steps_and_attempts_agree_where_each_attempt_has_one_step(home):
    cursor = home[0].lake.cursor()
    steps = {row["offered_queue"]: row for row in records(report(cursor, by="offered_queue"))}
    assert {
        key: (row["offered"], row["accepted"], row["skipped"]) for key, row in steps.items()
    } == {key: (attempts, accepted, 0) for key, (attempts, accepted, *_) in DESCRIBED.items()}


def test_days_are_those_of_the_file(home, month):
    with open(month, newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    expected = {}
    for row in rows:
        hung_up_early = row["outcome"] == "HANG" and row["q_start"] == "0:00:00"
        if row["outcome"] != "PHANTOM" and not hung_up_early:
            day = f"1999-01-{row['date'][4:]}T00:00:00"
            expected[day] = expected.get(day, 0) + 1
    found = records(report(home[0].lake.cursor(), by="day", zone=ZONE))
    assert {row["day"]: row["attempts"] for row in found} == expected


def test_a_period_in_the_centers_time_is_cut_where_the_file_cuts_it(home):
    filters = Filters(moment("1999-01-05", ZONE), moment("1999-01-06", ZONE))
    (row,) = records(report(home[0].lake.cursor(), filters=filters))
    by_day = records(report(home[0].lake.cursor(), by="day", zone=ZONE))
    assert row["attempts"] == by_day[4]["attempts"]


def test_context_is_complete_where_the_customer_was_known(home, month):
    with open(month, newline="") as file:
        asked = [
            row
            for row in csv.DictReader(file, delimiter="\t")
            if row["outcome"] != "PHANTOM"
            and (row["outcome"] == "AGENT" or row["q_start"] != "0:00:00")
        ]
    known = sum(row["customer_id"] != "0" for row in asked)
    (row,) = records(report(home[0].lake.cursor()))
    assert row["completeness"] == pytest.approx(known / len(asked))
