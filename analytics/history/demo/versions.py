"""Publishes the policy the demonstration ran under, so that its attempts name a real version."""

from __future__ import annotations

from datetime import datetime, timedelta

from duckdb import DuckDBPyConnection

from analytics.history.demo.canary import with_canaries
from connector import publishing
from connector.access import Actor, Role
from connector.log import Lake
from connector.policy import Policy

DEMO = Actor("demo", Role.MANAGER)
NOTE = "the demonstration: 5 % of every rule's traffic tries another way"


def canary_policy(lake: Lake, since: datetime) -> Policy:
    """The current policy if every rule of it has a canary, else that policy with canaries.

    The latter becomes the next version, in force since `since` (UTC), and stays the current one:
    live traffic goes on as the history ran.
    """
    policy = publishing.current(lake)
    wanted = with_canaries(policy)
    if wanted == policy:
        return policy
    lake.transaction(lambda cursor: _publish(cursor, wanted, policy, since))
    return publishing.current(lake)


def _publish(cursor: DuckDBPyConnection, policy: Policy, was: Policy, since: datetime) -> None:
    number = cursor.execute("SELECT max(version) + 1 FROM policies").fetchall()[0][0]
    published = publishing.Published(number, since, DEMO.name, NOTE, was.version, None)
    changes = publishing.difference(was, policy)
    publishing.enter(cursor, policy, published, changes, actor=DEMO)
    if was.version == 1:
        # A home made for the demonstration has its first policy from before that begins.
        day_before = since - timedelta(days=1)
        cursor.execute(
            "UPDATE policies SET published_at = ? WHERE version = 1 AND published_at > ?",
            [day_before, since],
        )
