"""The journal of one connector process, written off the event loop with group commit.

Its file is open for synced writes (O_DSYNC): write and sync are one call, for the writer thread
loses its turn to the event loop at each.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connector.errors import LogError
from connector.log.entries import Entry
from connector.log.locks import try_lock

IDLE_WRITE_S, RETRY_S, REMEMBERED_STARTS = 0.1, 1.0, 100_000


@dataclass(frozen=True)
class _Line:
    text: bytes
    loop: asyncio.AbstractEventLoop | None = None
    written: asyncio.Future[None] | None = None


class Outbox:
    """Appends entries to `<path>/<instance>.jsonl`.

    Entries that wait together share one write and one sync. The file is locked for the life of
    this object, so that others can tell when its owner is dead.
    """

    def __init__(self, path: Path, instance: str) -> None:
        """Raises LogError when the journal cannot be made."""
        self.instance, self.path = instance, path / f"{instance}.jsonl"
        self._file = _create_locked(self.path)
        self._size = 0
        self._starts: OrderedDict[str, datetime] = OrderedDict()
        self._lines: queue.SimpleQueue[_Line | None] = queue.SimpleQueue()
        self._kept: list[_Line] = []
        self._problem: OSError | None = None
        self._closed = False
        self._writer = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._writer.start()

    async def append(self, entry: Entry) -> None:
        """Return once the entry is written and synced.

        Raises LogError when it could not be (a full disk); it is then kept in memory and goes
        with the next write.
        """
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        self._add(_Line(self._encode(entry), loop, written))
        await written

    def put(self, entry: Entry) -> None:
        """Let the entry join the next write, at most 0.1 s away, without waiting for it."""
        self._add(_Line(self._encode(entry)))

    async def close(self) -> None:
        """Write what waits, and let go of the journal. Raises LogError when lines were lost."""
        if not self._closed:
            self._closed = True
            self._lines.put(None)
        await asyncio.to_thread(self._writer.join)
        if self._problem is not None:
            raise LogError(f"{self.path.name} is incomplete: {self._problem}.")

    def _add(self, line: _Line) -> None:
        if self._closed:
            raise LogError(f"{self.path.name} is closed.")
        self._lines.put(line)

    def _encode(self, entry: Entry) -> bytes:
        """The entry's line, with the start of its attempt."""
        began = entry.attempt_start
        if began is not None:
            self._starts[entry.attempt_id] = began
            if len(self._starts) > REMEMBERED_STARTS:
                self._starts.popitem(last=False)
        elif (known := self._starts.get(entry.attempt_id)) is not None:
            entry = dataclasses.replace(entry, started_at=known)
        return entry.line()

    def _run(self) -> None:
        try:
            while self._write_once():
                pass
        finally:
            os.close(self._file)

    def _write_once(self) -> bool:
        """Write all that waits; False when closed."""
        lines, is_open = self._collect()
        if lines or self._kept:
            self._write(lines)
        return is_open

    def _collect(self) -> tuple[list[_Line], bool]:
        """Lines that wait together. Those nobody waits for are given company for a moment."""
        lines: list[_Line] = []
        deadline = time.monotonic() + RETRY_S if self._kept else None
        while True:
            line = self._next(deadline)
            if line is _NOTHING:
                return lines, True
            if line is None:
                return lines, False
            lines.append(line)
            if line.written is not None:
                break
            deadline = deadline or time.monotonic() + IDLE_WRITE_S
        while not self._lines.empty():
            line = self._lines.get_nowait()
            if line is None:
                return lines, False
            lines.append(line)
        return lines, True

    def _next(self, deadline: float | None) -> _Line | None:
        try:
            left = None if deadline is None else max(deadline - time.monotonic(), 0.0)
            return self._lines.get(timeout=left)
        except queue.Empty:
            return _NOTHING

    def _write(self, lines: list[_Line]) -> None:
        text = b"".join(line.text for line in (*self._kept, *lines))
        try:
            # At its own offset: what a failed write left behind is overwritten, never repeated.
            self._write_at(self._size, text)
        except OSError as error:
            self._problem = error
            self._kept = [*self._kept, *lines]
            _tell(lines, error)
            return
        self._problem = None
        self._size += len(text)
        self._kept = []
        _tell(lines, None)

    def _write_at(self, offset: int, text: bytes) -> None:
        left = memoryview(text)
        while left:
            done = os.pwrite(self._file, left, offset)
            offset, left = offset + done, left[done:]


_NOTHING = _Line(b"")


def _create_locked(path: Path) -> int:
    """A new file under its name, locked before anyone can see it and think its owner dead."""
    draft = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_DSYNC, 0o600)
        try:
            try_lock(file)
            os.link(draft, path)
        finally:
            os.unlink(draft)
        _sync_folder(path.parent)
    except OSError as error:
        raise LogError(f"{path} cannot be made: {error}. Is the home writable?") from None
    return file


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _tell(lines: Iterable[_Line], error: OSError | None) -> None:
    """Wake those who wait, each on its own loop and all of one loop at once."""
    waiters: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for line in lines:
        if line.loop is not None and line.written is not None:
            waiters.setdefault(line.loop, []).append(line.written)
    for loop, futures in waiters.items():
        try:
            loop.call_soon_threadsafe(_settle, futures, error)
        except RuntimeError:  # the loop is closed: nobody waits any more
            continue


def _settle(futures: list[asyncio.Future[None]], error: OSError | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(
                LogError(f"The journal cannot be written: {error}. The entry is kept in memory.")
            )
