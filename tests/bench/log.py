"""Figures of the attempt log: journal, ledger and lake.

Run `./run bench log --json`; one object, milliseconds unless the name says else.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connector.log import Entry, Flusher, Home, Ledger, Outbox, maintain, open_home
from connector.settings import Settings

IN_FLIGHT, HANDOFFS = 100, 3_000
NOW = datetime(2026, 11, 24, 12)


def entries(number: int) -> tuple[Entry, Entry, Entry]:
    """Start, event and end of an attempt of usual size."""
    attempt_id, ended = f"attempt-{number:06d}", NOW + timedelta(seconds=30)
    attempt: dict[str, Any] = {
        "attempt_id": attempt_id,
        "handoff_id": f"handoff-{number:06d}",
        "conversation_id": f"conversation-{number:06d}",
        "tenant": "sandbox",
        "bot": "bank",
        "source": "test",
        "started_at": NOW,
        "channel": "web",
        "language": "en",
        "intent": "reportlostcard",
        "category": "reportlostcard",
        "confidence": 0.9,
        "inputs": {},
        "policy_version": 1,
        "rule": "lost card",
        "decided_by": "rule",
        "propensity": 1.0,
        "first_queue_id": "102",
        "first_queue": "Cards",
        "queue_id": "102",
        "queue": "Cards",
        "queues_tried": ["Cards"],
        "priority": "high",
        "timeout_s": 60.0,
        "context_required": ["transcript", "customer_name", "category", "card_number"],
        "context_present": ["transcript", "customer_name", "category"],
        "context_cut": [],
        "delivered": True,
        "completeness": 0.75,
    }
    end = attempt | {"ended_at": ended, "outcome": "accepted", "wait_s": 30.0, "agent_id": "7"}
    step = {"step": 1, "queue_id": "102", "queue": "Cards", "offered_at": NOW, "left_at": ended}
    step |= {"attempt_id": attempt_id, "wait_s": 30.0, "timeout_s": 60.0, "result": "accepted"}
    return (
        Entry("started", attempt_id, NOW, {"attempt": attempt}),
        Entry("event", attempt_id, NOW, {"event": "created", "conversation": "c"}),
        Entry("ended", attempt_id, ended, {"attempt": end, "steps": [step]}),
    )


async def timed(
    work: Callable[[int], Awaitable[None]], count: int, *, pause_s: float = 0.0
) -> tuple[list[float], float]:
    """Milliseconds of each of `count` runs, 100 at once with pauses, and runs per second."""
    numbers, took = iter(range(count)), []

    async def runner() -> None:
        for number in numbers:
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))
            began = time.perf_counter()
            await work(number)
            took.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*(runner() for _ in range(IN_FLIGHT)))
    return took, count / (time.perf_counter() - began)


def p(values: list[float], share: float) -> float:
    return round(sorted(values)[int(len(values) * share)], 3)


async def journal_and_ledger(home: Home) -> dict[str, float]:
    outbox, ledger = Outbox(home.outbox_path, "bench-1"), Ledger(home.ledger_path)
    prepared = [entries(number) for number in range(HANDOFFS)]

    async def journal(number: int) -> None:
        await outbox.append(prepared[number][0])

    async def claims(number: int) -> None:
        await ledger.claim(f"only-{number}", f"only-{number}", "bench-1", at=NOW)

    async def handoff(number: int) -> None:
        started, event, ended = prepared[number]
        await ledger.claim(started.data["attempt"]["handoff_id"], started.attempt_id, "b", at=NOW)
        await outbox.append(started)
        outbox.put(event)
        await ledger.set_conversation(started.attempt_id, f"conversation-{number}")
        await outbox.append(ended)
        await ledger.finish(started.attempt_id, "{}")

    claim_ms, claims_per_s = await timed(claims, HANDOFFS)
    # With the 300 a second that HTTP allows at best, as a busy connector would.
    handoff_ms, handoffs_per_s = await timed(handoff, HANDOFFS, pause_s=IN_FLIGHT / 300)
    single = []
    for number in range(200):
        began = time.perf_counter()
        await ledger.claim(f"single-{number}", f"single-{number}", "b", at=NOW)
        single.append((time.perf_counter() - began) * 1000)
    await outbox.close()
    outbox = Outbox(home.outbox_path, "bench-2")
    journal_ms, lines_per_s = await timed(journal, HANDOFFS)
    await outbox.close()
    await ledger.close()
    return {
        "journal_ms_p50": p(journal_ms, 0.5),
        "journal_ms_p99": p(journal_ms, 0.99),
        "journal_lines_per_s": round(lines_per_s),
        "claim_alone_ms_p50": p(single, 0.5),
        "claim_ms_p50": p(claim_ms, 0.5),
        "claim_ms_p99": p(claim_ms, 0.99),
        "claims_per_s": round(claims_per_s),
        "log_of_a_handoff_ms_p50": p(handoff_ms, 0.5),
        "log_of_a_handoff_ms_p99": p(handoff_ms, 0.99),
        "logs_of_handoffs_per_s": round(handoffs_per_s),
    }


async def _journaled(home: Home, instance: str, count: int) -> None:
    outbox = Outbox(home.outbox_path, instance)
    for number in range(count):
        for entry in entries(number):
            outbox.put(entry)
    await outbox.close()


def lake(home: Home) -> dict[str, float]:
    flusher = Flusher(home, instance="bench")
    took: dict[int, list[float]] = {1: [], 250: []}
    for count, times in took.items():
        for turn in range(10):
            asyncio.run(_journaled(home, f"flush-{count}-{turn}", count))
            began = time.perf_counter()
            flusher.flush_now()
            times.append((time.perf_counter() - began) * 1000)
    asyncio.run(_journaled(home, "backlog", 10_000))
    began = time.perf_counter()
    flusher.flush_now()
    backlog_s = time.perf_counter() - began
    began = time.perf_counter()
    maintain(home)
    return {
        "flush_1_attempt_ms": round(statistics.median(took[1]), 1),
        "flush_250_attempts_ms": round(statistics.median(took[250]), 1),
        "backlog_lines_per_s": round(30_000 / backlog_s),
        "maintenance_ms": round((time.perf_counter() - began) * 1000, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object and nothing else")
    as_json = parser.parse_args().json
    with tempfile.TemporaryDirectory() as folder:
        home = open_home(Settings.load(Path(folder)))
        figures = asyncio.run(journal_and_ledger(home))
        Flusher(home, instance="bench").flush_now()
        figures |= lake(home)
        home.close()
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:28} {value:>12,}")


if __name__ == "__main__":
    main()
