"""The lake's tables, made by ordered functions that are each run once and recorded by name.

Never edit one that has shipped; add another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from duckdb import CatalogException, DuckDBPyConnection

from connector.clock import utc_now
from connector.errors import LogError
from connector.log.lake import INLINED_ROWS, Lake

Migration = Callable[[DuckDBPyConnection], None]
_MIGRATIONS: list[Migration] = []


def migration(function: Migration) -> Migration:
    """Register a migration; they run in the order they are written here."""
    _MIGRATIONS.append(function)
    return function


def migrate(lake: Lake) -> list[str]:
    """Run what has not run yet, all or nothing; returns the names.

    One process at a time: hold the home's set-up lock.
    """
    lake.alone(f"CALL lake.set_option('data_inlining_row_limit', {INLINED_ROWS})")
    lake.alone("CREATE TABLE IF NOT EXISTS migrations (name VARCHAR, applied_at TIMESTAMP)")
    done = applied(lake)
    pending = [step for step in _MIGRATIONS if step.__name__ not in done]
    lake.transaction(lambda cursor: _run(cursor, pending))
    return [step.__name__ for step in pending]


def is_current(lake: Lake) -> bool:
    """Whether nothing is pending; false for a lake without tables too."""
    try:
        return {step.__name__ for step in _MIGRATIONS} <= applied(lake)
    except LogError as error:
        if isinstance(error.__cause__, CatalogException):
            return False
        raise


def applied(lake: Lake) -> set[str]:
    return {str(name) for (name,) in lake.query("SELECT name FROM migrations")}


def _run(cursor: DuckDBPyConnection, steps: Iterable[Migration]) -> None:
    for step in steps:
        step(cursor)
        cursor.execute(f"INSERT INTO migrations VALUES ('{step.__name__}', '{utc_now()}')")


@migration
def attempts(cursor: DuckDBPyConnection) -> None:
    cursor.execute("""
        CREATE TABLE attempts (
            attempt_id VARCHAR, handoff_id VARCHAR, retry_of VARCHAR, conversation_id VARCHAR,
            tenant VARCHAR, bot VARCHAR, source VARCHAR,
            started_at TIMESTAMP, ended_at TIMESTAMP,
            channel VARCHAR, language VARCHAR, intent VARCHAR, category VARCHAR,
            confidence DOUBLE, inputs JSON,
            policy_version INTEGER, rule VARCHAR, decided_by VARCHAR,
            canary_arm VARCHAR, propensity DOUBLE,
            first_queue_id VARCHAR, first_queue VARCHAR, queue_id VARCHAR, queue VARCHAR,
            queues_tried VARCHAR[], skill VARCHAR, priority VARCHAR, timeout_s DOUBLE,
            outcome VARCHAR, failure_reason VARCHAR, failure_path VARCHAR, wait_s DOUBLE,
            http_requests INTEGER, retries INTEGER, agent_id VARCHAR,
            context_required VARCHAR[], context_present VARCHAR[], context_cut VARCHAR[],
            delivered BOOLEAN, completeness DOUBLE, customer_ref VARCHAR
        )""")
    _by_month(cursor, "attempts", "started_at")


@migration
def attempt_steps(cursor: DuckDBPyConnection) -> None:
    cursor.execute("""
        CREATE TABLE attempt_steps (
            attempt_id VARCHAR, started_at TIMESTAMP, step INTEGER,
            queue_id VARCHAR, queue VARCHAR, offered_at TIMESTAMP, left_at TIMESTAMP,
            wait_s DOUBLE, timeout_s DOUBLE, agents_available INTEGER, result VARCHAR
        )""")
    _by_month(cursor, "attempt_steps", "started_at")


@migration
def attempt_events(cursor: DuckDBPyConnection) -> None:
    cursor.execute("""
        CREATE TABLE attempt_events (
            attempt_id VARCHAR, started_at TIMESTAMP, happened_at TIMESTAMP,
            seq BIGINT, event VARCHAR, detail JSON
        )""")
    _by_month(cursor, "attempt_events", "started_at")


@migration
def engagements(cursor: DuckDBPyConnection) -> None:
    cursor.execute("""
        CREATE TABLE engagements (
            attempt_id VARCHAR, started_at TIMESTAMP, accepted_at TIMESTAMP, ended_at TIMESTAMP,
            agent_id VARCHAR, queue_id VARCHAR, queue VARCHAR, handle_s DOUBLE,
            transfers INTEGER, requeued BOOLEAN, customer_wrote BOOLEAN, ended_by VARCHAR
        )""")
    _by_month(cursor, "engagements", "started_at")


@migration
def queue_states(cursor: DuckDBPyConnection) -> None:
    cursor.execute("""
        CREATE TABLE queue_states (
            recorded_at TIMESTAMP, queue_id VARCHAR, queue VARCHAR,
            available INTEGER, busy INTEGER, on_break INTEGER, post_process INTEGER,
            enabled INTEGER, waiting INTEGER, longest_wait_s DOUBLE,
            day_queued INTEGER, day_accepted INTEGER, day_abandoned INTEGER, source VARCHAR
        )""")
    _by_month(cursor, "queue_states", "recorded_at")


@migration
def policies(cursor: DuckDBPyConnection) -> None:
    cursor.execute("""
        CREATE TABLE policies (
            version INTEGER, published_at TIMESTAMP, published_by VARCHAR, note VARCHAR,
            based_on INTEGER, content VARCHAR
        )""")
    cursor.execute("CREATE TABLE policy_head (version INTEGER, changed_at TIMESTAMP)")


@migration
def audit(cursor: DuckDBPyConnection) -> None:
    cursor.execute("""
        CREATE TABLE audit (
            happened_at TIMESTAMP, actor VARCHAR, action VARCHAR, subject VARCHAR, detail JSON
        )""")


@migration
def follow_ups(cursor: DuckDBPyConnection) -> None:
    cursor.execute("""
        CREATE TABLE follow_ups (
            follow_up_id VARCHAR, attempt_id VARCHAR, started_at TIMESTAMP, created_at TIMESTAMP,
            kind VARCHAR, bot VARCHAR, conversation_id VARCHAR, link VARCHAR
        )""")


@migration
def alerts(cursor: DuckDBPyConnection) -> None:
    cursor.execute("""
        CREATE TABLE alerts (
            alert_id VARCHAR, raised_at TIMESTAMP, condition VARCHAR,
            queue_id VARCHAR, queue VARCHAR, detail JSON
        )""")


@migration
def journal_offsets(cursor: DuckDBPyConnection) -> None:
    # How much of each journal is in the lake, written in the transaction that moved it there.
    cursor.execute(
        "CREATE TABLE journal_offsets (journal VARCHAR, flushed_to BIGINT, last_at TIMESTAMP)"
    )


@migration
def policy_roll_backs(cursor: DuckDBPyConnection) -> None:
    # The version whose content a roll back brought again; null for any other.
    cursor.execute("ALTER TABLE policies ADD COLUMN restored INTEGER")


@migration
def queue_states_open(cursor: DuckDBPyConnection) -> None:
    # Whether 8x8's schedule had the queue open; null where the policy named none, or none was read.
    cursor.execute("ALTER TABLE queue_states ADD COLUMN is_open BOOLEAN")


@migration
def follow_up_details(cursor: DuckDBPyConnection) -> None:
    # `contact` says what became of it: sealed, no_key, none or lost. Never the contact itself.
    for column in (
        "due_at TIMESTAMP",
        "source VARCHAR",
        "intent VARCHAR",
        "queue_id VARCHAR",
        "queue VARCHAR",
        "contact VARCHAR",
    ):
        cursor.execute(f"ALTER TABLE follow_ups ADD COLUMN {column}")


@migration
def follow_up_events(cursor: DuckDBPyConnection) -> None:
    # `seq` counts the events of one follow-up, for two may share a moment.
    cursor.execute("""
        CREATE TABLE follow_up_events (
            follow_up_id VARCHAR, seq INTEGER, happened_at TIMESTAMP, actor VARCHAR,
            event VARCHAR, owner VARCHAR, result VARCHAR, note VARCHAR
        )""")


@migration
def follow_up_turn(cursor: DuckDBPyConnection) -> None:
    # Appends never conflict, updates of one row do: who works on follow-ups counts here, so that
    # of two at once one is repeated, also where machines share no file lock.
    cursor.execute("CREATE TABLE follow_up_turn (turns BIGINT)")
    cursor.execute("INSERT INTO follow_up_turn VALUES (0)")


@migration
def emergencies(cursor: DuckDBPyConnection) -> None:
    cursor.execute("""
        CREATE TABLE emergencies (
            emergency_id VARCHAR, declared_at TIMESTAMP, declared_by VARCHAR,
            holds_until TIMESTAMP, for_queues VARCHAR[], for_intents VARCHAR[],
            queue VARCHAR, timeout_s DOUBLE,
            failure_path VARCHAR, failure_text VARCHAR, failure_target VARCHAR, note VARCHAR,
            ended_at TIMESTAMP, ended_by VARCHAR
        )""")


def _by_month(cursor: DuckDBPyConnection, table: str, column: str) -> None:
    cursor.execute(f"ALTER TABLE {table} SET PARTITIONED BY (year({column}), month({column}))")
