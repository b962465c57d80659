"""A small tenant and policy that routing and context tests share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from connector.log import Home, open_home
from connector.policy import Policy, parse_policy
from connector.queues import QueueBook, QueueState
from connector.settings import Settings

NOON = datetime(2026, 11, 24, 12)

POLICY = """
default_queue: General
required: [transcript, customer_name, category]
rules:
  - name: spanish support
    intents: [spanish_support]
    steps: [{skill: spanish_support, timeout_s: 120}]
  - name: lost card
    intents: [reportlostcard]
    steps:
      - {queue: Cards, timeout_s: 60}
      - {queue: General, timeout_s: 45}
    priority: high
    required: [card_number]
    failure_path: {kind: callback, text: We call you back.}
  - name: mobile balance
    intents: [checkbalance]
    channels: [mobile]
    steps: [{queue: Accounts, timeout_s: 30}]
default:
  steps: [{queue: General, timeout_s: 60}]
context_fields:
  - {name: card_number, field: Card number}
  - {name: ssn, passed: never}
skills:
  spanish_support: {queue: Spanish, language: es}
priority_twins:
  Cards: {high: Cards priority}
"""


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as first use leaves it, to be copied: making one takes a moment."""
    folder = tmp_path_factory.mktemp("empty") / "home"
    open_home(Settings.load(folder)).close()
    return folder


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One home for all tests of a file: opening one takes a moment."""
    made = open_home(Settings.load(tmp_path_factory.mktemp("shared") / "home"))
    yield made
    made.close()


@pytest.fixture
def policy() -> Policy:
    return parse_policy(POLICY).model_copy(update={"version": 3})


@pytest.fixture
def book() -> QueueBook:
    names = {
        "101": "General",
        "102": "Cards",
        "103": "Cards priority",
        "106": "Accounts",
        "107": "Spanish",
    }
    return QueueBook.of(
        QueueState(id, name, available=2, busy=1, enabled=4, is_open=True)
        for id, name in names.items()
    )
