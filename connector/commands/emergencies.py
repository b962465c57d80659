"""`handoff emergency`: send handoffs elsewhere until a time, from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from connector.access import local_actor
from connector.commands.home import opened
from connector.commands.options import AsJson, settings_of
from connector.commands.output import Format, show, show_rows
from connector.commands.tenant_queues import queue_book
from connector.emergency import (
    Declared,
    Emergency,
    concerned,
    declare,
    end,
    instead,
    known_intents,
    sentence,
)
from connector.emergency import emergencies as every
from connector.emergency.model import TIMEOUT_S
from connector.errors import BadEmergency
from connector.policy import FailurePath
from connector.publishing import current
from connector.settings import clock_of

emergencies = typer.Typer(
    no_args_is_help=True, help="Send handoffs to another queue, or to a failure path, for a while."
)
COLUMNS = (
    "emergency_id",
    "in_force",
    "concerns",
    "instead",
    "declared_at",
    "declared_by",
    "until",
    "ended_at",
    "ended_by",
    "note",
)
Queues = Annotated[
    list[str] | None,
    typer.Option("--for-queue", help="Only handoffs whose first queue this is; repeatable."),
]
Intents = Annotated[
    list[str] | None, typer.Option("--for-intent", help="Only this intent; repeatable.")
]


@emergencies.command("declare")
def declare_emergency(
    context: typer.Context,
    queue: Annotated[
        str | None, typer.Option(help="The queue that takes them: `General (101)` or its name.")
    ] = None,
    failure_path: Annotated[
        str | None, typer.Option(help="Instead of a queue: callback, email, message or external.")
    ] = None,
    text: Annotated[str, typer.Option(help="What the customer is told then.")] = "",
    target: Annotated[str | None, typer.Option(help="Where an external path leads.")] = None,
    for_queue: Queues = None,
    for_intent: Intents = None,
    until: Annotated[
        str | None, typer.Option(help="Until: 2026-11-24T18:00, in the center's zone.")
    ] = None,
    minutes: Annotated[float | None, typer.Option(help="Or for so many minutes from now.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait in the queue.")] = TIMEOUT_S,
    note: Annotated[str | None, typer.Option(help="Why; it stays in the audit.")] = None,
    as_json: AsJson = False,
) -> None:
    """Declare an emergency; connectors follow within two seconds, and it ends by itself."""
    settings = settings_of(context)
    clock = clock_of(settings)
    book = asyncio.run(queue_book(settings, otherwise="Queue names stay as they are written"))
    with opened(settings) as home:
        emergency = Emergency(
            until=_until(until, minutes, clock.now(), lambda: current(home.lake).zone),
            queue=queue,
            timeout_s=timeout,
            failure_path=_path(failure_path, text, target),
            queues=tuple(for_queue or ()),
            intents=tuple(for_intent or ()),
            note=note,
        )
        intents = known_intents(home.lake, current(home.lake), clock.now())
        declared = declare(
            home.lake, emergency, actor=local_actor(), clock=clock, book=book, intents=intents
        )
    said = f"Emergency {declared.emergency_id}: {sentence(declared.emergency)}."
    show(_row(declared, clock.now()), as_json=as_json, words=lambda: said)


@emergencies.command("end")
def end_emergency(
    context: typer.Context,
    emergency_id: Annotated[str, typer.Argument(help="Which, as `list` shows it.", metavar="ID")],
    as_json: AsJson = False,
) -> None:
    """End an emergency before its time."""
    settings = settings_of(context)
    clock = clock_of(settings)
    with opened(settings) as home:
        ended = end(home.lake, emergency_id, actor=local_actor(), clock=clock)
    said = f"Emergency {emergency_id} is over."
    show(_row(ended, clock.now()), as_json=as_json, words=lambda: said)


@emergencies.command("list")
def list_emergencies(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Those that are over too; without it those in force.")
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    as_json: AsJson = False,
) -> None:
    """List emergencies, newest first; times are UTC."""
    settings = settings_of(context)
    now = clock_of(settings).now()
    with opened(settings) as home:
        found = every(home.lake)
    rows = [_row(one, now) for one in found if everything or one.holds(now)]
    show_rows(COLUMNS, rows, Format.JSON if as_json else form)


def _row(declared: Declared, now: datetime) -> dict[str, Any]:
    emergency = declared.emergency
    return {
        "emergency_id": declared.emergency_id,
        "in_force": declared.holds(now),
        "concerns": concerned(emergency),
        "instead": instead(emergency),
        "declared_at": declared.declared_at,
        "declared_by": declared.declared_by,
        "until": emergency.until,
        "ended_at": declared.ended_at,
        "ended_by": declared.ended_by,
        "note": emergency.note,
    }


def _until(
    until: str | None, minutes: float | None, now: datetime, zone: Callable[[], str]
) -> datetime:
    from analytics.metrics.filters import moment

    if (until is None) == (minutes is None):
        raise BadEmergency("Say until when: with --until a time, or with --minutes how long.")
    if until is not None:
        return moment(until, zone())
    try:
        return now + timedelta(minutes=minutes or 0.0)
    except (OverflowError, ValueError):
        raise BadEmergency(f"--minutes {minutes} is no length of time.") from None


def _path(kind: str | None, text: str, target: str | None) -> FailurePath | None:
    if kind is None:
        if text or target:
            raise BadEmergency("A text belongs to a failure path: name it with --failure-path.")
        return None
    try:
        return FailurePath.model_validate({"kind": kind, "text": text, "target": target})
    except ValidationError as error:
        problem = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise BadEmergency(f"--failure-path {kind} cannot be used: {problem}.") from None
