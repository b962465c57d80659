"""What an analyst gets who reads files instead of the lake."""

import csv
import json
from datetime import datetime

import duckdb
import pytest

from analytics.export import TABLES, export
from connector.errors import DataFileError, SettingsError
from connector.log import open_home
from connector.settings import Settings


@pytest.fixture
def filled(log):
    log.attempt(
        intent='say "hi", twice',
        at=datetime(2026, 11, 2, 12, 0, 0, 250_000),
        context_required=["transcript", "a,b"],
        context_present=[],
        steps=[("Cards", "accepted")],
    )
    return log


def test_parquet_gives_every_table_back_as_it_was(filled, tmp_path):
    out = tmp_path / "log"
    rows = export(filled.con, out)
    assert rows == dict.fromkeys(TABLES, 0) | {"attempts": 1, "attempt_steps": 1}
    assert sorted(file.name for file in out.iterdir()) == sorted(f"{t}.parquet" for t in TABLES)
    for table in TABLES:
        query = f"SELECT * FROM {table}"
        read = duckdb.sql(f"SELECT * FROM '{out / table}.parquet'")
        assert read.columns == filled.con.execute(query).df().columns.tolist()
        assert read.fetchall() == filled.con.execute(query).fetchall()


def test_csv_holds_lists_as_json_and_null_as_nothing(filled, tmp_path):
    export(filled.con, tmp_path / "log", "csv")
    with open(tmp_path / "log" / "attempts.csv", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["intent"] == 'say "hi", twice'
    assert json.loads(row["context_required"]) == ["transcript", "a,b"]
    assert json.loads(row["context_present"]) == []
    assert row["category"] == ""
    assert datetime.fromisoformat(row["started_at"]) == datetime(2026, 11, 2, 12, 0, 0, 250_000)


def test_an_empty_folder_is_filled(filled, tmp_path):
    export(filled.con, tmp_path)
    assert (tmp_path / "attempts.parquet").exists()


def test_a_folder_that_holds_something_is_left_alone(filled, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DataFileError, match="holds something"):
        export(filled.con, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_nothing_is_left_behind_when_a_table_cannot_be_read(filled, tmp_path):
    filled.con.execute("DROP TABLE audit")
    filled.con.execute("CREATE VIEW audit AS SELECT error('unreadable') AS x FROM range(3)")
    with pytest.raises(duckdb.Error, match="unreadable"):
        export(filled.con, tmp_path / "log")
    assert list(tmp_path.iterdir()) == []
    assert filled.con.execute("SELECT count(*) FROM attempts").fetchall() == [(1,)]


def test_a_place_that_cannot_be_written_and_another_format_are_refused(filled, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFileError, match="cannot be written"):
        export(filled.con, tmp_path / "file" / "log")
    with pytest.raises(SettingsError, match="parquet or csv"):
        export(filled.con, tmp_path / "log", "xlsx")


def test_a_home_is_exported_without_its_bookkeeping(tmp_path):
    lake = open_home(Settings(home=tmp_path / "home")).lake
    rows = export(lake.cursor(), tmp_path / "out")
    lake.close()
    assert tuple(rows) == TABLES
    assert rows["policies"] == 1
