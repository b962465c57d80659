"""`import`, `report` and `export`: what is in the log comes out as numbers and files."""

from __future__ import annotations

import csv
import io
from datetime import UTC, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

import analytics
from tests.conftest import PROJECT
from tests.connector.commands.conftest import Command
from tests.connector.commands.test_plans import ROWS, _calls

FAR_WEST = "Pacific/Pago_Pago"
BROKEN = "AA0101 9 0 0 PS 990110 9:00:00"
COLUMNS = (
    "attempts accepted timed_out no_agents abandoned rejected failed unknown success_rate"
    " success_low success_high timeout_rate wait_mean_s wait_p50_s wait_p95_s handle_mean_s"
    " completeness complete_share"
).split()


def _import(handoff: Command, folder: Path) -> dict:
    file = _calls(folder, *ROWS, BROKEN)
    return handoff.json("import", "anonymous-bank", str(file), "--json")


@pytest.mark.full
def test_importing_twice_adds_nothing(handoff: Command, tmp_path: Path):
    first = _import(handoff, tmp_path)
    again = _import(handoff, tmp_path)
    assert (first["rows"], first["imported"], first["malformed"]) == (5, 4, 1)
    assert first["skipped"] == {"phantom": 0, "left_before_queue": 0}
    assert (again["imported"], again["already_present"]) == (0, 4)
    assert Path(first["rejects_file"]).read_text().count("fields where 17") == 1


def test_a_report_of_nothing_is_one_row_of_zeros_and_nulls(handoff: Command):
    (row,) = handoff.json("report", "--json")
    assert list(row) == COLUMNS
    assert row["attempts"] == 0
    assert row["success_rate"] is row["wait_mean_s"] is row["completeness"] is None
    assert handoff.json("report", "--by", "queue", "--json") == []


def test_a_report_by_queue_counts_what_was_imported(handoff: Command, tmp_path: Path):
    _import(handoff, tmp_path)
    (row,) = handoff.json("report", "--by", "queue", "--json")
    assert list(row) == ["queue", *COLUMNS]
    assert (row["queue"], row["attempts"], row["accepted"], row["abandoned"]) == ("PS", 4, 3, 1)
    assert row["success_rate"] == 0.75
    assert row["wait_mean_s"] == (10 + 40 + 5 + 5) / 4
    assert row["handle_mean_s"] == (100 + 300 + 300) / 3


@pytest.mark.full
def test_a_report_by_offered_queue_counts_steps(handoff: Command, tmp_path: Path):
    _import(handoff, tmp_path)
    (row,) = handoff.json("report", "--by", "offered_queue", "--json")
    assert (row["offered"], row["accepted"], row["reached"]) == (4, 3, 0.75)


@pytest.mark.full
def test_a_report_of_a_period_and_a_source(handoff: Command, tmp_path: Path):
    _import(handoff, tmp_path)
    (row,) = handoff.json("report", "--since", "1999-01-11", "--until", "1999-01-13", "--json")
    assert row["attempts"] == 1
    (row,) = handoff.json("report", "--source", "live", "--json")
    assert row["attempts"] == 0
    wrong = handoff.run("report", "--since", "yesterday", "--json", code=1)
    assert "is not a point in time" in wrong.stderr


@pytest.mark.full
def test_a_report_as_csv_and_as_a_table(handoff: Command, tmp_path: Path):
    _import(handoff, tmp_path)
    text = handoff.run("report", "--by", "source", "--format", "csv").stdout
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["source"], row["attempts"], row["timeout_rate"]) == ("import", "4", "0.0")
    assert "import" in handoff.run("report", "--by", "source").stdout


def test_an_export_can_be_read_back(handoff: Command, tmp_path: Path):
    _import(handoff, tmp_path)
    out = tmp_path / "out"
    written = handoff.json("export", "--format", "parquet", "--out", str(out), "--json")
    rows = {one["table"]: one["rows"] for one in written}
    assert rows["attempts"] == 4
    files = {one["table"]: one["file"] for one in written}
    found = duckdb.sql(f"SELECT count(*) FROM '{files['attempts']}'").fetchall()
    assert found == [(4,)]


@pytest.mark.full
def test_a_day_without_an_offset_is_a_day_of_the_centers_zone(handoff: Command, tmp_path: Path):
    shipped = (PROJECT / "data" / "policy.yaml").read_text()
    handoff.home.mkdir()
    (handoff.home / "policy.yaml").write_text(shipped.replace("zone: UTC", f"zone: {FAR_WEST}"))
    _import(handoff, tmp_path)
    with analytics.connect(handoff.home) as con:
        moments = [at for (at,) in con.execute("SELECT started_at FROM attempts").fetchall()]
    days = [at.replace(tzinfo=UTC).astimezone(ZoneInfo(FAR_WEST)).date() for at in moments]
    day = min(days)
    (row,) = handoff.json(
        *("report", "--since", f"{day}", "--until", f"{day + timedelta(1)}", "--json")
    )
    assert row["attempts"] == days.count(day)
    assert day != min(moments).date()
