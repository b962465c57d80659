"""`handoff replay`: real conversations, each performed as a handoff through the whole path."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from connector.clock import Clock, utc_now
from connector.commands import plans
from connector.commands.home import policy_of
from connector.commands.interrupting import INTERRUPTED, interrupts, until_interrupted
from connector.commands.options import AsJson, settings_of
from connector.commands.output import show
from connector.commands.progress import Progress
from connector.commands.replay import Planned, Replay
from connector.commands.tenant import Place, tenant
from connector.errors import SettingsError
from connector.handoff import Handoff, Outcome, Result
from connector.loopback import call
from connector.sandbox.world import load_world
from connector.settings import Settings

SPEED = 120.0
SHARED_EVERY_S, SHARED_AT_ONCE = 3.0, 100
START_WALL = timedelta(seconds=20)
_TROUBLE = (Outcome.REJECTED, Outcome.FAILED, Outcome.UNKNOWN)


def replay(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A MultiDoGO file (TSV).", metavar="FILE.tsv")],
    arrivals: Annotated[
        Path | None,
        typer.Option(help="Calls of Anonymous Bank: when customers come, how long they stay."),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(min=0.1, max=3600, help="How many seconds of the world pass per second."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Replay only the first N conversations.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed that decides every draw.")] = 1,
    live: Annotated[
        bool, typer.Option("--live", help="Yes, hand these off to agents of the real tenant.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Perform each conversation of a file as a handoff, and count what became of them.

    Runs in a sandbox of its own, at 120 times the speed of the world unless told otherwise. Uses
    the sandbox that runs on this home, at its speed, when neither --arrivals nor --speed is given.
    With Ctrl-C its customers leave and what became of them until then is printed.
    """
    from analytics.history import multidogo

    settings = settings_of(context)
    handoffs = _named_anew(multidogo.conversations(file)[:limit])
    own = not settings.configured or (_in_sandbox(settings) and bool(arrivals or speed))
    if own:
        work = _in_own_sandbox(settings, handoffs, arrivals, speed or SPEED, seed)
    else:
        _check_shared(settings, arrivals, speed, live, len(handoffs))
        work = _in_shared_tenant(settings, handoffs)
    summary = asyncio.run(work)
    summary = {"file": str(file), "arrivals": str(arrivals) if arrivals else None, **summary}
    show(summary, as_json=as_json, words=lambda: _words(summary))
    if summary["interrupted"]:
        raise typer.Exit(INTERRUPTED)
    counted = summary["outcomes"]
    if any(counted[outcome.value] for outcome in _TROUBLE):
        raise typer.Exit(1)


def _named_anew(handoffs: Sequence[Handoff]) -> list[Handoff]:
    """Every replay makes new attempts: the same file may be replayed again."""
    run = secrets.token_hex(4)
    return [
        one.model_copy(
            update={
                "handoff_id": f"{one.handoff_id}-{run}",
                "conversation_id": f"{one.conversation_id}-{run}",
            }
        )
        for one in handoffs
    ]


def _in_sandbox(settings: Settings) -> bool:
    return settings.is_loopback


def _check_shared(
    settings: Settings, arrivals: Path | None, speed: float | None, live: bool, count: int
) -> None:
    """A real tenant runs in real time, and its agents would get every one of these chats."""
    if _in_sandbox(settings):
        return
    if arrivals or speed:
        raise SettingsError("--arrivals and --speed need a sandbox: unset the tenant to use one.")
    if not live:
        raise SettingsError(
            f"This would hand {count:,} conversations to agents of {settings.api_base}. "
            f"Add --live if that is what you want."
        )


async def _in_own_sandbox(
    settings: Settings,
    handoffs: Sequence[Handoff],
    arrivals: Path | None,
    speed: float,
    seed: int,
) -> dict[str, Any]:
    world = load_world()
    zone = (await asyncio.to_thread(policy_of, settings)).zone
    if arrivals is None:
        plan = plans.steady(handoffs, until=utc_now(), zone=world.zone)
    else:
        plan = plans.by_calls(handoffs, arrivals, until=utc_now(), zone=zone, seed=seed)
    first = min(one.starts_at for one in plan)
    # World time runs while sandbox and connector start; what is left of it is jumped over.
    clock = Clock.at_speed(speed, first - START_WALL * speed)
    place = tenant(settings, own=True, world=world, clock=clock, seed=seed)
    async with place as found:
        return await _perform(found, plan, may_jump=True)


async def _in_shared_tenant(settings: Settings, handoffs: Sequence[Handoff]) -> dict[str, Any]:
    async with tenant(settings) as place:
        return await _perform(place, handoffs=handoffs)


async def _perform(
    place: Place,
    plan: Sequence[Planned] = (),
    *,
    handoffs: Sequence[Handoff] = (),
    may_jump: bool = False,
) -> dict[str, Any]:
    with interrupts() as pressed:
        return await _interruptible(place, plan, handoffs, may_jump, pressed)


async def _interruptible(
    place: Place,
    plan: Sequence[Planned],
    handoffs: Sequence[Handoff],
    may_jump: bool,
    pressed: asyncio.Event,
) -> dict[str, Any]:
    began = time.monotonic()
    sandbox = place.settings.api_base if place.settings.is_loopback else None
    async with place.connector() as connector:
        clock, version = connector.clock, connector.policy.version
        plan = plan or plans.from_now_on(handoffs, now=clock.now(), every_s=SHARED_EVERY_S)
        with Progress(len(plan)) as progress:
            replaying = Replay(
                connector,
                sandbox=sandbox,
                may_jump=may_jump,
                at_once=None if may_jump else SHARED_AT_ONCE,
                on_result=progress.count,
            )
            work = replaying.perform(plan)
            results = await until_interrupted(work, pressed, replaying.leave)
        counts = await asyncio.to_thread(_counts, sandbox) if sandbox else None
        ended_at = clock.now()
    return {
        "interrupted": pressed.is_set(),
        "attempts": len({result.attempt_id for result in results}),
        "outcomes": _outcomes(results),
        "sandbox": counts,
        "policy_version": version,
        "speed": place.clock.speed if place.clock else 1.0,
        "first_at": min(one.starts_at for one in plan),
        "last_at": max(one.starts_at for one in plan),
        "ended_at": ended_at,
        "wall_s": round(time.monotonic() - began, 1),
    }


def _counts(sandbox: str) -> Any:
    """What the sandbox itself counted, per queue."""
    return call(sandbox, "GET", "/sandbox/summary")["queues"]


def _outcomes(results: Sequence[Result]) -> dict[str, int]:
    found = Counter(result.outcome for result in results)
    return {outcome.value: found[outcome] for outcome in Outcome}


def _words(summary: dict[str, Any]) -> str:
    counted = ", ".join(f"{count:,} {name}" for name, count in summary["outcomes"].items() if count)
    return f"{summary['attempts']:,} attempts in {summary['wall_s']:.0f} s: {counted}"
