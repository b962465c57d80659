"""File locks of one host; the kernel frees them when their holder dies."""

from __future__ import annotations

import fcntl
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.errors import LakeBusy


@contextmanager
def locked(path: Path, *, wait_s: float) -> Iterator[int]:
    """Hold `path` alone, between threads and processes; yields its file descriptor.

    Raises LakeBusy when another holds it for `wait_s` wall seconds.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(descriptor, path, time.monotonic() + wait_s)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, deadline: float) -> None:
    while not try_lock(descriptor):
        if time.monotonic() >= deadline:
            raise LakeBusy(f"Another process holds {path.name}. Try again.")
        time.sleep(random.uniform(0.001, 0.005))


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Lock an open file without waiting; it stays locked until it is closed."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
