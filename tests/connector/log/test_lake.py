"""The lake: shared by threads and processes, whole transactions, UTC."""

import subprocess
import sys
import threading
import time
from datetime import datetime

import duckdb
import pytest

import analytics
from connector.errors import LakeBusy, LogError
from connector.log import Lake, append_rows, open_home
from connector.log.lake import passing, repeated
from connector.log.locks import locked
from connector.settings import Settings

from .writing import NOON, attempt_row


def count(lake, table="attempts"):
    return lake.query(f"SELECT count(*) FROM {table}")[0][0]


def test_moments_are_plain_utc_timestamps(home):
    kinds = home.lake.query(
        "SELECT DISTINCT data_type FROM information_schema.columns"
        " WHERE table_catalog = 'lake' AND data_type LIKE 'TIMESTAMP%'"
    )
    assert kinds == [("TIMESTAMP",)]


def test_a_moment_comes_back_as_it_was_whatever_the_zone_of_the_session(home, settings):
    append_rows(home.lake, home.outbox_path, {"attempts": [attempt_row(0)]})
    connection = analytics.connect(settings.home)
    connection.execute("SET TimeZone = 'America/New_York'")
    assert connection.execute("SELECT started_at FROM attempts").fetchall() == [(NOON,)]
    connection.close()


def test_attempts_have_the_columns_of_the_design(home):
    columns = [row[0] for row in home.lake.query("DESCRIBE attempts")]
    assert (
        columns
        == (
            "attempt_id handoff_id retry_of conversation_id tenant bot source started_at ended_at"
            " channel language intent category confidence inputs policy_version rule decided_by"
            " canary_arm propensity first_queue_id first_queue queue_id queue queues_tried skill"
            " priority timeout_s outcome failure_reason failure_path wait_s http_requests retries"
            " agent_id context_required context_present context_cut delivered completeness"
            " customer_ref"
        ).split()
    )
    tables = {row[0] for row in home.lake.query("SHOW TABLES")}
    assert tables >= {
        "attempts",
        "attempt_steps",
        "attempt_events",
        "engagements",
        "queue_states",
        "policies",
        "policy_head",
        "audit",
        "follow_ups",
        "follow_up_events",
        "alerts",
    }


def test_no_thread_gets_rows_of_another(home):
    wrong = []

    def ask(number):
        for _ in range(50):
            if home.lake.query(f"SELECT {number} FROM migrations LIMIT 1") != [(number,)]:
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_threads_that_write_at_once_all_succeed(home):
    def write(number):
        for turn in range(5):
            sql = f"INSERT INTO audit (actor, subject) VALUES ('t{number}', '{turn}')"
            home.lake.transaction(lambda cursor, sql=sql: cursor.execute(sql).fetchall())

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(home.lake, "audit") == 20


def test_a_transaction_that_fails_leaves_nothing(home):
    def fail(cursor):
        cursor.execute("INSERT INTO audit (actor) VALUES ('nobody')")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        home.lake.transaction(fail)
    assert count(home.lake, "audit") == 0
    home.lake.transaction(lambda cursor: cursor.execute("INSERT INTO audit (actor) VALUES ('me')"))
    assert count(home.lake, "audit") == 1


@pytest.mark.parametrize(
    "text",
    [
        "Failed to commit: database is locked",
        "Transaction conflict - attempting to update table",
        "Failed to delete flushed inlined data from x",
        "Failed to initialize DuckLake: y",
    ],
)
def test_a_conflict_is_repeated_whole(home, text):
    runs = []

    def work(cursor):
        runs.append(cursor.execute("INSERT INTO audit (actor) VALUES ('me')").fetchall())
        if len(runs) < 3:
            raise duckdb.TransactionException(text)
        return "done"

    assert home.lake.transaction(work) == "done"
    assert len(runs) == 3
    assert count(home.lake, "audit") == 1


def test_other_errors_are_told_at_once(home):
    with pytest.raises(LogError, match="nowhere"):
        home.lake.query("SELECT * FROM nowhere")
    assert not passing(duckdb.CatalogException("no such table"))


def test_a_conflict_that_does_not_pass_is_told_in_the_end():
    def work():
        raise duckdb.TransactionException("database is locked")

    began = time.monotonic()
    with pytest.raises(LakeBusy):
        repeated(work, deadline_s=0.2)
    assert time.monotonic() - began < 2


def test_a_lock_held_by_another_is_told_in_the_end(tmp_path):
    with (
        locked(tmp_path / "lock", wait_s=1),
        pytest.raises(LakeBusy, match="lock"),
        locked(tmp_path / "lock", wait_s=0.05),
    ):
        pass


def test_a_reader_cannot_write(home, settings):
    reader = Lake.open(settings, read_only=True)
    with pytest.raises(LogError, match="read-only"):
        reader.transaction(lambda cursor: cursor.execute("INSERT INTO audit (actor) VALUES ('x')"))
    reader.close()


def test_the_snapshot_id_grows_with_every_commit(home):
    before = home.lake.snapshot_id()
    home.lake.transaction(lambda cursor: cursor.execute("INSERT INTO audit (actor) VALUES ('x')"))
    assert home.lake.snapshot_id() == before + 1


def test_a_home_may_be_moved_as_a_whole(home, settings, tmp_path):
    append_rows(home.lake, home.outbox_path, {"attempts": [attempt_row(n) for n in range(50)]})
    home.close()
    settings.home.rename(tmp_path / "elsewhere")
    moved = open_home(Settings.load(tmp_path / "elsewhere"))
    assert count(moved.lake) == 50
    append_rows(moved.lake, moved.outbox_path, {"attempts": [attempt_row(n) for n in range(50)]})
    assert count(moved.lake) == 100
    moved.close()


def test_a_home_may_have_an_odd_name(tmp_path):
    home = open_home(Settings.load(tmp_path / "it's a home; ünï"))
    append_rows(home.lake, home.outbox_path, {"attempts": [attempt_row(n) for n in range(20)]})
    assert count(home.lake) == 20
    home.close()


def test_rows_for_a_table_that_is_not_there_are_refused(home):
    with pytest.raises(LogError, match="no table `attempt`"):
        append_rows(home.lake, home.outbox_path, {"attempt": [{}]})


def test_rows_of_several_tables_come_together_or_not_at_all(home):
    rows = {"attempts": [attempt_row(1)], "audit": [{"happened_at": "not a moment"}]}
    with pytest.raises(LogError):
        append_rows(home.lake, home.outbox_path, rows)
    assert count(home.lake) == 0
    assert not list(home.outbox_path.glob(".*"))


WRITER = """
import sys
from pathlib import Path
from connector.log import open_home
from connector.settings import Settings
home = open_home(Settings.load(Path(sys.argv[1])))
for turn in range(15):
    sql = f"INSERT INTO audit (actor, subject) VALUES ('{sys.argv[2]}', '{turn}')"
    home.lake.transaction(lambda cursor: cursor.execute(sql))
"""


@pytest.mark.full
def test_processes_that_make_and_write_a_home_at_once_all_succeed_while_others_read(settings):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(settings.home), f"p{number}"])
        for number in range(3)
    ]
    reads = 0
    while any(writer.poll() is None for writer in writers):
        connection = analytics.connect(settings.home)
        for _ in range(5):
            [(rows, subjects)] = connection.execute(
                "SELECT count(*), count(DISTINCT (actor, subject)) FROM audit"
            ).fetchall()
            assert rows == subjects
            reads += 1
        connection.close()
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert reads > 0
    connection = analytics.connect(settings.home)
    assert connection.execute("SELECT count(*) FROM audit").fetchall() == [(45,)]
    connection.close()


def test_an_analyst_finds_the_lake_of_an_empty_home(tmp_path):
    connection = analytics.connect(tmp_path / "new")
    assert connection.execute("SELECT count(*) FROM attempts").fetchall() == [(0,)]
    assert connection.execute("SELECT version FROM policy_head").fetchall() == [(1,)]
    with pytest.raises(duckdb.Error, match="read-only"):
        connection.execute("DELETE FROM attempts")
    connection.close()


def test_an_analysts_frames_have_moments_without_zone(home, settings):
    append_rows(home.lake, home.outbox_path, {"attempts": [attempt_row(0)]})
    connection = analytics.connect(settings.home)
    frame = connection.execute("SELECT started_at, queues_tried FROM attempts").df()
    assert frame.started_at.dt.tz is None
    assert frame.started_at[0].to_pydatetime() == datetime(2026, 11, 24, 12)
    connection.close()
