"""A log to count by hand: the lake's tables in memory, and attempts added one by one."""

from datetime import datetime, timedelta

import duckdb
import pytest

from connector.log import open_home
from connector.settings import Settings

NOON = datetime(2026, 11, 2, 12)


class Log:
    """Writes what the connector would have logged; `con` is for reading."""

    def __init__(self, tables):
        self.con = duckdb.connect()
        for name, columns in tables.items():
            self.con.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
        self._count = 0

    def attempt(self, outcome="accepted", *, at=NOON, steps=(), handle_s=(), **columns):
        """`steps` are pairs of queue (id and name alike) and result."""
        self._count += 1
        attempt_id = f"a{self._count}"
        row = {
            "attempt_id": attempt_id,
            "handoff_id": f"h{self._count}",
            "source": "live",
            "started_at": at,
            "ended_at": at + timedelta(seconds=columns.get("wait_s") or 0),
            "channel": "web",
            "priority": "normal",
            "queue_id": "101",
            "queue": "General",
            "outcome": outcome,
        }
        self.add("attempts", row | columns)
        for number, (queue, result) in enumerate(steps, 1):
            step = {"step": number, "queue_id": queue, "queue": queue, "result": result}
            self.add("attempt_steps", {"attempt_id": attempt_id, "started_at": at} | step)
        for seconds in [handle_s] if isinstance(handle_s, int | float) else handle_s:
            engagement = {"attempt_id": attempt_id, "started_at": at, "handle_s": seconds}
            self.add("engagements", engagement)
        return attempt_id

    def state(self, queue_id, *, at=NOON, source="live", **columns):
        """How a queue was recorded; what is not said is 0."""
        named = {"queue_id": queue_id, "queue": queue_id, "recorded_at": at, "source": source}
        counts = ("available", "busy", "on_break", "post_process", "enabled", "waiting")
        self.add("queue_states", named | dict.fromkeys(counts, 0) | columns)

    def add(self, table, row):
        self.con.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
            list(row.values()),
        )


@pytest.fixture(scope="session")
def tables(tmp_path_factory):
    """The columns of every table of a real lake."""
    lake = open_home(Settings(home=tmp_path_factory.mktemp("home"))).lake
    found = lake.query(
        "SELECT table_name, column_name || ' ' || data_type FROM information_schema.columns"
        " WHERE table_catalog = 'lake' ORDER BY ordinal_position"
    )
    lake.close()
    columns = {}
    for name, column in found:
        columns.setdefault(name, []).append(column)
    return columns


@pytest.fixture
def log(tables):
    log = Log(tables)
    yield log
    log.con.close()
