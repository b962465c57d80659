"""Two sides of the same attempts, next to each other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

import numpy as np

from analytics.preview.alike import Codes, Flags
from analytics.preview.attempts import Attempts
from analytics.preview.side import Side
from analytics.preview.ways import Way

T = TypeVar("T", bound=Hashable)
Queue = tuple[str | None, str | None]
NOWHERE: Queue = (None, None)


class Compared:
    """`decided` are the attempts that both sides decide; `moved` and `redirected` are among them.

    `queues` are those that are tried first, as id and name; `first` and `last` are each attempt's
    place in it before and after, -1 where a side does not decide. The rest cannot be decided for
    the reason at `reason` in `reasons`.
    """

    def __init__(self, before: Side, after: Side, attempts: Attempts) -> None:
        self.decided: Flags = (before.way >= 0) & (after.way >= 0)
        was, will, _ = _numbered(before, after, lambda way: way._replace(language=None))
        self.moved: Flags = self.decided & ((was != will) | _speak(before, after, attempts))
        self.first, self.last, self.queues = _numbered(before, after, _first)
        self.redirected: Flags = self.decided & (self.first != self.last)
        self.reasons = [f"not recorded: {lacks}" for lacks in (*before.inputs, *after.inputs)]
        self.reason: Codes = np.where(
            before.lacking >= 0, before.lacking, len(before.inputs) + after.lacking
        )


def _numbered(before: Side, after: Side, part: Callable[[Way], T]) -> tuple[Codes, Codes, list[T]]:
    """A part of each attempt's way as a place in all that occur; -1 where it has no way."""
    places: dict[T, int] = {}

    def placed(ways: Iterable[Way]) -> Codes:
        found = [places.setdefault(part(way), len(places)) for way in ways]
        # The last is what an attempt without a way, whose place is -1, finds.
        return np.array([*found, -1], dtype=np.int64)

    was, will = placed(before.ways)[before.way], placed(after.ways)[after.way]
    return was, will, list(places)


def _speak(before: Side, after: Side, attempts: Attempts) -> Flags:
    """Where agents of another language are asked for; a way without one asks for the customer's."""
    was, will, languages = _numbered(before, after, lambda way: way.language)
    own = attempts.places("language", languages)
    asked = np.array([language is not None for language in languages] + [False], dtype=bool)
    found: Flags = np.where(asked[was], was, own) != np.where(asked[will], will, own)
    return found


def _first(way: Way) -> Queue:
    stop = way.first
    return (stop.queue_id, stop.queue) if stop else NOWHERE
