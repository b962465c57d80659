"""How many requests a piece of work cost: counted per task tree, whoever makes the calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class CallCount:
    """Requests sent to 8x8, and how many of them repeated an earlier one."""

    requests: int = 0
    retries: int = 0


_count: ContextVar[CallCount | None] = ContextVar("calls_to_8x8", default=None)


@contextmanager
def counting() -> Iterator[CallCount]:
    """Count the calls made inside, those of tasks started inside too."""
    calls = CallCount()
    token = _count.set(calls)
    try:
        yield calls
    finally:
        _count.reset(token)


def count_request() -> None:
    if calls := _count.get():
        calls.requests += 1


def count_retry() -> None:
    if calls := _count.get():
        calls.retries += 1
