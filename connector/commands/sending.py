"""`handoff send`: perform one handoff."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated
from urllib.parse import quote

import typer

from connector.commands.interrupting import INTERRUPTED, interrupts, until_interrupted
from connector.commands.options import (
    AsJson,
    Category,
    Channel,
    Confidence,
    Intent,
    Language,
    Name,
    Queue,
    Skill,
    Text,
    Timeout,
    Urgency,
    Variables,
    handoff,
    settings_of,
)
from connector.commands.output import note, show
from connector.commands.tenant import tenant
from connector.errors import HandoffError, NoSuchAttempt
from connector.handoff import Customer, Handoff, Outcome, Result
from connector.loopback import call
from connector.service.bodies import HandoffState
from connector.service.server import service_address
from connector.settings import Settings

POLL_S = 20.0
_TROUBLE = {Outcome.REJECTED, Outcome.FAILED, Outcome.UNKNOWN}


def send(
    context: typer.Context,
    intent: Intent = None,
    category: Category = None,
    confidence: Confidence = None,
    var: Variables = None,
    name: Name = None,
    email: Annotated[str | None, typer.Option(help="The customer's e-mail address.")] = None,
    phone: Annotated[str | None, typer.Option(help="The customer's phone number.")] = None,
    best_time: Annotated[
        str | None, typer.Option(help="When to call or write should nobody take them now.")
    ] = None,
    text: Text = None,
    channel: Channel = "web",
    language: Language = "en",
    queue: Queue = None,
    skill: Skill = None,
    priority: Urgency = None,
    timeout: Timeout = None,
    handoff_id: Annotated[
        str | None, typer.Option("--id", help="The handoff's own key; the same is done once.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Return with the outcome.")] = False,
    as_json: AsJson = False,
) -> None:
    """Hand a customer to an agent.

    Goes through the service that runs on this home. Without one the handoff is performed here, and
    the command stays until its outcome is known. Exit code 1 when it was rejected or failed. With
    Ctrl-C the customer leaves.
    """
    asked = handoff(
        intent=intent,
        category=category,
        confidence=confidence,
        channel=channel,
        language=language,
        queue=queue,
        skill=skill,
        priority=priority,
        timeout_s=timeout,
        given=var,
        text=text,
        customer=Customer(name=name, email=email, phone=phone, best_time=best_time),
        handoff_id=handoff_id,
    )
    settings = settings_of(context)
    address = _service(settings)
    if address is not None:
        state, interrupted = _through(address, settings, asked, wait)
    else:
        if not wait:
            note("No service runs on this home, so this command waits for the outcome itself.")
        result, interrupted = asyncio.run(_perform(settings, asked))
        state = HandoffState(**result.model_dump())
    show(state, as_json=as_json, words=lambda: _words(state))
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    if state.outcome in _TROUBLE:
        raise typer.Exit(1)


def _service(settings: Settings) -> str | None:
    """The service to go through: the one that runs on this home, when it has a tenant."""
    address = service_address(settings.home)
    if address is None or settings.configured:
        return address
    try:
        call(address, "GET", "/readyz")
    except HandoffError:
        note("The service that runs on this home has no tenant.")
        return None
    return address


def _through(
    address: str, settings: Settings, asked: Handoff, wait: bool
) -> tuple[HandoffState, bool]:
    """The handoff as it stands, or its outcome, and whether Ctrl-C made the customer leave."""
    token = settings.tokens[0].get_secret_value() if settings.tokens else None
    body = asked.model_dump(mode="json", exclude_none=True)
    found = call(address, "POST", "/v1/handoffs", body, token=token)
    one, interrupted = f"/v1/handoffs/{quote(asked.handoff_id, safe='')}", False
    try:
        while wait and found["outcome"] is None:
            path = f"{one}/wait?timeout_s={POLL_S:g}"
            found = call(address, "GET", path, token=token, timeout_s=POLL_S + 10)
    except KeyboardInterrupt:
        interrupted = True
        found = call(address, "POST", f"{one}/abandon", token=token, timeout_s=POLL_S)
    return HandoffState.model_validate(found), interrupted


async def _perform(settings: Settings, asked: Handoff) -> tuple[Result, bool]:
    """The result, and whether Ctrl-C made the customer leave."""
    with interrupts() as pressed:
        async with tenant(settings) as place, place.connector() as connector:
            if pressed.is_set():
                raise KeyboardInterrupt

            async def leave() -> None:
                begun = await connector.begin(asked)
                if begun.outcome is None:
                    with contextlib.suppress(NoSuchAttempt):
                        await connector.abandon(asked.handoff_id)

            result = await until_interrupted(connector.hand_off(asked), pressed, leave)
            return result, pressed.is_set()


def _words(state: HandoffState) -> str:
    lines = [f"handoff {state.handoff_id}, attempt {state.attempt_id}", *state.trace]
    if state.outcome is None:
        lines.append(f"waiting in {state.queue or 'a queue'}")
        if state.waiting is not None:
            lines.append(f"“{state.waiting.message}”")
        return "\n".join(lines)
    reason = f" ({state.reason})" if state.reason else ""
    wait = f" after {state.wait_s:.1f} s" if state.wait_s is not None else ""
    lines.append(f"{state.outcome.value}{reason}{wait}")
    if state.agent:
        lines.append(f"agent {state.agent} in {state.queue}")
    if state.context_missing:
        lines.append(f"context missing: {', '.join(state.context_missing)}")
    if state.failure_path:
        where = f" {state.failure_target}" if state.failure_target else ""
        lines.append(f"{state.failure_path}{where}: “{state.failure_text}”")
    return "\n".join(lines)
