"""What the Test escalation page asks of others: queues, the decision, tests, the sandbox."""

from __future__ import annotations

import asyncio
from pathlib import Path

import streamlit as st

from analytics.pages.parts import reading
from connector import context
from connector.context import Payload
from connector.escalation.tenant import read_book
from connector.escalation_tests import EscalationTests
from connector.handoff import Handoff
from connector.policy import Policy
from connector.queues import QueueBook
from connector.routing import Decision, decide
from connector.sandbox.player import Player, player_of
from connector.settings import Settings

BOOK_KEPT_S = 10


def decision(settings: Settings, policy: Policy, handoff: Handoff) -> Decision:
    """What the policy says now, with queues and availability at most 10 s old."""
    return decide(policy, handoff, _known(settings, policy), reading.clock().now())


def payload(policy: Policy, handoff: Handoff, decided: Decision) -> Payload:
    """What 8x8 would be given."""
    return context.build(policy, handoff, decided, "test")


def tests(settings: Settings) -> EscalationTests:
    """The test escalations of this process and home."""
    return _tests(str(settings.home.resolve()))


def player(settings: Settings) -> Player | None:
    """Whoever can play the agents; None in a real tenant."""
    return player_of(settings)


def _known(settings: Settings, policy: Policy) -> QueueBook:
    if not settings.configured:
        return QueueBook({}, settings.queue_map, settings.default_queue, known=False)
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    return _book(
        settings.api_base,
        settings.tenant_id,
        hash((key, str(settings.queue_map), settings.default_queue)),
        policy.version,
        _settings=settings,
        _policy=policy,
    )


@st.cache_resource(show_spinner=False, on_release=EscalationTests.close)
def _tests(home: str) -> EscalationTests:
    return EscalationTests(Path(home))


@st.cache_resource(ttl=BOOK_KEPT_S, max_entries=8, show_spinner="Asking 8x8 who is available")
def _book(
    base: str,
    tenant: str | None,
    key: int,
    version: int,
    *,
    _settings: Settings,
    _policy: Policy,
) -> QueueBook:
    return asyncio.run(read_book(_settings, _policy, reading.clock()))
