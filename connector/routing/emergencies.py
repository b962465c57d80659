"""What an emergency makes of a decision: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from connector.handoff import Handoff
from connector.queues import QueueBook, split_queue
from connector.routing.decision import Decision, PlannedStep

if TYPE_CHECKING:
    from connector.emergency import Declared, Emergency


def under_emergency(
    decision: Decision,
    handoff: Handoff,
    emergencies: Iterable[Declared],
    book: QueueBook,
    now: datetime,
) -> Decision:
    """The decision as the first of `emergencies` (newest first) that concerns it wants it.

    Its queue takes the place of all steps, and nothing is skipped. Its failure path closes them:
    the attempt ends at once as `no_agents` with reason `closed`, for every step was skipped, and
    each queue is logged as `skipped_closed`. Neither a canary nor an override of the handoff has a
    say, so the propensity is 1. An emergency that is over at `now` (UTC) concerns nobody.
    """
    for declared in emergencies:
        if declared.holds(now) and _concerns(declared.emergency, decision, handoff, book):
            return _overlaid(decision, handoff, declared, book)
    return decision


def _concerns(emergency: Emergency, decision: Decision, handoff: Handoff, book: QueueBook) -> bool:
    if not emergency.queues and not emergency.intents:
        return True
    first = decision.steps[0]
    return handoff.intent in emergency.intents or any(
        _is(text, first, book) for text in emergency.queues
    )


def _is(text: str, step: PlannedStep, book: QueueBook) -> bool:
    """A queue is its id; only where the tenant could not be asked a name has to do."""
    queue_id, name = _found(text, book)
    if queue_id is not None and step.queue_id is not None:
        return queue_id == step.queue_id
    return name.casefold() == step.queue.casefold()


def _found(text: str, book: QueueBook) -> tuple[str | None, str]:
    name, given_id = split_queue(text)
    if given_id is not None:
        return given_id, name
    state = book.resolve(text)
    return (state.id, state.name) if state else (None, name)


def _overlaid(
    decision: Decision, handoff: Handoff, declared: Declared, book: QueueBook
) -> Decision:
    emergency = declared.emergency
    who = (
        f"emergency declared by {declared.declared_by}, until {emergency.until:%Y-%m-%d %H:%M} UTC"
    )
    base = decision._replace(decided_by="emergency", canary_arm=None, propensity=1.0)
    if (path := emergency.failure_path) is not None:
        return base._replace(
            closed=True,
            failure_path=path.kind,
            failure_text=path.text,
            failure_target=path.target,
            trace=(*decision.trace, f"{who}: no step is tried, {path.kind} at once"),
        )
    step = _step(emergency, book)
    agents = "" if step.agents_available is None else f", {step.agents_available} agents available"
    line = f"{who}: only {step.queue} for {step.timeout_s:g} s{agents}"
    return base._replace(
        steps=(step,),
        skill=None,
        language=handoff.language,
        trace=(*decision.trace, line),
    )


def _step(emergency: Emergency, book: QueueBook) -> PlannedStep:
    queue_id, name = _found(emergency.queue or "", book)
    state = book.state(queue_id) if queue_id else None
    return PlannedStep(
        queue_id=queue_id,
        queue=state.name if state else name,
        timeout_s=emergency.timeout_s,
        agents_available=state.available if state else None,
    )
