"""`handoff explain`: what the policy would do with a handoff, and why."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from connector.clock import Clock
from connector.commands.home import opened
from connector.commands.options import (
    AsJson,
    Category,
    Channel,
    Confidence,
    Intent,
    Language,
    Queue,
    Skill,
    Timeout,
    Urgency,
    Variables,
    handoff,
    settings_of,
)
from connector.commands.output import note, show
from connector.commands.tenant import tenant
from connector.emergency import Declared, in_force
from connector.errors import SettingsError
from connector.escalation.tenant import read_book
from connector.handoff import Handoff
from connector.policy import Policy
from connector.publishing import current
from connector.routing import Decision, decide, under_emergency
from connector.settings import Settings, clock_of

FIRST_YEAR, LAST_YEAR = 1970, 2199


def explain(
    context: typer.Context,
    intent: Intent = None,
    category: Category = None,
    confidence: Confidence = None,
    var: Variables = None,
    channel: Channel = "web",
    language: Language = "en",
    queue: Queue = None,
    skill: Skill = None,
    priority: Urgency = None,
    timeout: Timeout = None,
    at: Annotated[
        str | None, typer.Option(help="When: 2026-11-24T18:00, in the center's zone.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Dry run: the rule, steps and failure path a handoff would get, with the trace."""
    asked = handoff(
        intent=intent,
        category=category,
        confidence=confidence,
        given=var,
        channel=channel,
        language=language,
        queue=queue,
        skill=skill,
        priority=priority,
        timeout_s=timeout,
    )
    decision = asyncio.run(_decide(settings_of(context), asked, at))
    show(decision, as_json=as_json, words=lambda: _words(decision))


async def _decide(settings: Settings, asked: Handoff, at: str | None) -> Decision:
    policy, declared = await asyncio.to_thread(_decides, settings)
    moment = _moment(at, policy.zone) if at else None
    # A sandbox of our own is staffed as it would be at that hour; a tenant only tells of now.
    clock = Clock.at_speed(1.0, moment) if moment else None
    if moment and settings.configured:
        note("Agents are counted as they are now: 8x8 does not tell of another time.")
    async with tenant(settings, clock=clock) as place:
        clock = place.clock or clock_of(place.settings)
        book = await read_book(place.settings, policy, clock)
        now = moment or clock.now()
        decision = decide(policy, asked, book, now)
        return under_emergency(decision, asked, declared, book, now)


def _decides(settings: Settings) -> tuple[Policy, list[Declared]]:
    """The policy, and the emergencies in force now."""
    with opened(settings) as home:
        return current(home.lake), in_force(home.lake, clock_of(settings).now())


def _moment(text: str, zone: str) -> datetime:
    """Naive UTC; a time without an offset is in `zone`."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise SettingsError(f"`{text}` is not a time. Write 2026-11-24T18:00.") from None
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise SettingsError(
            f"`{text}` is out of reach. Give a time from {FIRST_YEAR} to {LAST_YEAR}."
        )
    aware = read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))
    return aware.astimezone(UTC).replace(tzinfo=None)


def _words(decision: Decision) -> str:
    lines = [f"policy version {decision.policy_version}", *decision.trace]
    lines.append(f"priority {decision.priority}, language {decision.language}")
    if decision.required:
        lines.append(f"required context: {', '.join(decision.required)}")
    where = f" {decision.failure_target}" if decision.failure_target else ""
    lines.append(f"if nobody takes it: {decision.failure_path}{where}, “{decision.failure_text}”")
    return "\n".join(lines)
