"""Finds mistakes in a world file and says where they are and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from connector.errors import DataFileError
from connector.sandbox.parts import Agent, Queue

if TYPE_CHECKING:
    from connector.sandbox.world import World


_WORDS = {
    "missing": ("is missing.", "Add it."),
    "unexpected_keyword_argument": (
        "is not known here.",
        "Remove it, or look for a spelling mistake.",
    ),
}


def mistake(error: ValidationError, text: str, path: Path) -> DataFileError:
    problem = error.errors()[0]
    place = tuple(part for part in problem["loc"] if part != "[key]")
    said = problem["msg"].removeprefix("Value error, ")
    message, fix = _WORDS.get(problem["type"], (f"{said}.", "Correct this value."))
    return DataFileError(
        message,
        file=path,
        line=_line_of(text, place),
        field=".".join(str(part) for part in place) or None,
        fix=fix,
    )


def names_hold(world: World, text: str, path: Path) -> None:
    """Every name that is used must be there, and every id only once."""

    def check(name: str | None, known: Mapping[str, Any] | set[str], *place: str | int) -> None:
        if name is not None and name not in known:
            raise DataFileError(
                f"`{name}` is not in this file.",
                file=path,
                line=_line_of(text, place),
                field=".".join(str(part) for part in place),
                fix=f"Write one of {', '.join(sorted(known))}.",
            )

    queues = _ids(world.queues, "queues", text, path)
    _ids(world.agents, "agents", text, path)
    for at, queue in enumerate(world.queues):
        check(queue.schedule, world.schedules, "queues", at, "schedule")
        check(queue.twin_of, queues, "queues", at, "twin_of")
    for at, agent in enumerate(world.agents):
        for queue_id in agent.queues:
            check(queue_id, queues, "agents", at, "queues")
        for shift in agent.shifts:
            check(shift, world.shifts, "agents", at, "shifts")
    intents = {intent.name for intent in world.intents}
    for at, intent in enumerate(world.intents):
        check(intent.queue, queues, "intents", at, "queue")
    for queue_id in world.handle.queues:
        check(queue_id, queues, "handle", "queues", queue_id)
    for name in (*world.handle.intents, *world.patience.intents):
        check(name, intents, "handle" if name in world.handle.intents else "patience", "intents")
    check(world.arrivals.vip_queue, queues, "arrivals", "vip_queue")
    check(world.afterwards.transfer_to, queues, "afterwards", "transfer_to")
    try:
        ZoneInfo(world.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise DataFileError(
            f"`{world.zone}` is not a time zone.",
            file=path,
            line=_line_of(text, ("zone",)),
            field="zone",
            fix="Write one such as Europe/Berlin.",
        ) from None


def _ids(parts: Sequence[Queue | Agent], name: str, text: str, path: Path) -> set[str]:
    seen: set[str] = set()
    for at, part in enumerate(parts):
        if part.id in seen:
            raise DataFileError(
                f"the id `{part.id}` is there twice.",
                file=path,
                line=_line_of(text, (name, at, "id")),
                field=f"{name}.{at}.id",
                fix="Give each its own.",
            )
        seen.add(part.id)
    return seen


def _line_of(text: str, place: tuple[str | int, ...]) -> int | None:
    """The line of the deepest part of `place` that can be found, counted from 1."""
    lines = text.splitlines()
    found, end = -1, len(lines)
    for at, part in enumerate(place):
        if isinstance(part, int):
            continue
        following = place[at + 1] if at + 1 < len(place) else 0
        index = following if isinstance(following, int) else 0
        prefix = r"([\w.\"-]+\.)?" if at else ""
        name = rf"\"?{re.escape(part)}\"?"
        headers = _matching(rf"\s*\[+{prefix}{name}[\].]", lines, found + 1, len(lines))
        keys = _matching(rf"\s*{name}\s*[=.]", lines, found + 1, end)
        if keys and (at or not headers):
            found = keys[0]
        elif index < len(headers):
            found = headers[index]
            end = next(iter(_matching(r"\s*\[", lines, found + 1, len(lines))), len(lines))
        else:
            break
    return found + 1 if found >= 0 else None


def _matching(pattern: str, lines: list[str], start: int, end: int) -> list[int]:
    return [number for number in range(start, end) if re.match(pattern, lines[number])]
