"""Runs ledger operations for an event loop, one process at a time, never waiting in the kernel.

An operation takes some 40 us and runs where it is asked for: handing it to a thread costs up to a
hundred times as much when the interpreter is busy, because each SQLite call gives up the turn.
While another process writes, operations wait, and then share one transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from connector.errors import ClaimsUnreachable, LogError
from connector.log.ledger_file import LedgerFile

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], Any]
ANSWER_S, STARVED_S, PATIENCE_S, LATE_S = 0.2, 1.0, 15.0, 0.01
LEAST_PAUSE_S, MOST_PAUSE_S = 0.001, 0.004
MOST_AT_ONCE, TIDY_EVERY = 100, 1_000


class _Busy(Exception):
    """Somebody else is at the ledger."""


@dataclass(frozen=True)
class _Call:
    work: Work
    answer: asyncio.Future[Any]
    asked: float = field(default_factory=time.monotonic)


class Turns:
    """Runs work on the ledger at `path`, for one event loop at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: LedgerFile | None = None
        self._waiting: deque[_Call] = deque()
        self._serving: asyncio.Task[None] | None = None
        self._tidying: asyncio.Future[None] | None = None
        self._writes = 0
        self._closed = False

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` finds. Raises LogError, and ClaimsUnreachable."""
        patience: _Patience | None = None
        while True:
            try:
                return self._at_once(lambda file: file.read(work))
            except _Busy:  # only while another process recovers after a crash
                patience = patience or _Patience(self._file)
                await patience.pause()
                patience.check(patience.began)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` returns, once it is committed. Raises LogError, and ClaimsUnreachable."""
        if not self._waiting:
            with contextlib.suppress(_Busy):
                answer = self._at_once(lambda file: file.write_at_once(work))
                self._count(1)
                return answer
        call = _Call(work, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve_waiting(), name="ledger")
        answered: T = await call.answer
        return answered

    async def close(self) -> None:
        """Let go of the file; what still waits gets a LogError."""
        self._closed = True
        if self._serving is not None:
            self._serving.cancel()
        self._fail(list(self._waiting), LogError("The ledger is closed."))
        self._waiting.clear()
        if self._tidying is not None:
            await asyncio.wait([self._tidying])
        if self._file is not None:
            self._file.close()
            self._file = None

    def _at_once(self, run: Callable[[LedgerFile], T]) -> T:
        if self._closed:
            raise LogError("The ledger is closed.")
        try:
            self._file = self._file or LedgerFile(self._path, busy_s=0.0)
            return run(self._file)
        except BlockingIOError:
            raise _Busy from None
        except (sqlite3.Error, OSError) as error:
            if "locked" in str(error):
                raise _Busy from None
            raise LogError(f"The ledger refused: {error}.") from error

    async def _serve_waiting(self) -> None:
        patience = _Patience(self._file)
        while self._waiting:
            calls = [call for call in self._take_some() if not call.answer.done()]
            try:
                answers = self._at_once(lambda file, calls=calls: _share(file, calls))  # type: ignore[misc]
            except _Busy:
                self._waiting.extendleft(reversed(calls))
                await patience.pause()
                self._give_up(patience)
            except LogError as error:
                self._fail(calls, error)
            else:
                self._count(len(calls))
                _settle(calls, answers)
                await asyncio.sleep(0)

    def _take_some(self) -> list[_Call]:
        count = min(len(self._waiting), MOST_AT_ONCE)
        return [self._waiting.popleft() for _ in range(count)]

    def _give_up(self, patience: _Patience) -> None:
        """Answer those who have waited too long; they are the first in line."""
        while self._waiting:
            try:
                patience.check(self._waiting[0].asked)
            except ClaimsUnreachable as error:
                self._fail([self._waiting.popleft()], error)
            else:
                return

    def _fail(self, calls: list[_Call], error: LogError) -> None:
        _settle(calls, [error] * len(calls))

    def _count(self, writes: int) -> None:
        """Tidy up now and then, in a thread: it syncs."""
        self._writes += writes
        if self._writes >= TIDY_EVERY and (self._tidying is None or self._tidying.done()):
            self._writes = 0
            self._tidying = asyncio.get_running_loop().run_in_executor(None, _tidy, self._path)


class _Patience:
    """Ends when nobody got anything done at the ledger for 0.2 s.

    While others get on, it is busy and not unreachable. On a machine so loaded that we wake up
    late, whoever is at the ledger gets a second.
    """

    def __init__(self, file: LedgerFile | None) -> None:
        self._file = file
        self.began = self._moved = time.monotonic()
        self._seen = file.mark() if file else None
        self._late = False

    async def pause(self) -> None:
        """Wait a moment before the next try, and see whether others get on."""
        pause_s, began = random.uniform(LEAST_PAUSE_S, MOST_PAUSE_S), time.monotonic()
        await asyncio.sleep(pause_s)
        now = time.monotonic()
        self._late = self._late or now - began - pause_s > LATE_S
        if (seen := self._file.mark() if self._file else None) != self._seen:
            self._seen, self._moved, self._late = seen, now, False

    def check(self, asked: float) -> None:
        """Raises ClaimsUnreachable for a call of that moment."""
        now = time.monotonic()
        still_s = now - max(self._moved, asked)
        if still_s > (STARVED_S if self._late else ANSWER_S) or now - asked > PATIENCE_S:
            raise ClaimsUnreachable(f"The claims did not answer within {ANSWER_S} s.")


def _share(file: LedgerFile, calls: list[_Call]) -> list[Any]:
    """Run calls in one transaction; what each returned, or the LogError it met."""

    def work(connection: sqlite3.Connection) -> list[Any]:
        return [_answer(connection, call) for call in calls]

    return file.write_at_once(work)


def _answer(connection: sqlite3.Connection, call: _Call) -> Any:
    try:
        return call.work(connection)
    except sqlite3.IntegrityError as error:
        return LogError(f"The ledger refused: {error}.")


def _settle(calls: list[_Call], answers: list[Any]) -> None:
    for call, answer in zip(calls, answers, strict=True):
        if call.answer.done():
            continue
        if isinstance(answer, LogError):
            call.answer.set_exception(answer)
        else:
            call.answer.set_result(answer)


def _tidy(path: Path) -> None:
    with contextlib.suppress(sqlite3.Error, OSError), LedgerFile(path) as file:
        file.tidy()
