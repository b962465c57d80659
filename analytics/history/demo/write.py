"""Makes the demonstration's history and writes it into the lake of a home."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from random import Random

import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics.history.demo.attempts import Handoffs, Log
from analytics.history.demo.floor import Floor
from analytics.history.demo.minutes import MINUTE_S, Minutes
from analytics.history.demo.owing import follow_ups
from analytics.history.demo.tables import SOURCE, Tables
from analytics.history.demo.versions import canary_policy
from connector.clock import utc_now
from connector.log import Lake, open_home
from connector.log.locks import locked
from connector.policy import Policy
from connector.references import customer_ref
from connector.sandbox.customers import Customers, arrivals
from connector.sandbox.world import World, load_world
from connector.settings import Settings

DAYS, SEED = 28, 1
LOCK_WAIT_S = 120.0
TENANT = "sandbox"


def simulate(
    world: World,
    policy: Policy,
    log: Log,
    *,
    since: datetime,
    until: datetime,
    seed: int,
) -> tuple[Handoffs, Minutes]:
    """Run `world` under `policy` from `since` to `until` (UTC); the same seed gives the same.

    `log` is told what ends. Returns what is still open, and the queues' state by minute.
    """
    chance = Random(seed)
    floor = Floor(world, since, Random(chance.getrandbits(64)))
    customers = Customers(world, chance.getrandbits(64))
    routes = Random(chance.getrandbits(64))
    handoffs = Handoffs(floor, customers, policy, routes, log)
    minutes = Minutes(floor, SOURCE)
    floor.plan(MINUTE_S - since.second - since.microsecond / 1e6, minutes.record)
    for at in arrivals(world, since, until, seed=chance.getrandbits(64)):
        floor.plan((at - since).total_seconds(), handoffs.arrive, at)
    floor.run((until - since).total_seconds())
    return handoffs, minutes


def write_history(
    settings: Settings,
    *,
    days: int = DAYS,
    until: datetime | None = None,
    seed: int = SEED,
    world: World | None = None,
) -> int:
    """Fill a home with `days` of history that end at `until` (naive UTC, default now).

    Attempts are marked `demo`. Returns how many were written: 0 in a home that holds a
    demonstration, or attempts of a live tenant. An attempt or engagement that goes on at `until`
    is left out, as the log holds ended ones only. Raises LogError.
    """
    until = until or utc_now()
    since = until - timedelta(days=days)
    home = open_home(settings)
    try:
        with locked(home.path / "lake" / "demo.lock", wait_s=LOCK_WAIT_S):
            if _is_taken(home.lake):
                return 0
            policy = canary_policy(home.lake, since)
            reference = partial(customer_ref, home=home.path, settings=settings)
            world = world or load_world()
            log = Tables(world, since, TENANT, reference)
            _, minutes = simulate(world, policy, log, since=since, until=until, seed=seed)
            tables = log.arrow() | {"queue_states": minutes.table()}
            tables |= follow_ups(log.attempt_columns, policy, settings, until=until, seed=seed)
            home.lake.transaction(partial(_insert, tables=tables))
            return log.attempts
    finally:
        home.lake.close()


def _is_taken(lake: Lake) -> bool:
    return bool(lake.query("SELECT 1 FROM attempts WHERE source IN ('demo', 'live') LIMIT 1"))


def _insert(cursor: DuckDBPyConnection, *, tables: dict[str, pa.Table]) -> None:
    for name, table in tables.items():
        cursor.register("demo_rows", table)
        cursor.execute(f"INSERT INTO {name} BY NAME SELECT * FROM demo_rows")
        cursor.unregister("demo_rows")
