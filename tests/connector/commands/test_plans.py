from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connector.commands.plans import by_calls, from_now_on, steady
from connector.errors import DataFileError
from connector.handoff import Handoff

NOW = datetime(2026, 11, 24, 10)  # a Tuesday
HEADER = (
    "vru+line call_id customer_id priority type date vru_entry vru_exit vru_time q_start q_exit"
    " q_time outcome ser_start ser_exit ser_time server"
)


def _row(number: int, day: str, asked: str, *, outcome: str, wait: int, served: int) -> str:
    served_at = "0:00:00" if outcome == "HANG" else "12:00:00"
    return (
        f"AA0101 {number} 0 0 PS {day} {asked} {asked} 0 {asked} 13:00:00 {wait} {outcome}"
        f" {served_at} {served_at} {served} TOVA"
    )


def _calls(folder: Path, *rows: str) -> Path:
    file = folder / "calls.txt"
    lines = [line.replace(" ", "\t") for line in (HEADER, *rows)]
    file.write_text("\r\n".join(lines) + "\r\n")
    return file


# The 10th of January 1999 was a Sunday.
ROWS = (
    _row(1, "990110", "9:00:00", outcome="AGENT", wait=10, served=100),
    _row(2, "990110", "15:30:00", outcome="HANG", wait=40, served=0),
    _row(3, "990112", "9:59:59", outcome="AGENT", wait=5, served=300),
    _row(4, "990117", "23:00:00", outcome="AGENT", wait=5, served=300),
)


def _handoffs(count: int) -> list[Handoff]:
    return [Handoff(handoff_id=str(number)) for number in range(count)]


def test_calls_keep_weekday_and_hour_and_the_last_one_used_is_just_before_now(tmp_path: Path):
    plan = by_calls(_handoffs(3), _calls(tmp_path, *ROWS), until=NOW, zone="UTC", seed=1)
    assert [one.handoff.handoff_id for one in plan] == ["0", "1", "2"]
    assert [one.starts_at for one in plan] == [
        datetime(2026, 11, 22, 9),
        datetime(2026, 11, 22, 15, 30),
        datetime(2026, 11, 24, 9, 59, 59),
    ]


def test_a_week_more_when_the_last_call_would_be_later_than_now(tmp_path: Path):
    file = _calls(tmp_path, *ROWS)
    plan = by_calls(_handoffs(3), file, until=NOW - timedelta(minutes=1), zone="UTC", seed=1)
    assert plan[-1].starts_at == datetime(2026, 11, 17, 9, 59, 59)


def test_hours_are_those_of_the_centers_zone(tmp_path: Path):
    file = _calls(tmp_path, *ROWS)
    plan = by_calls(_handoffs(2), file, until=NOW, zone="America/New_York", seed=1)
    assert plan[0].starts_at == datetime(2026, 11, 22, 14)


def test_patience_comes_from_the_curve_of_the_type_and_handle_time_from_its_rows(tmp_path: Path):
    """One of four leaves, after 40 s with nobody else still waiting: patience is 40 s for all."""
    file = _calls(tmp_path, *ROWS)
    plan = by_calls(_handoffs(4), file, until=NOW, zone="UTC", seed=1)
    assert {one.patience_s for one in plan} == {40.0}
    assert {one.handle_s for one in plan} <= {100.0, 300.0}


def test_the_same_seed_draws_the_same(tmp_path: Path):
    file = _calls(tmp_path, *ROWS)
    first, again = (by_calls(_handoffs(4), file, until=NOW, zone="UTC", seed=7) for _ in range(2))
    assert first == again


def test_too_few_calls_are_an_error_that_says_so(tmp_path: Path):
    with pytest.raises(DataFileError, match=r"4 calls .* 5 are needed"):
        by_calls(_handoffs(5), _calls(tmp_path, *ROWS), until=NOW, zone="UTC", seed=1)


def test_without_calls_customers_come_every_20_s_of_the_last_working_days():
    plan = steady(_handoffs(1_441), until=NOW, zone="Europe/Berlin")
    assert plan[0].starts_at == datetime(2026, 11, 22, 8)
    assert plan[1].starts_at == datetime(2026, 11, 22, 8, 0, 20)
    assert plan[1_439].starts_at == datetime(2026, 11, 22, 15, 59, 40)
    assert plan[1_440].starts_at == datetime(2026, 11, 23, 8)
    assert {one.patience_s for one in plan} == {None}


def test_on_a_clock_of_others_customers_come_from_now_on():
    plan = from_now_on(_handoffs(3), now=NOW, every_s=3)
    assert [(one.starts_at - NOW).total_seconds() for one in plan] == [0, 3, 6]
