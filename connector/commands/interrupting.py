"""Ctrl-C in a command that performs handoffs: its customers leave first, then the command does."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, TypeVar

from connector.commands.output import note

INTERRUPTED = 130
Found = TypeVar("Found")


@contextlib.contextmanager
def interrupts() -> Iterator[asyncio.Event]:
    """An event that the first Ctrl-C sets; the next one ends the process as usual."""
    loop, pressed = asyncio.get_running_loop(), asyncio.Event()

    def press() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        note("Ending: the customers leave. Ctrl-C again does not wait for that.")
        pressed.set()

    try:
        loop.add_signal_handler(signal.SIGINT, press)
    except (ValueError, RuntimeError):  # only the main thread hears signals
        yield pressed
        return
    try:
        yield pressed
    finally:
        loop.remove_signal_handler(signal.SIGINT)


async def until_interrupted(
    work: Coroutine[Any, Any, Found],
    pressed: asyncio.Event,
    leave: Callable[[], Awaitable[None]],
) -> Found:
    """The result of `work`; once `pressed` is set, `leave` sees to it that it ends soon."""
    working, waiting = asyncio.create_task(work), asyncio.create_task(pressed.wait())
    try:
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            await leave()
        return await working
    finally:
        waiting.cancel()
        working.cancel()
        await asyncio.gather(working, waiting, return_exceptions=True)
