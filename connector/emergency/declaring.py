"""Declaring an emergency, and ending it early: both audited in the transaction that does it."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connector import audit
from connector.access import Actor, Role
from connector.clock import Clock
from connector.emergency import table
from connector.emergency.intents import check_intents
from connector.emergency.model import Declared, Emergency
from connector.emergency.wording import concerned, instead
from connector.errors import BadEmergency
from connector.queues import QueueBook, split_queue

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from connector.log import Lake

LONGEST = timedelta(days=7)
MAX_TEXT, MAX_TIMEOUT_S = 2_000, 86_400


def declare(
    lake: Lake,
    emergency: Emergency,
    *,
    actor: Actor,
    clock: Clock,
    book: QueueBook | None = None,
    intents: Collection[str] | None = None,
) -> Declared:
    """Put an emergency in force; running connectors follow within two seconds.

    With a tenant's `book`, queues have to be in it and are kept as `Name (id)`; with `intents`,
    those it concerns have to be among them. Raises NotAllowed, and BadEmergency that says what to
    correct.
    """
    actor.must_be(Role.MANAGER, to="declare an emergency")
    now = clock.now()
    wanted = _resolved(_tidied(emergency), book)
    _check(wanted, now)
    if intents is not None:
        check_intents(wanted.intents, intents)
    declared = Declared(secrets.token_hex(8), now, actor.name, wanted)

    def once(cursor: DuckDBPyConnection) -> Declared:
        table.append(cursor, declared)
        audit.record(
            cursor,
            actor,
            "declare emergency",
            declared.emergency_id,
            before={},
            after=_told(declared),
            note=wanted.note,
        )
        return declared

    return lake.transaction(once)


def end(lake: Lake, emergency_id: str, *, actor: Actor, clock: Clock) -> Declared:
    """End an emergency before its time; running connectors follow within two seconds.

    Raises NotAllowed, and BadEmergency when it is not known or over already.
    """
    actor.must_be(Role.MANAGER, to="end an emergency")

    def once(cursor: DuckDBPyConnection) -> Declared:
        declared, now = table.found(cursor, emergency_id), clock.now()
        if declared is None:
            raise BadEmergency(f"There is no emergency `{emergency_id}`: `list` shows their ids.")
        if not declared.holds(now):
            raise BadEmergency(f"Emergency `{emergency_id}` is over already.")
        ended = replace(declared, ended_at=now, ended_by=actor.name)
        table.append(cursor, ended)
        audit.record(
            cursor,
            actor,
            "end emergency",
            emergency_id,
            before=_told(declared),
            after={"ended": f"{now:%Y-%m-%d %H:%M:%S} UTC"},
        )
        return ended

    return lake.transaction(once)


def _told(declared: Declared) -> dict[str, str]:
    emergency = declared.emergency
    return {
        "concerns": concerned(emergency),
        "instead": instead(emergency),
        "until": f"{emergency.until:%Y-%m-%d %H:%M:%S} UTC",
    }


def _tidied(emergency: Emergency) -> Emergency:
    return replace(
        emergency,
        queue=(emergency.queue or "").strip() or None,
        queues=_each_once(emergency.queues),
        intents=_each_once(emergency.intents),
        note=(emergency.note or "").strip() or None,
    )


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))


def _resolved(emergency: Emergency, book: QueueBook | None) -> Emergency:
    """With ids beside the names of queues. Raises BadEmergency for one the tenant does not have."""
    if book is None or not book.known:
        return emergency
    queue = _written(emergency.queue, book) if emergency.queue else None
    queues = tuple(_written(name, book) for name in emergency.queues)
    return replace(emergency, queue=queue, queues=queues)


def _written(text: str, book: QueueBook) -> str:
    _, given_id = split_queue(text)
    # An id is the tenant's own; what the policy's names are mapped to does not concern it.
    state = book.state(given_id) if given_id else book.resolve(text)
    if state is None:
        names = ", ".join(sorted(f"{known.name} ({known.id})" for known in book))
        raise BadEmergency(f"The tenant has no queue `{text}`. It has {names}.")
    return f"{state.name} ({state.id})"


def _check(emergency: Emergency, now: datetime) -> None:
    path = emergency.failure_path
    if (emergency.queue is None) == (path is None):
        raise BadEmergency("Say where customers go instead: to one queue, or to a failure path.")
    if path is not None and not path.text.strip():
        raise BadEmergency("A failure path needs a text: it is what the customer is told.")
    if path is not None and len(path.text) > MAX_TEXT:
        raise BadEmergency(f"The text is longer than {MAX_TEXT:,} characters. Shorten it.")
    if not 0 < emergency.timeout_s <= MAX_TIMEOUT_S:
        raise BadEmergency(f"The timeout must be between 0 and {MAX_TIMEOUT_S:,} seconds.")
    if emergency.until <= now:
        raise BadEmergency("It would be over already: choose a time that is still to come.")
    if emergency.until > now + LONGEST:
        raise BadEmergency(
            f"An emergency lasts {LONGEST.days} days at most. What is to stay belongs into the "
            "policy."
        )
