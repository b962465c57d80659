"""Which failed calls are made again, and when: only where repeating cannot do the work twice."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from connector.eight.counting import count_retry
from connector.errors import AnswerLost, EightError, NotSent, RateLimited, ServerFault

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
Repeatable = Callable[[EightError], bool]
# Words of a path as 8x8 documents it; everything else in one is an id.
_WORD = re.compile(r"v\d+|[a-z]+(-[a-z]+)*")


def log_retry(details: RetryDetails) -> None:
    """Say which call is made again, when and why; an id, which may lead to a customer, is not."""
    error = details.caused_by
    if not isinstance(error, EightError):
        return
    method, _, path = str(error).partition(": ")[0].partition(" ")
    shown = "/".join(part if _WORD.fullmatch(part) else "…" for part in path.split("/")[1:])
    logger.info(
        "%s /%s failed (%s), attempt %d; once more in %.1f s",
        method,
        shown,
        f"{error.reason}, {error.status}" if error.status else error.reason,
        details.retry_num,
        details.wait_for,
    )


set_on_retry_hooks([log_retry])


def any_fault(error: EightError) -> bool:
    """For reads, and changes that end the same however often they are made."""
    return isinstance(error, NotSent | AnswerLost | RateLimited | ServerFault)


def not_done(error: EightError) -> bool:
    """For what must not happen twice: 8x8 surely did nothing."""
    return isinstance(error, NotSent | RateLimited)


def not_done_or_unavailable(error: EightError) -> bool:
    """For messages: 503 too, which says that the service took nothing."""
    return not_done(error) or error.status == 503


def never(error: EightError) -> bool:
    """For what is stale by the time it could be repeated."""
    return False


@dataclass(frozen=True)
class Repeating:
    """How often and how long; all in wall seconds.

    A wait that 8x8 asks for is kept to when it is at most `longest_asked_s`; a longer one is the
    caller's to decide, and the error says how long.
    """

    attempts: int = 4
    timeout_s: float = 45.0
    first_wait_s: float = 0.2
    longest_wait_s: float = 4.0
    longest_asked_s: float = 30.0

    async def __call__(
        self, call: Callable[[], Awaitable[Result]], repeatable: Repeatable
    ) -> Result:
        """The result of `call`, made again as long as its errors are `repeatable`."""
        try:
            return await call()
        except EightError as error:
            if self.attempts < 2 or not repeatable(error):
                raise
            made: EightError | None = error
        # The retry machinery costs more than a call does, so only a failure enters it; the first
        # attempt inside stands for the one already made.
        async for attempt in stamina.retry_context(
            on=lambda error: self._backoff(error, repeatable),
            attempts=self.attempts,
            timeout=self.timeout_s,
            wait_initial=self.first_wait_s,
            wait_max=self.longest_wait_s,
            wait_jitter=self.first_wait_s,
        ):
            with attempt:
                if made is not None:
                    failure, made = made, None
                    raise failure
                count_retry()
                return await call()
        raise AssertionError("stamina lets the last error through")

    def _backoff(self, error: Exception, repeatable: Repeatable) -> bool | float:
        if not isinstance(error, EightError) or not repeatable(error):
            return False
        asked = error.retry_after_s
        if asked is None:
            return True
        if asked > self.longest_asked_s:
            return False
        # Many wait for the same moment: spread them out behind it, never before it.
        return asked + random.uniform(0, self.first_wait_s)
