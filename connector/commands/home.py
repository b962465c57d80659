"""A home and its policy, for commands that need no connector."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from connector.log import Home, Lake, open_home
from connector.policy import Policy, load_policy
from connector.publishing import current, version
from connector.settings import Settings


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Home]:
    """The home; one that is not there yet is made first. Raises LogError."""
    home = open_home(settings)
    try:
        yield home
    finally:
        home.close()


def policy_of(settings: Settings) -> Policy:
    """The current policy. Raises LogError."""
    with opened(settings) as home:
        return current(home.lake)


def named_policy(lake: Lake, text: str) -> Policy:
    """A published policy by its number, or one in a file. Raises PolicyError."""
    return version(lake, int(text)) if text.isdecimal() else load_policy(Path(text))
