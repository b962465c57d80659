"""What the Connection page asks of 8x8: its queues, the connection test, the set-up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import streamlit as st

from analytics.pages.parts import reading
from connector.access import Actor
from connector.connection import Check, SetupStep, apply_setup, check_connection, plan_setup
from connector.connection.targets import check_queues
from connector.eight import Eight
from connector.errors import EightError, HandoffError
from connector.policy import Policy
from connector.queues import QueueBook, QueueState
from connector.settings import Settings

QUEUES_KEPT_S = 15
RECENT = timedelta(days=7)


@dataclass(frozen=True)
class Fetched:
    """The tenant's chat queues; `check` says why there are none, and what to do."""

    states: tuple[QueueState, ...]
    check: Check

    def book(self, settings: Settings) -> QueueBook:
        """The queues as routing sees them, with the mapping of these settings."""
        return QueueBook.of_tenant(self.states, settings)


def queues(settings: Settings) -> Fetched:
    """The tenant's chat queues, at most 15 s old; never an error."""
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    found = _queues(settings.api_base, settings.tenant_id, hash(key), _settings=settings)
    return replace(found, states=tuple(sorted(found.states, key=lambda state: state.name)))


def forget() -> None:
    """Ask anew the next time."""
    _queues.clear()


def test(settings: Settings, policy: Policy) -> list[Check]:
    """Every step of the connection test, with what recent handoffs sent and no agent got."""
    return asyncio.run(check_connection(settings, policy, recent_missing=_unmarked()))


def plan(settings: Settings, policy: Policy) -> list[SetupStep]:
    """What setting up would do. Raises EightError."""
    return asyncio.run(_with_eight(plan_setup, settings, policy))


def apply(settings: Settings, policy: Policy, actor: Actor) -> dict[str, Any]:
    """Set up; returns what to save. Raises NotAllowed, EightError or SettingsError."""
    return asyncio.run(_with_eight(partial(apply_setup, actor=actor), settings, policy))


async def _with_eight(work: Any, settings: Settings, policy: Policy) -> Any:
    async with Eight(settings.api_base, settings.api_key, settings.tenant_id) as eight:
        return await work(eight, settings, policy)


@st.cache_data(ttl=QUEUES_KEPT_S, max_entries=8, show_spinner="Asking 8x8 for its queues")
def _queues(base: str, tenant: str | None, key: int, *, _settings: Settings) -> Fetched:
    try:
        states = asyncio.run(_ask_queues(_settings))
    except EightError as error:
        return Fetched((), check_queues(error))
    return Fetched(tuple(states), check_queues(states))


async def _ask_queues(settings: Settings) -> list[QueueState]:
    async with Eight(settings.api_base, settings.api_key, settings.tenant_id) as eight:
        return await eight.queue_states()


def _unmarked() -> list[str]:
    """Variables that recent handoffs sent and no agent got, since nobody marks them."""
    since = reading.clock().now() - RECENT
    try:
        found = reading.home().lake.query(
            """
            SELECT DISTINCT unnest(from_json(detail -> 'fields', '["VARCHAR"]')) AS name
            FROM attempt_events
            WHERE event = 'unmarked' AND started_at >= ?
            ORDER BY name
            """,
            [since],
        )
    except HandoffError:
        return []
    return [str(name) for (name,) in found]
